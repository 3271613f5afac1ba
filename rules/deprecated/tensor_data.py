"""The attribute `.data` of a tensor.

`.data` is the value without its gradient history, as `.detach()` is, but autograd does not notice when it is changed in
place: the gradients are then wrong without an error. A loss computed from it cannot be sent backward; that is LR112.

Example:

    net = nn.Linear(8, 3)
    predicted = net(torch.randn(4, 8)).data.argmax(dim=1)  # error

Use instead:

    net = nn.Linear(8, 3)
    predicted = net(torch.randn(4, 8)).argmax(dim=1)

Not reported: parameters that are initialised or averaged by hand.

    net = nn.Linear(8, 3)
    net.weight.data.normal_(0.0, 0.01)

Not reported: `.data` as the target of an assignment.

    x = torch.randn(4)
    x.data = torch.zeros(4)

Not reported: `.data` of what is no tensor.

    from sklearn.datasets import load_digits

    samples = load_digits().data

At run time: nothing, or `RuntimeError: element 0 of tensors does not require grad` where it cuts the whole loss.
"""

from collections.abc import Iterator

from lrcheck.events import ApiUse
from lrcheck.facts import TensorFacts
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Level, Safety
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import DATA, DATA_ITEM
from lrcheck.rule import rule

from ._arguments import is_scalar

SINCE = "0.4"


@rule("LR605", Level.INFO)
def check(use: ApiUse) -> Iterator[Finding]:
    if use.name not in (DATA, DATA_ITEM) or use.assigned or not target.get().reaches(use.name, SINCE):
        return
    value = use.receiver
    if not isinstance(value, TensorFacts) or value.roots == {"parameter"} or is_scalar(value):
        return
    yield Finding(
        title="`.data` is legacy",
        at=Label(use.site, "autograd does not see changes made through it"),
        note="it works and emits no warning",
        help="use `.detach()`" if use.name == DATA_ITEM else "",
        fix=_fix(use, value) if use.name == DATA else None,
    )


def _fix(use: ApiUse, value: TensorFacts) -> Fix | None:
    if use.receiver_site is None or not use.receiver_site.text:
        return None
    text = use.receiver_site.text + ("" if value.attached is False else ".detach()")
    return Fix(f"write `{text}`", (Edit(EditKind.REPLACE, use.site, text),), Safety.SAFE)
