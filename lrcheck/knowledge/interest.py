"""Names of torch whose use is an event of its own: only what a rule may ask for."""

from __future__ import annotations

from lrcheck.knowledge.deprecated import INTERESTING, INTERESTING_ATTRIBUTES, INTERESTING_METHODS

NAMES: frozenset[str] = INTERESTING
METHODS: frozenset[str] = INTERESTING_METHODS
ATTRIBUTES: frozenset[str] = INTERESTING_ATTRIBUTES
