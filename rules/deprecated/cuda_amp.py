"""Mixed precision through `torch.cuda.amp` or `torch.cpu.amp`.

Torch 2.4 moved automatic mixed precision to `torch.amp`, where the device is an argument. The old names still work, with a
FutureWarning.

Example:

    scaler = torch.cuda.amp.GradScaler(enabled=torch.cuda.is_available())  # error
    with torch.cuda.amp.autocast(enabled=torch.cuda.is_available()):  # error
        x = torch.randn(4, 8)

Use instead:

    scaler = torch.amp.GradScaler("cuda", enabled=torch.cuda.is_available())
    with torch.amp.autocast("cuda", enabled=torch.cuda.is_available()):
        x = torch.randn(4, 8)

Not reported: the names that take a device.

    with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
        x = torch.randn(4, 8)

At run time: `FutureWarning: torch.cuda.amp.autocast(args...) is deprecated`.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.findings import Finding, Level
from lrcheck.rule import rule

from ._uses import findings


@rule("LR611", Level.WARNING)
def check(use: ApiUse) -> Iterator[Finding]:
    yield from findings(use, "LR611")
