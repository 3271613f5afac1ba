"""Target passed as input and input as target.

Losses of torch take the model's output first and the target second. Swapped, `BCELoss` takes the logarithm of the labels
(0, where the gradient is infinite); `BCEWithLogitsLoss` has a wrong gradient and no lower bound: a network that tells odd from
even digits ends at {measured: labels_first}. `CrossEntropyLoss` raises for index labels
(`log_softmax ... not implemented for 'Long'`) and is silently wrong for one-hot floats. `MSELoss` and `L1Loss` are
symmetric: the value is right, and the finding is information only.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    criterion = nn.CrossEntropyLoss()
    loss = criterion(labels, net(images.flatten(1)))  # error

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    criterion = nn.CrossEntropyLoss()
    loss = criterion(net(images.flatten(1)), labels)

Not reported: both arguments come from models (a teacher, a target network).

    net, teacher = nn.Linear(20, 4), nn.Linear(20, 4)
    loss = F.cross_entropy(net(x), torch.softmax(teacher(x), dim=1))

Not reported: the second argument is detached; it is a target on purpose, and the first is what is trained.

    net, image = nn.Linear(20, 4), nn.Parameter(torch.rand(8, 4))
    loss = F.binary_cross_entropy(image.clamp(0, 1), torch.sigmoid(net(x)).detach())

Not reported: where the arguments come from is not known.

    loss = F.binary_cross_entropy(left, right)

At run time: the first argument needs no gradient and holds labels; the loss is infinite, negative or an error.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.findings import Finding, Label, Level, Safety
from lrcheck.fixing import code, fix, swap
from lrcheck.rule import rule

_SYMMETRIC = frozenset({"mse", "l1", "smooth_l1"})
_EFFECTS = {
    "cross_entropy": "raises for class indices, and has a wrong gradient for one-hot labels",
    "nll": "raises, or has a wrong gradient",
    "bce": "the logarithm of a label is 0 or minus infinity: the gradients are infinite",
    "bce_with_logits": "the gradient is wrong and the loss has no lower bound",
    "kl_div": "the divergence is wrong and has a wrong gradient",
}


@rule("LR111")
def check(call: LossCall) -> Iterator[Finding]:
    family = call.family or ""
    if (family not in _EFFECTS and family not in _SYMMETRIC) or not _swapped(call):
        return
    first, second = call.input_site, call.target_site
    yield Finding(
        title="the target is passed as the input of the loss",
        at=call.label("takes the prediction first and the target second"),
        because=tuple(
            Label(site, text)
            for site, text in ((first, "comes from the data"), (second, "comes from the model"))
            if site
        ),
        note=_EFFECTS.get(family, "the value is the same here, but not with another loss or a `weight`"),
        help="swap the arguments",
        fix=fix(f"swap the arguments: {code(f'{second.text}, {first.text}')}", Safety.SAFE, swap(first, second))
        if first is not None and second is not None
        else None,
        level=Level.INFO if family in _SYMMETRIC else None,
    )


def _swapped(call: LossCall) -> bool:
    labels = {"target", "constant"} | ({"input"} if call.family in ("bce", "bce_with_logits") else set())
    given = call.input.roots
    from_data = bool(given) and given <= labels and given != {"constant"} and call.input.attached is not True
    return from_data and "model" in call.target.roots and call.target.attached is not False
