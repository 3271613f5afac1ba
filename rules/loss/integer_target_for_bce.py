"""Integer targets passed to binary cross entropy.

`BCELoss` and `BCEWithLogitsLoss` compare their input with floats between 0 and 1. Labels from a dataset and the result of
`one_hot` are int64, comparisons give bool: the first batch stops with `RuntimeError: Found dtype Long but expected Float`
(`BCELoss`) or `result type Float can't be cast to the desired output type Long` (`BCEWithLogitsLoss`).

Example:

    net = nn.Sequential(nn.Linear(20, 1), nn.Sigmoid())
    labels = torch.randint(0, 2, (32, 1))
    loss = F.binary_cross_entropy(net(torch.randn(32, 20)), labels)  # error

Use instead:

    net = nn.Linear(20, 1)
    labels = torch.randint(0, 2, (32, 1))
    loss = F.binary_cross_entropy_with_logits(net(torch.randn(32, 20)), labels.float())

Not reported: a target converted on the way, by `.float()`, `.to(dtype)` or `dtype=`.

    net = nn.Linear(20, 1)
    labels = torch.randint(0, 2, (32, 1)).to(torch.float32)
    loss = F.binary_cross_entropy_with_logits(net(torch.randn(32, 20)), labels)

Not reported: a dataset that gives floats.

    data = TensorDataset(torch.randn(100, 20), torch.zeros(100, 1))
    inputs, labels = next(iter(DataLoader(data, batch_size=10)))
    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(inputs), labels)

Not reported: the type of the target is not known.

    net = nn.Linear(20, 1)
    loss = F.binary_cross_entropy_with_logits(net(x), y)

Not reported: a loss that expects integers.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(torch.randn(32, 20)), torch.randint(0, 4, (32,)))

At run time: a `RuntimeError` about the dtype in the first batch.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import DType, Form
from lrcheck.findings import Finding, Label, Safety
from lrcheck.fixing import append, code, fix, operand
from lrcheck.rule import rule

_RAISES = {
    ("bce", DType.INT): "Found dtype Long but expected Float",
    ("bce", DType.BOOL): "Found dtype Bool but expected Float",
    ("bce_with_logits", DType.INT): "result type Float can't be cast to the desired output type Long",
    ("bce_with_logits", DType.BOOL): "Subtraction, the `-` operator, with two bool tensors is not supported",
}


@rule("LR109")
def check(call: LossCall) -> Iterator[Finding]:
    if call.target.dtype is None or (call.family or "", call.target.dtype) not in _RAISES:
        return
    kind = "integer" if call.target.dtype is DType.INT else "bool"
    text = call.target_site.text if call.target_site is not None else ""
    yield Finding(
        title=f"the target of binary cross entropy is {_article(kind)} {kind} tensor",
        at=call.label("expects a float target"),
        because=_made(call, kind),
        note=f"raises in the first batch: {_RAISES[call.family or '', call.target.dtype]}",
        help="convert the target: `.float()`",
        fix=fix(
            f"convert the target: {code(operand(text) + '.float()')}", Safety.SAFE, append(call.target_site, ".float()")
        ),
    )


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def _made(call: LossCall, kind: str) -> tuple[Label, ...]:
    operation = call.target.made_by or call.target.converted
    if operation is None:
        return ()
    name = "`one_hot` gives" if call.target.form is Form.ONE_HOT else f"`{operation.name}` gives"
    return (Label(operation.site, f"{name} {_article(kind)} {kind} tensor"),)
