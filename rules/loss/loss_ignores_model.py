"""Loss that does not depend on the model.

A loss that is computed from the batch alone (`criterion(target, target)`, the inputs instead of the outputs, an output that
was overwritten) has nothing to go back to: `backward()` raises `element 0 of tensors does not require grad`, or, where
another term of the loss hides it, that part trains nothing. `mse_loss(out, out)` is 0 from the first step.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    outputs = net(images.flatten(1))
    loss = F.mse_loss(images.flatten(1), images.flatten(1) / 2)  # error
    loss.backward()
    other = F.mse_loss(outputs, outputs)  # error

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 28 * 28)
    loss = F.mse_loss(net(images.flatten(1)), images.flatten(1))
    loss.backward()

Not reported: a regulariser on parameters.

    net = nn.Linear(20, 4)
    loss = F.mse_loss(net.weight, torch.zeros(4, 20))
    loss.backward()

Not reported: a baseline that is only printed.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    baseline = F.mse_loss(images, images.flip(0))
    print(baseline.item())

Not reported: a measure that is tried on the same numbers twice.

    picture = torch.rand(8, 3, 16, 16)
    assert F.mse_loss(picture, picture.clone()) == 0

Not reported: an image is optimised, not a model.

    image = torch.rand(1, 3, 8, 8, requires_grad=True)
    loss = F.mse_loss(image, torch.zeros(1, 3, 8, 8))
    loss.backward()

Not reported: the entropy of a prediction, its cross entropy with itself.

    net = nn.Linear(20, 1)
    probs = torch.sigmoid(net(x))
    entropy = F.binary_cross_entropy(probs, probs)

Not reported: where the values come from is not known.

    loss = F.mse_loss(outputs, y)
    loss.backward()

At run time: the error above, or a loss that never changes.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import TensorFacts
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

_DISTANCES = frozenset({"mse", "l1", "smooth_l1"})


@rule("LR118")
def check(call: LossCall) -> Iterator[Finding]:
    without_model = _from_data(call.input) and _from_data(call.target)
    same = call.input.identity is not None and call.input.identity == call.target.identity
    if same and _is_tried(call):
        return
    if same and call.training and (call.family in _DISTANCES or without_model):
        yield _compares_with_itself(call)
    elif without_model and _goes_backward(call):
        yield _from_batch_alone(call)


def _from_data(tensor: TensorFacts) -> bool:
    return bool(tensor.roots) and tensor.roots <= {"input", "target", "constant"} and tensor.attached is not True


def _is_tried(call: LossCall) -> bool:
    """A score of numbers that the program has made up: a test of the function that computes it."""
    return call.input.roots == {"constant"} and not _goes_backward(call)


def _goes_backward(call: LossCall) -> bool:
    return call.output is not None and call.output.uses is not None and "backward" in call.output.uses.kinds


def _compares_with_itself(call: LossCall) -> Finding:
    zero = call.family in _DISTANCES
    return Finding(
        title="the loss compares a value with itself",
        at=call.label("both arguments are the same value"),
        note="the loss is always 0 and so is its gradient" if zero else "the loss does not depend on the model",
        help="pass the model's output first and the target second",
    )


def _from_batch_alone(call: LossCall) -> Finding:
    site = call.input_site or call.input.origin
    return Finding(
        title="the loss does not depend on the model",
        at=call.label("both arguments come from the data"),
        because=(Label(site, "not an output of the model"),) if site is not None else (),
        note="`backward()` reaches no parameter of the model",
        help="pass the model's output for this batch as the first argument",
    )
