"""An in-place function called by its old name without the underscore.

Functions that change their argument end in `_` since torch 0.4: `nn.init.xavier_uniform_`, `clip_grad_norm_`. The old names
still work, with a FutureWarning.

Example:

    net = nn.Linear(8, 3)
    nn.init.xavier_uniform(net.weight)  # error
    nn.utils.clip_grad_norm(net.parameters(), 1.0)  # error

Use instead:

    net = nn.Linear(8, 3)
    nn.init.xavier_uniform_(net.weight)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)

Not reported: functions that never had an underscore.

    gain = nn.init.calculate_gain("relu")

At run time: `FutureWarning: nn.init.xavier_uniform is now deprecated in favor of nn.init.xavier_uniform_`.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Finding, Level
from lrcheck.rule import rule

from ._uses import findings


@rule("LR608", Level.WARNING)
def check(use: ApiUse) -> Iterator[Finding]:
    yield from findings(use, "LR608")
