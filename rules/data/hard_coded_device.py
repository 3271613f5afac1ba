"""A device that the machine may not have.

`.cuda()` and `torch.device("cuda:0")` raise `Found no NVIDIA driver on your system` on every machine without one: the script
runs on its author's machine only. On a machine with several GPUs, `.cuda()` next to `cuda:1` splits the program over two.

Example:

    device = torch.device("cuda:0")  # error
    net = nn.Linear(20, 4).to(device)
    out = net(x.cuda())

Use instead:

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = nn.Linear(20, 4).to(device)
    out = net(x.to(device))

Not reported: a device used where a test found it.

    net = nn.Linear(20, 4)
    if torch.cuda.is_available():
        net.cuda()

Not reported: a program that stops without one.

    assert torch.cuda.is_available()
    net = nn.Linear(20, 4).cuda()

Not reported: a switch, or a device from the command line.

    use_gpu = True
    net = nn.Linear(20, 4)
    if use_gpu:
        net = net.cuda()
    net = net.to(options.device).cuda(options.gpu)

Not reported: a device that a switch chooses.

    use_gpu = True
    device = torch.device("cuda" if use_gpu else "cpu")
    net = nn.Linear(20, 4).to(device)

Not reported: the same, as statements.

    number, name = 0, "cpu"
    if number >= 0:
        name = f"cuda:{number}"
    net = nn.Linear(20, 4).to(name)

Not reported: one device or the other by an attribute of the program.

    class Config:
        gpu = True

    device = torch.device("cuda") if Config.gpu else torch.device("cpu")
    net = nn.Linear(20, 4).to(device)

Not reported: the default of a parameter, which a caller may replace.

    class Net(nn.Module):
        def __init__(self, device=torch.device("cuda:0")):
            super().__init__()
            self.device = device

Not reported: distributed training, which is for machines with accelerators.

    torch.distributed.init_process_group("nccl")
    net = nn.Linear(20, 4).cuda()

At run time: `RuntimeError: Found no NVIDIA driver on your system`.
"""

import re
from collections.abc import Iterator

from lrcheck.events import DeviceChoice
from lrcheck.findings import Edit, Finding, Fix, Label, Level, Safety
from lrcheck.fixing import replace
from lrcheck.rule import rule


@rule("LR502", Level.WARNING)
def check(choice: DeviceChoice) -> Iterator[Finding]:
    better = f'torch.device("{choice.kind.partition(":")[0]}" if torch.cuda.is_available() else "cpu")'
    edits = _with_fallback(choice, better)
    yield Finding(
        title=f"`{choice.kind}` is used without a fallback",
        at=Label(choice.site, "no path for machines without it"),
        because=tuple(Label(site, "and here") for site in choice.uses),
        note="raises on a machine without this device",
        help="choose the device once, with a fallback, and use `.to(device)`",
        fix=Fix(f"choose a device that is there: `{better}`", edits, Safety.UNSAFE) if edits else None,
    )


def _with_fallback(choice: DeviceChoice, better: str) -> tuple[Edit, ...]:
    """The device gets a fallback, and every `.cuda()` becomes `.to(device)`."""
    if not choice.variable or not choice.site.text.startswith("torch.device("):
        return ()
    edits = replace(choice.site, better)
    for site in choice.uses:
        receiver = re.fullmatch(r"(.+)\.cuda\(\)", site.text, re.DOTALL)
        if receiver is None:
            return ()
        edits += replace(site, f"{receiver.group(1)}.to({choice.variable})")
    return edits
