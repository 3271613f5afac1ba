"""Training goes on in evaluation mode.

`eval()` holds until `train()` is called. An evaluation at the end of each epoch that only calls `eval()` leaves every
following epoch without Dropout and with frozen BatchNorm statistics. With BatchNorm on scikit-learn's digits, a learning
rate of 0.5 and the statistics of the first epoch: {measured: batchnorm}.

For a model that holds neither, the mode changes nothing yet: reported as information.

Example:

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        net.eval()  # error
        with torch.no_grad():
            print(F.cross_entropy(net(x_test), y_test))

Use instead:

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        net.train()
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        net.eval()
        with torch.no_grad():
            print(F.cross_entropy(net(x_test), y_test))

Not reported: the mode is restored to what it was.

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        before = net.training
        net.eval()
        print(net(x_test))
        net.train(before)

Not reported: a part that is frozen on purpose, and a model in evaluation mode from the start (a run asks for statistics of BatchNorm).

    backbone = nn.Sequential(nn.Linear(20, 8), nn.BatchNorm1d(8))
    net = nn.Sequential(backbone, nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        backbone.eval()
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

At run time: `model.training` is false in a forward pass that is followed by `backward()` and `step()`.
"""

from collections.abc import Iterator

from lrcheck.events import Epoch, ModeSwitch, StepEvent
from lrcheck.facts import ModuleFacts
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.rule import rule

from ._modes import before_training, reached, trained, unlearned


@rule("LR207")
def check(epoch: Epoch) -> Iterator[Finding]:
    if not epoch.whole:
        return
    for owner, forward in trained(epoch):
        switches = [step for step in epoch.events if isinstance(step.event, ModeSwitch) and step.event.module is owner]
        module = owner if isinstance(owner, ModuleFacts) else None
        if not switches or any(step.event.training is not False for step in switches):  # type: ignore[attr-defined]
            continue
        if epoch.unlearned:
            yield unlearned(switches[-1], forward)
        deeper = module is not None and module.depth > epoch.depth
        if not (deeper or reached(epoch, owner) or before_training(epoch, switches[0]) or _is_another_trained(epoch)):
            yield _finding(switches[0], forward, module, _fix(epoch, switches[0]))


def _is_another_trained(epoch: Epoch) -> bool:
    """A module that is not known goes back to training, one of a list for example: it may be this one."""
    switches = (step.event for step in epoch.events if isinstance(step.event, ModeSwitch))
    return any(switch.training is not False and not isinstance(switch.module, ModuleFacts) for switch in switches)


def _finding(switch: StepEvent, forward: StepEvent, module: ModuleFacts | None, fix: Fix | None) -> Finding:
    held = module is not None and (module.has_dropout or module.has_batchnorm)
    empty = module is not None and module.has_dropout is module.has_batchnorm is False
    return Finding(
        title="training goes on in evaluation mode",
        at=Label(switch.event.site, "holds until `train()` is called, which never happens"),
        because=(Label(forward.event.site, "from the second round on in evaluation mode"),),
        note=_NOTHING if empty else "Dropout does nothing and BatchNorm keeps its statistics from the second round on",
        help="switch back at the start of each round: `model.train()`",
        fix=fix,
        level=Level.INFO if empty else None if held else Level.WARNING,
    )


def _fix(epoch: Epoch, switch: StepEvent) -> Fix | None:
    name, dot, _ = switch.event.site.text.rpartition(".eval(")
    if switch.inlined or not dot or not name.replace(".", "").isidentifier():
        return None
    call = f"{name}.train()"
    edit = Edit(EditKind.INSERT_BEFORE, epoch.iterations[0].site, call)
    return Fix(f"switch back before the training loop: `{call}`", (edit,), Safety.SAFE)


_NOTHING = "the model holds no Dropout and no BatchNorm: nothing changes today, and everything once it gets one"
