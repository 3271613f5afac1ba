"""Evaluation that records the autograd graph.

Outside `torch.no_grad()` every forward pass keeps all activations for a backward pass that never comes. The results are the
same, and the pass needs the memory of a training step. A total of losses that are not turned into numbers keeps the graphs
of all batches. What the passes of a small network keep at once: {measured: test_loop}. A single
call on a whole test set keeps one graph: reported as information.

Example:

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    net.eval()
    correct = 0
    for x, y in test_batches:  # error
        correct += (net(x).argmax(dim=1) == y).sum().item()

Use instead:

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    net.eval()
    correct = 0
    with torch.no_grad():
        for x, y in test_batches:
            correct += (net(x).argmax(dim=1) == y).sum().item()

Not reported: `inference_mode`, a decorator, or `set_grad_enabled`.

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    @torch.inference_mode()
    def accuracy():
        return sum((net(x).argmax(dim=1) == y).sum().item() for x, y in test_batches)
    net.eval()
    for epoch in range(3):
        print(accuracy())

Not reported: an evaluation that needs gradients, such as one on adversarial samples.

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    net.eval()
    correct = 0
    for x, y in test_batches:
        x.requires_grad_(True)
        F.cross_entropy(net(x), y).backward()
        correct += (net(x + 0.1 * x.grad.sign()).argmax(dim=1) == y).sum().item()

Not reported: the batch goes through an attack between two calls of the model.

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4)).eval()
    for x, y in test_batches:
        same = net(x).argmax(dim=1) == net(attack.perturb(x, y)).argmax(dim=1)

Not reported: something unknown gets the model as well.

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4)).eval()
    for x, y in test_batches:
        right = net(attack(net, x, y)).argmax(dim=1) == y

Not reported: something unknown that may get anything.

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4)).eval()
    for x, y in test_batches:
        right = net(attack(**settings)).argmax(dim=1) == y

Not reported: a function that nothing in the program calls; its caller may have switched gradients off.

    def accuracy(net, batches):
        net.eval()
        return sum((net(x).argmax(dim=1) == y).sum().item() for x, y in batches)

Not reported: an episode or a sequence that is trained on afterwards.

    net = nn.Sequential(nn.Linear(20, 8), nn.ReLU(), nn.Linear(8, 4))
    for episode in range(100):
        returns = 0
        for x, y in test_batches:
            action = net(x).argmax(dim=1)
            returns += (net(x) * reward(action)).sum()
        returns.backward()

At run time: outputs have `requires_grad=True` in a pass that never goes backward.
"""

from collections.abc import Iterator

from lrcheck.events import EvaluationPass
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety, Site
from lrcheck.rule import rule

from ._modes import is_attacked, kind_of


@rule("LR206", Level.WARNING)
def check(evaluation: EvaluationPass) -> Iterator[Finding]:
    place = _recorded(evaluation)
    if place is None:
        return
    wrap = "with torch.no_grad():"
    edit = Edit(EditKind.WRAP_STATEMENT, evaluation.site, wrap)
    yield Finding(
        title="evaluation records the autograd graph",
        at=Label(evaluation.site, "no backward pass follows" if evaluation.single else "no backward pass in this loop"),
        because=() if evaluation.single else (Label(place, "keeps its activations"),),
        note="the results are the same; memory and time are those of a training step",
        help=f"wrap the evaluation: `{wrap}`",
        fix=Fix(f"wrap the {kind_of(evaluation)}: `{wrap}`", (edit,), Safety.SAFE),
        level=Level.INFO if evaluation.single else None,
    )


def _recorded(evaluation: EvaluationPass) -> Site | None:
    """A call of a model whose graph is recorded."""
    if is_attacked(evaluation):
        return None
    if any(forward.grad_enabled is not True for forward in evaluation.forwards):
        return None
    if evaluation.forwards:
        return evaluation.forwards[0].site
    return evaluation.records
