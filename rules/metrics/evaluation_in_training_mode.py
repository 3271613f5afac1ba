"""Evaluation in training mode.

In training mode Dropout drops units and BatchNorm normalises with the statistics of the batch, and updates its running
statistics from test data: the result depends on chance and on the batch. Dropout 0.5 on digits: {measured: dropout}.

For a model without Dropout and BatchNorm the mode changes nothing yet: reported as information. Where the parts of a model
are not known, a pass behind `model.train()` is a warning.

Example:

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    correct = 0
    with torch.no_grad():
        for x, y in test_batches:  # error
            correct += (net(x).argmax(dim=1) == y).sum().item()

Use instead:

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    correct = 0
    net.eval()
    with torch.no_grad():
        for x, y in test_batches:
            correct += (net(x).argmax(dim=1) == y).sum().item()

Not reported: the mode is set in another way, here for the parts.

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    for part in net.children():
        part.train(False)
    with torch.no_grad():
        for x, y in test_batches:
            print((net(x).argmax(dim=1) == y).sum().item())

Not reported: a function that nothing in the program calls; its caller may have set the mode.

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    @torch.no_grad()
    def accuracy():
        correct = 0
        for x, y in test_batches:
            correct += (net(x).argmax(dim=1) == y).sum().item()
        return correct

Not reported: Monte Carlo dropout; the model is put into training mode for the purpose.

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    net.train()
    with torch.no_grad():
        for x, y in test_batches:
            votes = torch.stack([net(x).argmax(dim=1) for _ in range(20)])
            print((votes.mode(dim=0).values == y).sum().item())

Not reported: a call that is trained on, or that nothing judges; the same behind a training is an evaluation.

    net = nn.Sequential(nn.Linear(20, 8), nn.Dropout(), nn.Linear(8, 4))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    loss = F.cross_entropy(net(x_test), y_test)
    print(net(x_test), loss.item())
    loss.backward()

Not reported: statistics of BatchNorm are measured anew; nothing is judged.

    net = nn.Sequential(nn.Linear(20, 8), nn.BatchNorm1d(8), nn.Linear(8, 4))
    for x, y in test_batches:
        net(x)

At run time: `model.training` is true in a pass under `no_grad` that is compared with labels.
"""

from collections.abc import Iterator

from lrcheck.events import EvaluationPass, ForwardCall
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge.operations import WRAPPER_LAYERS
from lrcheck.rule import rule

from ._modes import effect_of, kind_of, moded_layers


@rule("LR205")
def check(evaluation: EvaluationPass) -> Iterator[Finding]:
    if evaluation.switched or evaluation.again:
        return
    for forward in evaluation.forwards:
        module = forward.module
        if module is None or module.training is not True:
            continue
        layers = moded_layers(module)
        known = layers is not None or module.mode_site is not None  # constructed by others, in a mode of their choice
        if layers or (known and module.canonical in _MODELS and not evaluation.single):
            yield _finding(evaluation, forward, layers)
            return


_MODELS = frozenset({None, "torch.nn.Sequential", *WRAPPER_LAYERS})  # a single layer is a part of a model


def _finding(evaluation: EvaluationPass, forward: ForwardCall, layers: str | None) -> Finding:
    name = forward.callee.text if forward.callee is not None else ""
    switch = f"{name}.eval()"
    edits = [Edit(EditKind.INSERT_BEFORE, evaluation.site, switch)]
    if evaluation.trained_after:
        edits.append(Edit(EditKind.INSERT_AFTER, evaluation.site, f"{name}.train()"))
    fixable = name.replace(".", "").isidentifier() and evaluation.own
    fix = Fix(f"switch the mode before the {kind_of(evaluation)}: `{switch}`", tuple(edits), Safety.SAFE)
    inside = f"the model holds {layers}" if layers else "in training mode"
    return Finding(
        title="the model is evaluated in training mode",
        at=Label(evaluation.site, inside if evaluation.single else "an evaluation"),
        because=() if evaluation.single else (Label(forward.site, inside),),
        note=effect_of(layers),
        help=f"switch the mode before the evaluation: `{switch if name else 'model.eval()'}`",
        fix=fix if fixable else None,
        level=None if layers else Level.WARNING if layers is None else Level.INFO,
    )
