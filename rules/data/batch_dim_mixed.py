"""A reshape that mixes samples.

`x.view(-1, 400)` of images with 576 numbers each makes rows that hold the end of one image and the start of the next. The
batch gets another size; the loss raises (`Expected input batch_size (92) to match target batch_size (64)`), or, where sizes
happen to agree, the model trains on scrambled samples.

Example:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    rows = images.view(-1, 500)  # error

Use instead:

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    rows = images.flatten(1)

Not reported: whole samples, or equal parts of a sample.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    rows = images.view(-1, 784)
    lines = images.view(-1, 28)
    patches = images.reshape(-1, 1, 14, 14)

Not reported: a shape that is not known.

    rows = x.view(-1, 500)

At run time: the batch has another size behind this line.
"""

from collections.abc import Iterator
from math import prod

from lrcheck.events import Reshape
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR514")
def check(reshape: Reshape) -> Iterator[Finding]:
    shape = reshape.before.shape or ()
    sizes = [dim for dim in shape[1:] if isinstance(dim, int)]
    wanted = [dim for dim in reshape.wanted[1:] if isinstance(dim, int)]
    if len(sizes) != len(shape) - 1 or len(wanted) != len(reshape.wanted) - 1 or not wanted or -1 in wanted:
        return
    sample, row = prod(sizes), prod(wanted)
    if row == 0 or sample % row == 0:
        return
    yield Finding(
        title=f"rows of {row} are cut from samples of {sample} numbers",
        at=Label(reshape.site, "rows run across samples"),
        note="the batch gets another size, and its rows mix samples",
        help="keep the batch dimension: `flatten(1)`",
    )
