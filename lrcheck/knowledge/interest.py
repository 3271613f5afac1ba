"""Names of torch whose use is an event of its own: only what a rule may ask for."""

from __future__ import annotations

from lrcheck.knowledge.deprecated import INTERESTING

NAMES: frozenset[str] = INTERESTING
METHODS: frozenset[str] = frozenset(name for name in INTERESTING if name.startswith("torch.Tensor."))
ATTRIBUTES: frozenset[str] = METHODS
