"""When to look closely: every step at first, then at growing intervals, so that the cost of a long run vanishes."""

from __future__ import annotations

from collections.abc import Callable

DENSE = 4  # the first steps are all observed
WIDEST = 1024  # steps between two observed ones, at most

Schedule = Callable[[int], bool]


def growing(step: int) -> bool:
    """Steps 0 to 3, then 5, 9, 17, 33, ...: gaps double up to `WIDEST` steps."""
    if step < DENSE:
        return True
    past = step - 1
    if past < WIDEST:
        return past & (past - 1) == 0
    return past % WIDEST == 0


def following(wanted: Schedule, step: int) -> int:
    """The first step behind `step` for which the schedule need be asked."""
    if wanted is not growing or step < DENSE:
        return step + 1
    past = step - 1
    if past < WIDEST:
        return (1 << past.bit_length()) + 1
    return (past // WIDEST + 1) * WIDEST + 1


def schedule(every: int | Schedule | None) -> Schedule:
    """`None` grows, a number is a fixed interval, a function decides itself (steps count from 0)."""
    if every is None:
        return growing
    if isinstance(every, int):
        interval = max(every, 1)
        return lambda step: step % interval == 0
    return every
