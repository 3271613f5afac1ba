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

from lrcheck.events import Reshape
from lrcheck.findings import Finding
from lrcheck.rule import rule

from ._views import moved, put_first, sizes


@rule("LR514")
def check(reshape: Reshape) -> Iterator[Finding]:
    order = reshape.axes
    if reshape.held:
        if reshape.held == (0, None, 1, None) and order[:2] == (0, 1) and len(order) == 3:
            yield moved(reshape, "heads are not moved back before a reshape", "positions", _PERMUTED[0, 2, (1, 3)])
    elif order[:2] == (1, 0) and (len(order) == 3 or order[2:] == (None, None)) and reshape.rank in (None, 3):
        yield moved(
            reshape, "the first two dimensions change places in a view", "samples", "swap them: `transpose(0, 1)`"
        )
    elif order in _PERMUTED and reshape.rank == 4:
        yield moved(reshape, "dimensions change their order in a view", "positions", _PERMUTED[order])
    elif order == (0, None, 1, None) and reshape.rank == 3 and reshape.wanted[1] != 1:
        yield moved(reshape, "a dimension is put before dimension 1 in a view", "positions", _HEADS)
    elif order == (None, 0, None) and isinstance(first := reshape.wanted[0], int) and first > 1:
        yield put_first(reshape, first)
    elif not order:
        yield from sizes(reshape)


_PERMUTED: dict[tuple[object, ...], str] = {
    (0, 2, 3, 1): "`permute(0, 2, 3, 1)`",
    (0, 3, 1, 2): "`permute(0, 3, 1, 2)`",
    (0, (2, 3), 1): "`permute(0, 2, 3, 1)` before the reshape",
    (0, 3, (1, 2)): "`permute(0, 3, 1, 2)` before the reshape",
    (0, 2, (1, 3)): "`transpose(1, 2)` before the reshape",
}
_HEADS = "keep dimension 1 in its place in the view, then `transpose(1, 2)`"
