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

A view keeps the numbers in their order: two dimensions that change places in it are not transposed.

    B, T, C = x.shape
    time_first = x.view(T, B, C)  # error

Use instead:

    time_first = x.transpose(0, 1)

Heads are the last dimension in parts; they come to the front by a transpose behind the view.

    B, T, C = x.shape
    q = nn.Linear(C, C)(x).view(B, heads, T, C // heads)  # error

Use instead:

    q = nn.Linear(C, C)(x).view(B, T, heads, C // heads).transpose(1, 2)

Not reported: dimensions of another tensor, or that somebody gives.

    B, T, C = x.shape
    swapped, given = y.view(T, B, C), x.view(length, batch, C)

Not reported: two of four dimensions that a relative shift swaps on purpose.

    q, k, b, h = scores.shape
    shifted = scores.reshape(k, q, b, h)[1:]

Not reported: whole samples, also in groups, or equal parts of a sample.

    images, labels = next(iter(DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)))
    rows, lines, patches = images.view(-1, 784), images.view(16, 4, 1, 28, 28), images.reshape(-1, 1, 14, 14)

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
    order = reshape.axes
    if reshape.held:
        if reshape.held == (0, None, 1, None) and order[:2] == (0, 1) and len(order) == 3:
            yield _moved(reshape, "heads are not moved back before a reshape", "positions", _PERMUTED[0, 2, (1, 3)])
    elif order[:2] == (1, 0) and (len(order) == 3 or order[2:] == (None, None)) and reshape.rank in (None, 3):
        yield _moved(
            reshape, "the first two dimensions change places in a view", "samples", "swap them: `transpose(0, 1)`"
        )
    elif order in _PERMUTED and reshape.rank == 4:
        yield _moved(reshape, "dimensions change their order in a view", "positions", _PERMUTED[order])
    elif order == (0, None, 1, None) and reshape.rank == 3 and reshape.wanted[1] != 1:
        yield _moved(reshape, "a dimension is put before dimension 1 in a view", "positions", _HEADS)
    elif not order:
        yield from _sizes(reshape)


_PERMUTED: dict[tuple[object, ...], str] = {
    (0, 2, 3, 1): "`permute(0, 2, 3, 1)`",
    (0, 3, 1, 2): "`permute(0, 3, 1, 2)`",
    (0, (2, 3), 1): "`permute(0, 2, 3, 1)` before the reshape",
    (0, 3, (1, 2)): "`permute(0, 3, 1, 2)` before the reshape",
    (0, 2, (1, 3)): "`transpose(1, 2)` before the reshape",
}
_HEADS = "keep dimension 1 in its place in the view, then `transpose(1, 2)`"


def _moved(reshape: Reshape, title: str, between: str, cure: str) -> Finding:
    return Finding(
        title=title,
        at=Label(reshape.site, f"elements move between {between}"),
        note="a view gives the same numbers in the same order; only `transpose` and `permute` swap dimensions",
        help=cure,
    )


def _sizes(reshape: Reshape) -> Iterator[Finding]:
    """A batch of samples of a known size."""
    shape, wanted = reshape.before.shape or (), reshape.wanted
    sizes = [dim for dim in shape[1:] if isinstance(dim, int)]
    row = [dim for dim in wanted[1:] if isinstance(dim, int)]
    if len(sizes) != len(shape) - 1 or len(row) != len(wanted) - 1 or not row or 0 in row or wanted[2:] == shape[1:]:
        return
    sample, first = prod(sizes), wanted[0]
    if row[0] == -1:
        if isinstance(first, int) and first > 1 and first * prod(row[1:]) == sample:
            title = f"a dimension of {first} is put before the batch in a view"
            yield _moved(reshape, title, "samples", "keep the batch first in the view, then `transpose(0, 1)`")
    elif -1 not in row and sample % prod(row):
        yield Finding(
            title=f"rows of {prod(row)} are cut from samples of {sample} numbers",
            at=Label(reshape.site, "rows run across samples"),
            note="the batch gets another size, and its rows mix samples",
            help="keep the batch dimension: `flatten(1)`",
        )
