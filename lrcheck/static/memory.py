"""Memory between files: what the parser has freed goes back to the system, cyclic garbage is collected by its amount."""

from __future__ import annotations

import gc
from collections.abc import Callable

LARGE = 100_000  # characters of a program whose parse leaves tens of megabytes behind (about 300 bytes a character)
YOUNG = 200_000  # objects made since the last collection that nobody has freed (about 60 bytes each)

ALL = 16  # collections until one looks at all objects
_collections = [0]


def parsed(size: int) -> None:
    """A program of so many characters was parsed: what the native parser took for that is free now."""
    if size >= LARGE:
        _trim()


def collect() -> None:
    """Between two files: free the cycles that the last ones left, and now and then all that nobody can reach."""
    if gc.get_count()[0] <= YOUNG:
        return
    _collections[0] += 1
    gc.collect(2 if _collections[0] % ALL == 0 else 0)  # older trees are mostly in use, and many


def _no_trim() -> None:
    pass


def _find_trim() -> Callable[[], object]:
    """`malloc_trim` of the GNU C library, where there is one."""
    try:
        import ctypes

        function = ctypes.CDLL(None).malloc_trim
    except (ImportError, OSError, AttributeError, TypeError):
        return _no_trim
    return lambda: function(0)


_found: list[Callable[[], object]] = []


def _trim() -> None:
    if not _found:
        _found.append(_find_trim())
    _found[0]()
