"""A snapshot of a model that changes with the model.

`state_dict()` does not copy: its tensors are the parameters. A "best" state that is kept in a variable and loaded after the
training is the last state. On scikit-learn's digits with a learning rate that is too high, the last epoch stands for the best
one: {measured: best_epoch}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in batches:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
        if loss < lowest:
            best = net.state_dict()  # error
    net.load_state_dict(best)

Use instead:

    import copy
    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(10):
        for x, y in batches:
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
        if loss < lowest:
            best = copy.deepcopy(net.state_dict())
    net.load_state_dict(best)

Not reported: a state that is saved before the training goes on.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
        state = net.state_dict()
        torch.save(state, "net.pt")

Not reported: a state that is taken when the training is over.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    state = net.state_dict()
    torch.save(state, "net.pt")

At run time: the loaded parameters equal those of the last step, or a model is given its own state under a second name
(`target = net`, then `target.load_state_dict(net.state_dict())`).
"""

from collections.abc import Iterator

from lrcheck.events import SnapshotAlias
from lrcheck.findings import Finding, Fix, Label, Safety, Site
from lrcheck.fixing import code, replace
from lrcheck.rule import rule

TRAINED = "the best state is lost: what is used is the state of the last step"
CHANGED = "the state before the change is lost: what is loaded are the changed parameters themselves"


@rule("LR322")
def check(alias: SnapshotAlias) -> Iterator[Finding]:
    if alias.same:
        yield _same(alias)
        return
    if alias.averaged:
        yield _averaged(alias)
        return
    text = " ".join(alias.site.text.split())
    yield Finding(
        title="a snapshot of the model changes with the model",
        at=Label(alias.site, "no copy: these are the parameters themselves"),
        because=(
            Label(alias.trained, "changes the kept state as well"),
            Label(alias.used, "changes nothing" if alias.by_hand else "gets the last state"),
        ),
        note=CHANGED if alias.by_hand else TRAINED,
        help=f"copy the state: `copy.deepcopy({text})`",
        fix=_fix(alias.site),
    )


def _same(alias: SnapshotAlias) -> Finding:
    return Finding(
        title="a model is given its own state",
        at=Label(alias.site, "both names stand for one model: nothing is copied"),
        because=(Label(alias.trained, "changes both"),),
        note="what is to lag behind the trained model moves with every step",
        help="make the second model a copy: `copy.deepcopy(model)`",
    )


def _averaged(alias: SnapshotAlias) -> Finding:
    return Finding(
        title="an average of the weights is the weights themselves",
        at=Label(alias.site, "adds a weight to itself: no copy was made"),
        because=(Label(alias.trained, "changes the kept weights as well"),),
        note="nothing is averaged: after each step the kept weights are those of the model",
        help="copy the weights before the training: `parameter.detach().clone()`",
    )


def _fix(taken: Site) -> Fix | None:
    """A copy that needs no import; a whole model, kept by a second name, is left to its author."""
    if not taken.text.endswith(".state_dict()"):
        return None
    text = f"{{name: value.clone() for name, value in {taken.text}.items()}}"
    return Fix(f"copy the state: {code(text)}", replace(taken, text), Safety.SAFE)
