"""Parameters in the optimizer that no gradient ever reaches.

The optimizer holds them and they are trainable, but no backward pass gives them a gradient: the layer is not used in
`forward`, or its output is detached. It keeps its random weights. Reported at the end of a run of at
least 20 steps. Where no parameter at all has a gradient when the optimizer steps, something clears the gradients before they are
used, or the graph of the loss ends in front of the model.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.forgotten = nn.Linear(8, 4), nn.Linear(8, 4)

        def forward(self, x):
            return self.used(x)


    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(24):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))
        optimizer.zero_grad()
        loss.backward()  # error
        optimizer.step()

Use instead:

    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(24):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: parameters that are frozen on purpose, with `requires_grad_(False)`.

    net = nn.Linear(8, 4).requires_grad_(False)

Not reported: a bias whose weight does get gradients, in a loss that is made of derivatives of the output.

    net = nn.Linear(2, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(24):
        x = torch.randn(16, 2, requires_grad=True)
        slope = torch.autograd.grad(net(x).sum(), x, create_graph=True)[0]
        optimizer.zero_grad()
        (slope - 1).square().mean().backward()
        optimizer.step()

At run time: which parameters have a gradient is noted in sampled steps.
"""

from collections.abc import Iterator

from lrcheck.events import UnmovedParameters
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

SAMPLED = 7  # of 20 steps, seven are sampled


@rule("LR704", Level.WARNING)
def check(parameters: UnmovedParameters) -> Iterator[Finding]:
    names = _told(parameters.names)
    if parameters.steps < SAMPLED or not parameters.names:
        return
    if parameters.still:
        yield _unchanged(parameters)
        return
    if not names:
        return
    if len(names) >= parameters.total and not parameters.elsewhere:
        yield _without_gradients(parameters)
        return
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    yield Finding(
        title="the optimizer holds parameters that get no gradient",
        at=Label(parameters.site, f"never reaches `{names[0]}`{more}"),
        note=f"{len(names)} of {parameters.total} parameters keep their random values",
        help="use the layer in `forward`, or freeze it: `layer.requires_grad_(False)`",
    )


def _unchanged(parameters: UnmovedParameters) -> Finding:
    return Finding(
        title="no parameter ever changes, although there are gradients",
        at=Label(parameters.site, "what it computes moves nothing"),
        note=f"all {parameters.total} parameters are the same in {parameters.steps} sampled steps",
        help="look for a learning rate of 0, and for weights that are loaded again in every step",
    )


def _told(names: tuple[str, ...]) -> tuple[str, ...]:
    """A bias alone may go without: a loss of derivatives of the output does not depend on it."""
    return tuple(each for each in names if not each.endswith("bias") or f"{each[:-4]}weight" in names)


def _without_gradients(parameters: UnmovedParameters) -> Finding:
    what = "every gradient is zero" if parameters.zero else "no parameter has a gradient"
    return Finding(
        title=f"{what} when the optimizer steps",
        at=Label(parameters.site, "what it computes is gone, or belongs to other parameters"),
        note=f"all {parameters.total} parameters keep their random values",
        help="look for a `zero_grad()` between `backward()` and `step()`, or for a detached output",
    )
