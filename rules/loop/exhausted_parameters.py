"""A generator of parameters is used a second time.

`model.parameters()` is a generator: after one pass nothing is left. A second optimizer raises `optimizer got an empty
parameter list`; `clip_grad_norm_` clips nothing and returns 0. Unclipped, with a learning rate of 5 on
scikit-learn's digits: {measured: optimizer_then_clipping}.

Example:

    net = nn.Linear(20, 4)
    params = net.parameters()
    optimizer = torch.optim.SGD(params, lr=0.1)
    F.cross_entropy(net(x), y).backward()
    nn.utils.clip_grad_norm_(params, 1.0)  # error

Use instead:

    net = nn.Linear(20, 4)
    params = list(net.parameters())
    optimizer = torch.optim.SGD(params, lr=0.1)
    F.cross_entropy(net(x), y).backward()
    nn.utils.clip_grad_norm_(params, 1.0)

Not reported: a new generator for each use.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    nn.utils.clip_grad_norm_(net.parameters(), 1.0)

Not reported: one of two branches uses it.

    net = nn.Linear(20, 4)
    params = net.parameters()
    if adaptive:
        optimizer = torch.optim.Adam(params)
    else:
        optimizer = torch.optim.SGD(params, lr=0.1)

At run time: `UserWarning: ... empty generator`, or the error above.
"""

from collections.abc import Iterator

from lrcheck.events import ExhaustedParameters
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, replace
from lrcheck.rule import rule


@rule("LR326")
def check(use: ExhaustedParameters) -> Iterator[Finding]:
    fix = None
    if use.made is not None and use.made.text:
        kept = f"list({use.made.text})"
        fix = Fix(f"keep the parameters: {code(kept)}", replace(use.made, kept), Safety.SAFE)
    yield Finding(
        title="a generator of parameters is used again",
        at=Label(use.site, "gets no parameters" + (" from the second round on" if use.first is None else "")),
        because=(Label(use.first, "used up here"),) if use.first is not None else (),
        note="raises: optimizer got an empty parameter list"
        if use.user == "the optimizer"
        else "nothing happens to the parameters",
        help="keep the parameters in a list: `params = list(model.parameters())`",
        fix=fix,
    )
