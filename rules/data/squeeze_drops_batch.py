"""A squeeze that takes the batch along.

`.squeeze()` removes every dimension of size 1. For the outputs of a batch, shaped (N, 1), it gives (N,): but a last batch
with a single sample becomes a number without dimensions, and the loss raises or broadcasts.

Example:

    net = nn.Linear(20, 1)
    for x, y in batches:
        loss = F.binary_cross_entropy_with_logits(net(x).squeeze(), y)  # error

Use instead:

    net = nn.Linear(20, 1)
    for x, y in batches:
        loss = F.binary_cross_entropy_with_logits(net(x).squeeze(1), y)

Not reported: a batch of a fixed size above 1, or a dimension that is named.

    net = nn.Linear(20, 1)
    for step in loader:
        loss = F.mse_loss(net(torch.zeros(8, 20)).squeeze(), torch.zeros(8))

Not reported: outputs that have no dimension of size 1.

    net = nn.Linear(20, 4)
    for x, y in batches:
        loss = F.cross_entropy(net(x).squeeze(), y)

Not reported: data that is no batch of a loader.

    net = nn.Linear(20, 1)
    samples = torch.cat([torch.normal(0.0, spread), torch.normal(1.0, spread)])
    for x, y in batches:
        loss = F.mse_loss(net(samples).squeeze(), prices)

Not reported: a loop over steps, which goes through no batches, and a loss outside of every loop.

    net = nn.Linear(20, 1)
    for step in range(1000):
        loss = F.mse_loss(net(samples).squeeze(), prices)
    loss = F.mse_loss(net(samples).squeeze(), prices)

At run time: an error in the last batch of an epoch, where one sample is left; a run looks at that batch, also in an evaluation.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Operation, Shape
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import replace
from lrcheck.rule import rule


@rule("LR522", Level.WARNING)
def check(call: LossCall) -> Iterator[Finding]:
    squeezed = call.input.squeezed
    if squeezed is None or squeezed.operand is None or not call.training:
        return
    before = squeezed.operand
    shape = before.shape
    if squeezed.dim == 0:
        yield _gone(squeezed, shape or ())
        return
    if shape is None and "constant" in before.roots:
        return
    columns = before.out_features if shape is None else shape[-1]
    if columns != 1 or (shape is not None and (shape[1:] not in _ONE or isinstance(shape[0], int))):
        return
    text = squeezed.site.text
    better = f"{text[: -len('()')]}(1)" if text.endswith("squeeze()") and len(shape or ()) == 2 else ""
    yield Finding(
        title="`squeeze()` also removes a batch of one sample",
        at=Label(squeezed.site, "every dimension of size 1 goes"),
        because=(call.label("expects one value per sample"),),
        note="raises or broadcasts when the last batch holds one sample",
        help="name the dimension: `squeeze(-1)`",
        fix=Fix(f"name the dimension: `{better}`", replace(squeezed.site, better), Safety.SAFE) if better else None,
    )


_ONE = ((1,), (1, 1, 1))
"""One value per sample: a column, or what is left of an image."""


def _gone(squeezed: Operation, shape: Shape) -> Finding:
    """Seen in a run: the last batch held one sample, and its dimension went."""
    return Finding(
        title="`squeeze()` removes a batch of one sample",
        at=Label(
            squeezed.site, f"the last batch has one sample: of ({', '.join(map(str, shape))}) its features are left"
        ),
        note="what follows takes features for samples: it raises, or counts and compares something else",
        help="name the dimensions: `flatten(1)`",
        level=Level.ERROR,
    )
