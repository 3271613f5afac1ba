"""One layer listed several times.

`[nn.Linear(20, 20)] * 3` holds the same layer three times: one set of weights, which every position shares. The model has a
third of the parameters that it seems to have.

Example:

    layers = nn.ModuleList([nn.Linear(20, 20)] * 3)  # error
    block = nn.Linear(20, 20)
    stack = nn.Sequential(*[block for _ in range(3)])  # error

Use instead:

    layers = nn.ModuleList([nn.Linear(20, 20) for _ in range(3)])

Not reported: layers without parameters, and several layers.

    activations = [nn.ReLU()] * 3
    pair = nn.ModuleList([nn.Linear(20, 20), nn.Linear(20, 20)])

Not reported: copies.

    import copy

    block = nn.Linear(20, 20)
    stack = nn.ModuleList([copy.deepcopy(block) for _ in range(3)])

Not reported: the layers of another list.

    first = nn.ModuleList([nn.Linear(20, 20), nn.Linear(20, 20)])
    chosen = [layer for layer in first]

At run time: `len(list(model.parameters()))` counts one layer.
"""

from collections.abc import Iterator

from lrcheck.events import RepeatedModule
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, replace
from lrcheck.rule import rule


@rule("LR423")
def check(repeated: RepeatedModule) -> Iterator[Finding]:
    times = f"{repeated.times} times" if repeated.times is not None else "several times"
    element = repeated.element.text
    made_here = repeated.module.site is not None and repeated.module.site.key() == repeated.element.key()
    count = repeated.site.text.rpartition("*")[2].strip()
    fresh = f"[{element} for _ in range({count})]"
    safe = made_here and not repeated.comprehension and repeated.site.text == f"[{element}] * {count}"
    yield Finding(
        title=f"one `{repeated.module.name[:20]}` is listed {times}",
        at=Label(repeated.site, "the same weights at every position"),
        because=(Label(repeated.module.site, "made once"),)
        if repeated.module.site is not None and not made_here
        else (),
        note="all positions share one set of weights",
        help="make one layer for each position",
        fix=Fix(f"make one layer for each: {code(fresh)}", replace(repeated.site, fresh), Safety.UNSAFE)
        if safe
        else None,
    )
