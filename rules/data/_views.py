"""Views that move elements between samples: the findings of `batch-dim-mixed`."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from lrcheck.events import Reshape
from lrcheck.findings import Finding, Label


def moved(reshape: Reshape, title: str, between: str, cure: str) -> Finding:
    return Finding(
        title=title,
        at=Label(reshape.site, f"elements move between {between}"),
        note="a view gives the same numbers in the same order; only `transpose` and `permute` swap dimensions",
        help=cure,
    )


def put_first(reshape: Reshape, first: object) -> Finding:
    title = f"a dimension of {first} is put before the batch in a view"
    return moved(reshape, title, "samples", "keep the batch first in the view, then `transpose(0, 1)`")


def sizes(reshape: Reshape) -> Iterator[Finding]:
    """A batch of samples of a known size."""
    shape, wanted = reshape.before.shape or (), reshape.wanted
    known = [dim for dim in shape[1:] if isinstance(dim, int)]
    row = [dim for dim in wanted[1:] if isinstance(dim, int)]
    if len(known) != len(shape) - 1 or len(row) != len(wanted) - 1 or not row or 0 in row or wanted[2:] == shape[1:]:
        return
    sample, first = prod(known), wanted[0]
    if first == 1 and -1 not in row and prod(row) > sample:
        return  # the samples side by side, as one: instance normalisation by a batch normalisation
    if row[0] == -1:
        if isinstance(first, int) and first > 1 and first * prod(row[1:]) == sample:
            yield put_first(reshape, first)
    elif -1 not in row and sample % prod(row):
        yield Finding(
            title=f"rows of {prod(row)} are cut from samples of {sample} numbers",
            at=Label(reshape.site, "rows run across samples"),
            note="the batch gets another size, and its rows mix samples",
            help="keep the batch dimension: `flatten(1)`",
        )
