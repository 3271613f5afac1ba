"""What only numbers tell of a scheduler: whose steps a function counts, and which way the watched value goes."""

from __future__ import annotations

import contextlib
import functools
import io
from collections.abc import Callable, Sequence
from itertools import pairwise
from types import FunctionType
from typing import Any

from torch import Tensor

Rate = Callable[[int], float]
WATCHED = 256  # values that a scheduler was given, at most
ENOUGH = 4  # of them, before they are looked at
SAMPLES = 20_000  # of a data set whose size is searched for, at most
POINTS = 32  # of a schedule that are looked at
NOTHING = 1e-3  # of the highest rate
_PLAIN = (int, float, str, bool, type(None))


def rate_of(scheduler: Any) -> Rate | None:
    """The function of a `LambdaLR`, where it holds nothing but numbers: it may be kept."""
    functions = getattr(scheduler, "lr_lambdas", None) or [None]
    return functions[0] if _is_plain(functions[0]) else None


def _is_plain(function: Any) -> bool:
    if isinstance(function, functools.partial):
        given = (*function.args, *function.keywords.values())
        return all(isinstance(each, _PLAIN) for each in given) and _is_plain(function.func)
    if not isinstance(function, FunctionType):
        return False
    held = [cell.cell_contents for cell in function.__closure__ or ()]
    return all(isinstance(each, _PLAIN) or _is_settings(each) for each in held)


def _is_settings(value: object) -> bool:
    """A configuration: an object with nothing but plain values."""
    own = getattr(value, "__dict__", None)
    return isinstance(own, dict) and not callable(value) and all(isinstance(each, _PLAIN) for each in own.values())


def ends_at(rate: Rate, steps: int) -> bool:
    """Does a schedule fall until nothing is left of it, at the very last of so many steps?"""
    points = [steps * (POINTS // 4 + index) // POINTS for index in range(POINTS * 3 // 4 + 1)]
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            values = [float(rate(each)) for each in points]
            late = float(rate(steps * 19 // 20))
    except Exception:  # noqa: BLE001  # the program's own function
        return False
    top = max(values)
    falls = all(after < before for before, after in pairwise(values))
    return top > 0 and falls and abs(values[-1]) <= NOTHING * top < late


def number(value: object) -> float | None:
    """A value that is a number already: nothing waits for it."""
    if isinstance(value, Tensor):
        return float(value.detach()) if value.device.type == "cpu" and value.numel() == 1 else None
    return float(value) if isinstance(value, int | float) else None


def is_rising_share(values: Sequence[float]) -> bool:
    """Are these the shares of one number of samples, and do they go up to more than half of them?

    An error rate falls, or stays above the half; a loss is no multiple of anything.
    """
    scale = 1.0 if max(values, default=0.0) <= 1 else 100.0
    shares = [each / scale for each in values]
    between = {each for each in shares if 0 < each < 1}
    if len(values) < ENOUGH or len(between) < ENOUGH - 1 or not all(0 <= each <= 1 for each in shares):
        return False
    half = len(shares) // 2
    rises = shares[0] == min(shares) and sum(shares[half:]) / (len(shares) - half) > sum(shares[:half]) / half
    return rises and max(shares[half:]) > 0.5 and _is_of_one_size(sorted(between))


def _is_of_one_size(shares: Sequence[float]) -> bool:
    """Is there a number of samples, of which each is a part?"""
    for size in range(2, SAMPLES):
        if all(abs(each * size - round(each * size)) <= 1e-7 * size + 1e-9 for each in shares):
            return True
    return False
