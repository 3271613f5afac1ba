"""What a row of the tables of deprecated API says."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from lrcheck.findings import Safety


class Kind(enum.Enum):
    """What is deprecated about a name."""

    FUNCTION = "function"
    CALL = "call"  # a function whose name means something else now, and may be read
    CLASS = "class"
    METHOD = "method"
    ATTRIBUTE = "attribute"
    MODULE = "module"  # the name and everything below it
    KEYWORD = "keyword argument"
    POSITIONAL = "positional use"  # a positional argument at `position` or behind
    VALUE = "value"  # `keyword` given with `value`, or with a tensor whose dtype is `value`
    MISSING = "missing keyword"  # `keyword` has to be given, here or by its `position`


class Repair(enum.Enum):
    """How a fix rewrites the use."""

    NONE = "by hand"
    RENAME_KEYWORD = "rename the keyword to `replacement`"
    RENAME_CALLEE = "rename the callee to `replacement`"
    RENAME_METHOD = "rename the method to the last word of `replacement`"
    DROP_ARGUMENT = "drop the argument"
    ADD_ARGUMENT = "add the argument `replacement`"
    TEMPLATE = "rewrite the call as `replacement`"
    """`{0}`, `{1}` are positional arguments, `{*}` all arguments, `{**}` all keyword arguments, `{self}` the receiver."""


@dataclass(frozen=True, slots=True)
class Deprecation:
    """One row: what is deprecated, since when, and what took its place.

    `since` is the release that deprecated it (for legacy names that no release calls deprecated: the one that brought the
    replacement), `removed_in` the first release where its use fails. `warns` says that the target release emits a
    warning. `use` is a shortest use, an expression over the names that the table's test provides.
    """

    name: str
    kind: Kind
    rule: str
    since: str
    removed_in: str | None = None
    warns: bool = False
    replacement: str = ""
    repair: Repair = Repair.NONE
    safety: Safety = Safety.SAFE
    why: str = ""
    keyword: str = ""
    value: object = None
    position: int | None = None
    use: str = ""

    @property
    def package(self) -> str:
        """`torch` or `torchvision`."""
        return "torchvision" if self.name.startswith("torchvision.") else "torch"
