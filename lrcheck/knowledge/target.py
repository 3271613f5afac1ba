"""The versions of torch and torchvision that the checked programs run on.

They decide whether an old name is removed, only deprecated, or not deprecated yet. The default is the newest release
that the tables were measured on; a configuration may name another one with `use("2.4")`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = "2.15"
VISION = "0.29"

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """One pair of releases."""

    torch: str = TARGET
    torchvision: str = VISION

    def of(self, name: str) -> str:
        """The version of the package that `name` belongs to."""
        return self.torchvision if name.startswith("torchvision.") else self.torch

    def reaches(self, name: str, release: str) -> bool:
        """Whether the package of `name` is at `release` or newer."""
        return version(self.of(name)) >= version(release)


_targets = [Target()]  # the last one is in force


def get() -> Target:
    """The target in force."""
    return _targets[-1]


def use(torch: str = TARGET, torchvision: str | None = None) -> None:
    """Put a target in force; the torchvision release that goes with torch is found where it is not given."""
    _targets[-1] = Target(torch, torchvision or companion(torch))


@contextmanager
def using(torch: str = TARGET, torchvision: str | None = None) -> Iterator[None]:
    """A target for a while."""
    _targets.append(Target(torch, torchvision or companion(torch)))
    try:
        yield
    finally:
        _targets.pop()


def version(text: str) -> Version:
    """`"2.15.0+cu132"` as numbers that compare: `(2, 15, 0)`."""
    numbers = []
    for part in text.partition("+")[0].split("."):
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers)


def companion(torch: str) -> str:
    """The torchvision release that was published with a release of torch."""
    major, minor = (*version(torch), 0, 0)[:2]
    if (major, minor) >= version(TARGET)[:2]:
        return VISION
    if major >= 2:
        return f"0.{15 + minor}"
    if major == 1:
        return f"0.{minor + 1 if minor >= 4 else min(minor + 2, 4)}"
    return "0.2"
