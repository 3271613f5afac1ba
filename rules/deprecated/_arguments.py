"""The arguments of a use, and the names that it can be written with."""

import dataclasses
import re

from lrcheck.events import ApiUse, Argument
from lrcheck.facts import Form, TensorFacts


def argument_of(use: ApiUse, keyword: str, position: int | None = None) -> Argument | None:
    """The argument given as `keyword=`, or at its position."""
    for argument in use.arguments:
        if argument.keyword == keyword:
            return _settled(argument)
    if position is None:
        return None
    given = positional(use)
    return given[position] if position < len(given) else None


def positional(use: ApiUse) -> list[Argument]:
    """The positional arguments in front of any `*`."""
    given = []
    for argument in use.arguments:
        if argument.star:
            break
        if argument.keyword is None:
            given.append(_settled(argument))
    return given


def _settled(argument: Argument) -> Argument:
    """The argument with its value, where that stands there in full."""
    word = code(argument)
    if argument.known or word not in _WORDS:
        return argument
    return dataclasses.replace(argument, value=_WORDS[word], known=True)


_WORDS: dict[str, bool | None] = {"True": True, "False": False, "None": None}


def code(argument: Argument) -> str:
    """The expression that is passed: without its keyword, stars, comma and comments."""
    text = _COMMA.sub("", argument.site.text.strip())
    if argument.keyword is not None:
        text = re.sub(rf"^{argument.keyword}\s*=(?!=)\s*", "", text)
    return text.removeprefix(argument.star).strip()


_COMMA = re.compile(r",\s*(?:#[^\n]*\s*)*$")


def starred(use: ApiUse) -> bool:
    """Whether a `*` or `**` hides arguments."""
    return any(argument.star for argument in use.arguments)


def spelled(name: str, use: ApiUse) -> str | None:
    """`name` as the program can write it here, or None where nothing that is imported leads to it."""
    found: tuple[str, str] | None = None
    for local, full in (*use.imports, *_told_by_callee(use)):
        leads = name == full or name.startswith(full + ".")
        if leads and (found is None or len(full) > len(found[1])):
            found = (local, full)
    return found[0] + name[len(found[1]) :] if found else None


def is_scalar(value: TensorFacts) -> bool:
    """Whether a tensor is known to have no dimensions."""
    return value.shape == () or (value.form is Form.LOSS and value.reduction in ("mean", "sum", "batchmean"))


def operand(text: str) -> str:
    """An expression as it can stand in front of a dot."""
    name, _, rest = text.partition("(")
    whole = not rest or (rest.endswith(")") and ")" not in rest[:-1])
    return text if name.replace(".", "").replace("_", "").isalnum() and whole else f"({text})"


def _told_by_callee(use: ApiUse) -> list[tuple[str, str]]:
    """`nn.init.normal` for `torch.nn.init.normal` tells that `nn` is `torch.nn`."""
    first, *rest = use.callee.text.split(".") if use.callee else [""]
    tail = "".join("." + part for part in rest)
    return [(first, use.name[: -len(tail)])] if rest and use.name.endswith(tail) else []
