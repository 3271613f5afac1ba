"""A fraction shown as a percentage, or a percentage as a fraction.

`correct / total` lies between 0 and 1. Behind it, a `%` sign says something else: a model that is right 91 times out of 100
is reported with an accuracy of `0.91%`. The format `:.2%` multiplies by 100 itself, so a percentage in it shows `9100.00%`.

Example:

    correct, total = 0, 0
    for images, labels in loader:
        correct += (net(images).argmax(dim=1) == labels).sum().item()
        total += labels.size(0)
    print(f"accuracy {correct / total:.2f}%")  # error

Use instead:

    correct, total = 0, 0
    for images, labels in loader:
        correct += (net(images).argmax(dim=1) == labels).sum().item()
        total += labels.size(0)
    print(f"accuracy {100 * correct / total:.2f}%")

Not reported: a fraction shown as a fraction.

    fraction = (net(images).argmax(dim=1) == labels).float().mean()
    print("accuracy:", fraction.item())
    print("acc {:.3f}".format(fraction))

Not reported: the format that scales by itself, with a fraction.

    fraction = (net(images).argmax(dim=1) == labels).float().mean()
    print(f"accuracy {fraction:.1%}")

Not reported: a percentage without a sign.

    percent = 100 * (net(images).argmax(dim=1) == labels).float().mean()
    print(f"acc {percent:.2f}")

Not reported: the sign belongs to another number.

    fraction = (net(images).argmax(dim=1) == labels).float().mean()
    print(f"{progress}% done, accuracy {fraction:.2f}, {progress}%")

Not reported: a number whose unit is not known.

    print(f"accuracy {score:.2f}%")

At run time: an accuracy below 1 % or above 100 %.
"""

import re
from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.facts import Quantity
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, fix, operand, replace
from lrcheck.rule import rule

from ._amounts import kinds

_SCALED = re.compile(r"100\.?0?\s*\*\s*")
_QUOTIENT = re.compile(r"[\w.()\[\]]+ / [\w.()\[\]]+")


@rule("LR202")
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if measure.kind == "division" or value.quantity is not Quantity.ACCURACY:
        return
    if kinds(value) not in ({}, {"samples": 0}):  # a count, or divided by the wrong number
        return
    claimed = _claimed(measure) or (100 if value.scale == 10_000 else None)  # nothing is out of 10,000
    if claimed is None or value.scale not in (0.01, 1, 100, 10_000) or value.scale == claimed:
        return
    fraction = value.scale == 1
    because = Label(value.made, "compares predictions and targets") if value.made is not None else None
    yield Finding(
        title="a fraction is shown as a percentage" if fraction else "a percentage is scaled to a percentage again",
        at=Label(measure.site, "a number from 0 to 1" if fraction else f"a number from 0 to {value.scale:.4g}"),
        because=(because,) if because is not None else (),
        note=f"an {value.title} of 91 % is shown as `{_shown(measure)}`",
        help="multiply a fraction by 100, once",
        fix=_rescaled(measure, claimed / value.scale),
    )


def _claimed(measure: Measure) -> float | None:
    """The scale that the text around the number stands for."""
    if measure.spec.endswith("%"):
        return 1
    if re.match(r"\s?%", measure.after) or re.search(r"percent|\(%\)|\[%\]", measure.before[-30:], re.IGNORECASE):
        return 100
    return None


def _shown(measure: Measure) -> str:
    value = 0.91 * measure.value.scale * (100 if measure.spec.endswith("%") else 1)
    return f"{value:.4g}%" if measure.spec.endswith("%") or measure.after.lstrip().startswith("%") else f"{value:.4g}"


def _rescaled(measure: Measure, factor: float) -> Fix | None:
    text = measure.site.text
    if factor == 100:
        new = f"100 * {text if _QUOTIENT.fullmatch(text) else operand(text)}"
    elif factor == 0.01:
        once = _SCALED.match(text)
        new = text[once.end() :] if once else f"{operand(text)} / 100"
    else:
        return None
    return fix(f"scale once: {code(new)}", Safety.SAFE, replace(measure.site, new))
