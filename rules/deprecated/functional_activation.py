"""`F.sigmoid` or `F.tanh`.

Both are old aliases of `torch.sigmoid` and `torch.tanh`. They compute the same and emit no warning: style only.

Example:

    probabilities = F.sigmoid(torch.randn(4, 1))  # error
    hidden = F.tanh(torch.randn(4, 8))  # error

Use instead:

    probabilities = torch.sigmoid(torch.randn(4, 1))
    hidden = torch.tanh(torch.randn(4, 8))

Not reported: functional activations that are not aliases.

    hidden = F.relu(torch.randn(4, 8))

At run time: nothing.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Finding, Level
from lrcheck.rule import rule

from ._uses import findings


@rule("LR603", Level.INFO)
def check(use: ApiUse) -> Iterator[Finding]:
    yield from findings(use, "LR603")
