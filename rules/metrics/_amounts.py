"""What the rules about metrics share: units in plain words, and the repair of a divisor."""

import re

from lrcheck.events import Measure
from lrcheck.facts import Amount, ScalarFacts
from lrcheck.findings import Edit, Fix, Label, Safety, Site
from lrcheck.fixing import code, fix, replace

_LENGTH = re.compile(r"\(*len\(\s*([A-Za-z_][\w.]*)\s*\)\)*")


def kinds(facts: ScalarFacts) -> dict[str, int]:
    """The powers of the amounts by kind; amounts of a loop that still runs count as what they will be.

    Where every batch holds one sample, there are as many of these as of those.
    """
    found: dict[str, int] = {}
    for amount, power in facts.powers:
        kind = {"seen": "samples", "steps": "batches"}.get(amount.kind, amount.kind)
        found[kind] = found.get(kind, 0) + power if power else 0
    if facts.loader is not None and facts.loader.batch_size == 1 and "batches" in found:
        found["samples"] = found.get("samples", 0) + found.pop("batches")
        return {kind: power for kind, power in found.items() if power}
    return found


def running(facts: ScalarFacts) -> bool:
    """A total so far, set against a total of all: progress that is not finished."""
    names = {amount.kind for amount, _ in facts.powers}
    return bool(names & {"seen", "steps"}) and bool(names & {"samples", "batches"})


def amount(facts: ScalarFacts, kind: str, sign: int) -> Amount | None:
    """The amount of one kind above (1) or below (-1) the fraction bar."""
    return next((each for each, power in facts.powers if each.kind == kind and power == sign), None)


def times(facts: ScalarFacts) -> float | None:
    """How many times too large the number is, where that is known; percent count as fractions."""
    if facts.ratio is None:
        return None
    value = facts.ratio * facts.scale
    percent = facts.scale == 100 or (facts.scale != 1 and 50 < value < 200)
    return value / 100 if percent else value


NEAR = 1.1


def too(factor: float | None, otherwise: str) -> str:
    """`63.7 times too large`, `0.3 % too large`; `otherwise` says it without a number."""
    if factor is None:
        return otherwise
    large = factor > 1
    value = factor if large else 1 / factor
    if value < NEAR:
        return f"{100 * abs(factor - 1):.2g} % too {'large' if large else 'small'}"
    return f"{value:.3g} times too {'large' if large else 'small'}"


def made(measure: Measure, text: str, summed: str = "") -> tuple[Label, ...]:
    """Where the quantity was made, and where it was summed."""
    found = []
    if measure.value.made is not None and measure.value.made.key() != measure.site.key():
        found.append(Label(measure.value.made, text))
    if summed and measure.value.summed is not None:
        found.append(Label(measure.value.summed, summed))
    return tuple(found)


def divide_by_samples(site: Site | None) -> Fix | None:
    """`len(loader)` becomes `len(loader.dataset)`."""
    match = _LENGTH.fullmatch(site.text) if site is not None else None
    if match is None or match.group(1).endswith("dataset"):
        return None
    return _changed(site, f"len({match.group(1)}.dataset)", "divide by the number of samples")


def divide_by_batches(site: Site | None) -> Fix | None:
    """`len(loader.dataset)` becomes `len(loader)`."""
    match = _LENGTH.fullmatch(site.text) if site is not None else None
    if match is None or not match.group(1).endswith(".dataset"):
        return None
    return _changed(site, f"len({match.group(1).removesuffix('.dataset')})", "divide by the number of batches")


def _changed(site: Site | None, text: str, phrase: str) -> Fix | None:
    edits: tuple[Edit, ...] = replace(site, text)
    return fix(f"{phrase}: {code(text)}", Safety.SAFE, edits)


def short_batch(facts: ScalarFacts) -> tuple[int, int, int] | None:
    """The number of batches, their size and the size of the last one, where the last one is known to be shorter."""
    loader = facts.loader
    if loader is None or loader.dataset is None or not loader.dataset.samples or not loader.batch_size:
        return None
    if loader.sampler is not False or loader.drop_last is not False:
        return None
    full, rest = divmod(loader.dataset.samples, loader.batch_size)
    return (full + 1, loader.batch_size, rest) if rest else None
