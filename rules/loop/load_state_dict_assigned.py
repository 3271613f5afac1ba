"""The result of load_state_dict takes the place of the model.

`load_state_dict` changes the module in place and gives back the keys that did not fit. After
`model = model.load_state_dict(...)` the name `model` is that pair of lists: the next call of it raises
`'_IncompatibleKeys' object is not callable`.

Example:

    net = nn.Linear(20, 4)
    net = net.load_state_dict(torch.load("net.pt", weights_only=True))  # error

Use instead:

    net = nn.Linear(20, 4)
    net.load_state_dict(torch.load("net.pt", weights_only=True))

Not reported: the keys are looked at.

    net = nn.Linear(20, 4)
    keys = net.load_state_dict(torch.load("net.pt", weights_only=True), strict=False)
    missing, unexpected = net.load_state_dict(torch.load("net.pt", weights_only=True), strict=False)

At run time: the error above, at the next use of the model.
"""

from collections.abc import Iterator

from lrcheck.events import ResultAssigned
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import replace
from lrcheck.rule import rule


@rule("LR327")
def check(assigned: ResultAssigned) -> Iterator[Finding]:
    call = assigned.site.text.partition("=")[2].strip()
    fix = Fix("load in place: `" + " ".join(call.split()) + "`", replace(assigned.site, call), Safety.SAFE)
    yield Finding(
        title="the model is replaced by the result of load_state_dict",
        at=Label(assigned.site, "a pair of lists of keys, not the model"),
        note="raises at the next use: '_IncompatibleKeys' object is not callable",
        help="build the model, then load in place: `model.load_state_dict(state)`",
        fix=fix if assigned.target else None,
    )
