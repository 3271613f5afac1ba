"""Data sets, loaders, devices, paths."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.events.base import Event
from lrcheck.facts import (
    DatasetFacts,
    Dim,
    LoaderFacts,
    TensorFacts,
)
from lrcheck.findings import Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DeviceChoice(Event):
    """A program asks for a device by name; `uses` are the other places that do. `guarded`: there is another path."""

    kind: str
    guarded: bool = False
    uses: tuple[Site, ...] = ()
    variable: str = ""  # the name that the device is assigned to


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DeviceMeeting(Event):
    """Two values on two devices meet in one operation; `argument` is the one on the device `second`."""

    argument: Site
    first: str
    second: str
    because: Site | None = None
    target: str = ""  # what the other was moved to, as the program writes it


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MachinePath(Event):
    """A text that is a path; `raw` is how it is written."""

    text: str
    raw: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LoaderStart(Event):
    """A loader begins to iterate; `top_level` means while the main module of the program is being read, unguarded."""

    loader: LoaderFacts
    top_level: bool = False
    workers_site: Site | None = None
    image_site: Site | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reshape(Event):
    """`view` or `reshape` of a tensor, where its shape is known or the wanted one is made of its dimensions.

    `axes`: which dimension of the tensor each wanted one was read from (two: their product); `rank`: how many the tensor has.
    """

    before: TensorFacts
    wanted: tuple[Dim, ...] = ()
    axes: tuple[int | tuple[int, int] | None, ...] = ()
    rank: int | None = None
    held: tuple[int | None, ...] = ()  # where other dimensions of that tensor are in `before`, if they were moved


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DatasetUse(Event):
    """A dataset, with what the program does with it: `loader` reads it, `sibling` is the other split of the same data."""

    dataset: DatasetFacts
    loader: LoaderFacts | None = None
    sibling: DatasetFacts | None = None
    parts: tuple[LoaderFacts, ...] = ()  # the loaders of its parts, where it was split at `site`
    idle: bool = False  # a script makes the loader, and neither goes through it nor hands it on
