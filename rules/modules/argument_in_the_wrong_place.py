"""A constant in the place of another argument.

`BatchNorm1d(64, 0.8)` sets `eps`, not the momentum: outputs shrink. `LeakyReLU(True)` sets the slope to 1, which makes it the
identity. `ReLU(0.2)` sets `inplace`. `Dropout(True)` drops everything. None of them raises.

Example:

    norm = nn.BatchNorm1d(64, 0.8)  # error
    activation = nn.LeakyReLU(True)  # error
    other = nn.ReLU(0.2)  # error

Use instead:

    norm = nn.BatchNorm1d(64, momentum=0.8)
    activation = nn.LeakyReLU(inplace=True)
    other = nn.LeakyReLU(0.2)

Not reported: the argument that belongs there.

    norm = nn.BatchNorm1d(64, 1e-3)
    activation = nn.LeakyReLU(0.2, True)
    other = nn.ReLU(True)
    drop = nn.Dropout(0.5, True)

Not reported: a value that is not known.

    norm = nn.BatchNorm1d(64, config.eps)

At run time: a layer that changes nothing, or far too much.
"""

from collections.abc import Iterator

from lrcheck.events import Argument, Construct
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

_SLOPES = frozenset({"LeakyReLU", "ELU", "CELU", "Hardshrink", "Softshrink"})
_SWITCHES = frozenset({"ReLU", "ReLU6", "SiLU", "SELU", "Mish", "Hardswish", "Hardsigmoid"})
LARGEST_EPS = 0.05


@rule("LR426", Level.WARNING)
def check(made: Construct) -> Iterator[Finding]:
    if made.where != "arguments":
        return
    short = made.name.rpartition(".")[2]
    positional = [argument for argument in made.arguments if argument.keyword is None and not argument.star]
    found = _misplaced(short, positional)
    if found is None:
        return
    argument, taken, meant = found
    yield Finding(
        title=f"`{short}` takes {argument.value!r} as its {taken}",
        at=Label(argument.site, f"sets `{taken}`"),
        note=_EFFECTS[taken],
        help=f"name the argument: `{meant}`" if meant else "leave it out: a momentum is at most 1",
    )


_EFFECTS = {
    "eps": "adds to the variance: the outputs shrink, and the momentum keeps its default",
    "slope": "with a slope of 1 the layer is the identity",
    "inplace": "any number counts as true: the slope stays 0",
    "p": "every number is dropped: the output is 0",
    "bias": "any number counts as true: it is no size",
}


def _misplaced(short: str, positional: list[Argument]) -> tuple[Argument, str, str] | None:
    first = positional[0] if positional else None
    second = positional[1] if len(positional) > 1 else None
    if "BatchNorm" in short and second is not None and _is_number(second) and second.value >= LARGEST_EPS:  # type: ignore[operator]
        return second, "eps", f"momentum={second.value}" if second.value <= 1 else ""  # type: ignore[operator]
    if short in _SLOPES and first is not None and first.value is True:
        return first, "slope", "inplace=True"
    if short in _SWITCHES and first is not None and _is_number(first) and first.value not in (0, 1):
        return first, "inplace", f"nn.LeakyReLU({first.value})"
    if short.startswith("Dropout") and first is not None and first.value is True:
        return first, "p", "inplace=True"
    if short == "Linear" and len(positional) > 2 and _is_number(positional[2]) and positional[2].value not in (0, 1):
        return positional[2], "bias", "bias=True"
    return None


def _is_number(argument: Argument) -> bool:
    return isinstance(argument.value, (int, float)) and not isinstance(argument.value, bool)
