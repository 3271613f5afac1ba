"""Training that nobody can repeat.

Weights, the order of the samples and dropout are random. Without a seed two runs of one program differ, and a change that
helps cannot be told from luck: small models differ by several percent from run to run.

Off by default: select it by its code or name (`--select DEFAULT,LR512`).

Example:

    net = nn.Linear(20, 4)  # error
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Use instead:

    torch.manual_seed(0)
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Not reported: a seed that is set somewhere else.

    set_seed(options.seed)
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in loader:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Not reported: a program that trains nothing.

    net = nn.Linear(20, 4)
    scores = net(x)

At run time: another loss in every run.
"""

from collections.abc import Iterator

from lrcheck.events import UnseededTraining
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.rule import rule


@rule("LR512", Level.INFO, default=False)
def check(training: UnseededTraining) -> Iterator[Finding]:
    seed = f"{training.torch}.manual_seed(0)"
    yield Finding(
        title="nothing seeds torch before the training",
        at=Label(training.site, f"the weights of `{training.name}` are others in every run"),
        note="two runs give different results: a change that helps cannot be told from luck",
        help="seed torch at the start of the program: `torch.manual_seed(0)`",
        fix=Fix(f"seed torch: `{seed}`", (Edit(EditKind.INSERT_BEFORE, training.site, seed),), Safety.SAFE)
        if training.torch
        else None,
    )
