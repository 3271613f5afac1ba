"""A method is named and not called.

`optimizer.zero_grad` without parentheses is an expression that is thrown away: nothing happens, and nothing raises. With a
`zero_grad` that never runs, a small network on scikit-learn's digits ends at {measured: zero_grad_without_parentheses}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad  # error
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Not reported: a method that is passed on or kept.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    before_each_batch(optimizer.zero_grad)
    clear = optimizer.zero_grad

Not reported: attributes that are no methods, and methods of objects that are not known.

    net = nn.Linear(20, 4)
    net.weight
    table.eval

At run time: what the method does not do: gradients that grow, parameters that stay.
"""

from collections.abc import Iterator

from lrcheck.events import MethodNotCalled
from lrcheck.facts import ModuleFacts, OptimizerFacts, TensorFacts
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import append
from lrcheck.rule import rule

_METHODS: tuple[tuple[type, frozenset[str]], ...] = (
    (OptimizerFacts, frozenset({"zero_grad", "step"})),
    (ModuleFacts, frozenset({"zero_grad", "eval", "train", "cuda", "cpu", "double", "half"})),
    (TensorFacts, frozenset({"backward", "detach_", "zero_", "requires_grad_"})),
)
_CERTAIN = frozenset({"zero_grad", "backward"})  # nobody else has methods of these names
_EFFECTS = {
    "zero_grad": "gradients of all batches add up",
    "step": "no parameter moves",
    "backward": "no gradients are computed",
    "eval": "the model stays in training mode",
    "train": "the model stays in evaluation mode",
}


@rule("LR317")
def check(mention: MethodNotCalled) -> Iterator[Finding]:
    name = mention.name
    known = any(isinstance(mention.receiver, kind) and name in names for kind, names in _METHODS)
    if not known and (name not in _CERTAIN or mention.receiver is not None):
        return
    text = " ".join(mention.site.text.split())
    yield Finding(
        title=f"`{name}` is named and not called",
        at=Label(mention.site, "does nothing"),
        note=_EFFECTS.get(name, "the statement has no effect"),
        help=f"call it: `{text}()`",
        fix=Fix(f"call it: `{text}()`", append(mention.site, "()"), Safety.SAFE),
    )
