"""What every event has."""

from __future__ import annotations

from dataclasses import dataclass

from lrcheck.findings import Site


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Event:
    """Something that happened at `site`."""

    site: Site
