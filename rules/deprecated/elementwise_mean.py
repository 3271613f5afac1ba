"""A reduction called `elementwise_mean`.

Torch 0.4.1 named the mean `elementwise_mean`, torch 1.0 renamed it to `mean`. The old name still gives the mean; torch warns
only when the loss is computed, not when it is constructed.

Example:

    criterion = nn.MSELoss(reduction="elementwise_mean")  # error

Use instead:

    criterion = nn.MSELoss(reduction="mean")

Not reported: the other reductions.

    criterion = nn.MSELoss(reduction="sum")

At run time: `UserWarning: reduction='elementwise_mean' is deprecated` in the first training step.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import LEGACY_REDUCTION, REDUCTION_ONLY
from lrcheck.rule import rule

from ._arguments import argument_of

SINCE = "1.0"


@rule("LR602", Level.WARNING)
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name not in LEGACY_REDUCTION and use.name not in REDUCTION_ONLY:
        return
    reduction = argument_of(use, "reduction", LEGACY_REDUCTION.get(use.name, (None, None, None))[2])
    if reduction is None or reduction.value != "elementwise_mean" or not target.get().reaches(use.name, SINCE):
        return
    yield Finding(
        title="`elementwise_mean` was renamed to `mean`",
        at=Label(reduction.site, "torch 1.0 renamed it"),
        note="torch warns only when the loss is computed",
        fix=Fix('write `reduction="mean"`', (Edit(EditKind.REPLACE, reduction.site, 'reduction="mean"'),), Safety.SAFE),
    )
