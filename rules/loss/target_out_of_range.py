"""Class index outside the outputs of the model.

`CrossEntropyLoss` and `NLLLoss` want class indices from 0 to C - 1 for C outputs. Labels that count from 1, or a padding
value such as -1 that `ignore_index` does not name, raise `Target 4 is out of bounds` on a CPU. On a GPU they stop the
process with a device-side assert whose traceback points somewhere else.

Example:

    net = nn.Linear(8, 4)
    loss = F.cross_entropy(net(torch.randn(6, 8)), torch.tensor([1, 2, 3, 4, 4, 1]))  # error

Use instead:

    net = nn.Linear(8, 4)
    loss = F.cross_entropy(net(torch.randn(6, 8)), torch.tensor([1, 2, 3, 4, 4, 1]) - 1)

Not reported: padding that `ignore_index` names.

    net = nn.Linear(8, 4)
    loss = F.cross_entropy(net(torch.randn(6, 8)), torch.tensor([1, 2, 3, -1, -1, 1]), ignore_index=-1)

At run time: the least and the greatest class index are compared with the number of outputs before the loss is computed.
"""

from collections.abc import Iterator

from lrcheck.events import TargetRange
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR121")
def check(seen: TargetRange) -> Iterator[Finding]:
    low, high = seen.least < 0, seen.greatest >= seen.outputs
    if not low and not high:
        return
    site = seen.call.target_site or seen.site
    yield Finding(
        title="class indices lie outside the outputs of the model",
        at=Label(seen.site, f"{seen.outputs} outputs: indices 0 to {seen.outputs - 1}"),
        because=(Label(site, f"from {seen.least} to {seen.greatest}"),) if seen.call.target_site is not None else (),
        note="raises on a CPU: `Target is out of bounds`; on a GPU a device-side assert ends the process",
        help=_advice(seen, low=low),
    )


def _advice(seen: TargetRange, *, low: bool) -> str:
    if low:
        return f"name the padding: `ignore_index={seen.least}`, or correct the labels"
    if seen.least == 1 and seen.greatest == seen.outputs:
        return "count the classes from 0: `target - 1`"
    return f"make {seen.greatest + 1} outputs, or correct the labels"
