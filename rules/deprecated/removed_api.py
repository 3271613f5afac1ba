"""Other API that torch removed or deprecated.

The table of old names in `lrcheck.knowledge` says for each one since when, and what took its place. A name that the
torch in use has no longer is an error, one that warns a warning, one that only has a successor an information.

Example:

    a = torch.eye(3)
    values = torch.symeig(a)  # error
    numbers = torch.range(0, 3)  # error

Use instead:

    a = torch.eye(3)
    values = torch.linalg.eigh(a)
    numbers = torch.arange(0, 4)

Not reported: functions of the same name elsewhere.

    import numpy as np

    q, r = np.linalg.qr(np.eye(3))

At run time: `RuntimeError: This function was deprecated since version 1.9 and is now removed`, `AttributeError`, or a warning.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Finding
from lrcheck.rule import rule

from ._uses import findings


@rule("LR619")
def check(use: ApiUse) -> Iterator[Finding]:
    yield from findings(use, "LR619")
