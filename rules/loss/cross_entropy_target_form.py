"""Target of cross entropy in the wrong form.

`CrossEntropyLoss` takes one class index per sample (int64, shape `(N,)`), or one row of float probabilities per sample
(shape `(N, C)`). `NLLLoss` takes class indices only. Everything else stops in the first batch, with messages that name
neither: integer one-hot rows (`Expected floating point type for target with class probabilities, got Long`), indices as
floats (`expected target dtype to be Long or Byte, but got Float`), a column of indices (`0D or 1D target tensor expected,
multi-target not supported`).

Example:

    net = nn.Linear(20, 4)
    labels = torch.randint(0, 4, (32,))
    loss = F.cross_entropy(net(torch.randn(32, 20)), F.one_hot(labels, 4))  # error

Use instead:

    net = nn.Linear(20, 4)
    labels = torch.randint(0, 4, (32,))
    loss = F.cross_entropy(net(torch.randn(32, 20)), labels)

Not reported: rows of float probabilities (one-hot as floats, label smoothing, mixup).

    net = nn.Linear(20, 4)
    targets = 0.9 * F.one_hot(torch.randint(0, 4, (32,)), 4).float() + 0.025
    loss = F.cross_entropy(net(torch.randn(32, 20)), targets)

Not reported: a column of indices that is squeezed, a float that is converted back.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    net = nn.Linear(28 * 28, 10)
    column = labels.unsqueeze(1).float()
    loss = F.cross_entropy(net(images.flatten(1)), column.squeeze(1).long())

Not reported: segmentation, one index per pixel.

    net = nn.Conv2d(3, 4, kernel_size=1)
    loss = F.cross_entropy(net(torch.randn(8, 3, 16, 16)), torch.randint(0, 4, (8, 16, 16)))

Not reported: a container whose last part is an attribute.

    net = nn.Sequential()
    net.body = nn.Sequential(nn.Flatten(), nn.Linear(768, 20))
    net.head = nn.Linear(20, 4)
    loss = F.cross_entropy(net(torch.randn(8, 3, 16, 16)), torch.randint(0, 4, (8,)))

Not reported: a loss with targets shaped like its input; see LR109.

    net = nn.Linear(20, 4)
    loss = F.multilabel_soft_margin_loss(net(torch.randn(32, 20)), torch.rand(32, 4).round())

At run time: a `RuntimeError` about the target in the first batch.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import DType, Form
from lrcheck.findings import Edit, Finding, Label, Safety
from lrcheck.fixing import append, code, fix, unwrap, unwrap_one_hot
from lrcheck.rule import rule

from .cross_entropy_one_output import check as cross_entropy_one_output


@rule("LR110")
def check(call: LossCall) -> Iterator[Finding]:
    if call.family not in ("cross_entropy", "nll") or any(cross_entropy_one_output(call)):
        return
    target, site = call.target, call.target_site
    scores, rank = len(call.input.shape or ()), len(target.shape or ())
    if target.form is Form.ONE_HOT and (target.dtype is DType.INT or call.family == "nll"):
        raises = "multi-target not supported" if call.family == "nll" else "Expected floating point type for target"
        edits = unwrap_one_hot(target) if _within(call) else append(site, ".argmax(dim=1)")
        yield _finding(call, "the target holds one-hot rows, not class indices", raises, edits)
    elif target.dtype is DType.FLOAT and (target.form is Form.CLASS_INDEX or scores == rank + 1 > 1):
        direct = target.converted is not None and site is not None and target.converted.site.key() == site.key()
        edits = unwrap(target.converted) if direct else append(site, ".long()")
        yield _finding(
            call, "the class indices are floats", "expected target dtype to be Long or Byte, but got Float", edits
        )
    elif target.dtype is DType.INT and call.input.shape is not None and target.shape is not None:
        if scores == rank > 1 and target.shape[1] == 1 and call.input.shape[1] != 1:
            yield _finding(
                call,
                "the class indices have a stray dimension of size 1",
                _of_shapes(scores, rank),
                append(site, ".squeeze(1)"),
            )
        elif rank < scores - 1:
            yield _finding(call, "the class indices lack a dimension of the input", _of_shapes(scores, rank), ())


def _of_shapes(scores: int, rank: int) -> str:
    """What torch says of scores and targets with so many dimensions."""
    if scores == 2:
        return "multi-target not supported" if rank else "Expected input batch_size to match target batch_size (0)"
    if scores == 4:
        return f"only batches of spatial targets supported (3D tensors) but got targets of dimension: {rank}"
    return f"Expected target size with {scores - 1} dimensions, got {rank}"


def _finding(call: LossCall, title: str, raises: str, edits: tuple[Edit, ...]) -> Finding:
    made_by = call.target.made_by or call.target.converted
    text = edits[0].text if edits else ""
    if edits and text.startswith(".") and call.target_site is not None:
        text = call.target_site.text + text
    return Finding(
        title=title,
        at=call.label(f"`{call.loss.name}` expects one class index per prediction"),
        because=(Label(made_by.site, "the target is made here"),) if made_by is not None else (),
        note=f"raises in the first batch: {raises}",
        help="pass class indices: int64, with the shape of the input without its class dimension",
        fix=fix(f"pass class indices: {code(text)}", Safety.SAFE, edits),
    )


def _within(call: LossCall) -> bool:
    """The one-hot call stands in the loss call itself: nothing else reads its result."""
    made_by, site = call.target.made_by, call.target_site
    return made_by is not None and site is not None and made_by.site.text in site.text
