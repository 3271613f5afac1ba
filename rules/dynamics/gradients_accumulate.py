"""Gradients of one step added to those of the steps before.

Seen at run time: the optimizer finds the very gradient tensors that it left behind in the step before, changed only by the
backward passes since. No `zero_grad` cleared them, whatever the program looks like (a helper that was expected to do it, a
subclass, a framework that was switched off). The effect is that of `missing-zero-grad`: the steps follow the sum of all
gradients so far. Reported after four steps in a row: a program that alternates between two losses may keep a gradient for one step.

Example:

    def clear(model):  # clears copies
        for parameter in model.parameters():
            if parameter.grad is not None:
                parameter.grad.clone().zero_()


    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(12):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))
        clear(net)
        loss.backward()
        optimizer.step()  # error

Use instead:

    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(12):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: gradients cleared by hand.

    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(12):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 4, (16,)))
        for parameter in net.parameters():
            parameter.grad = None
        loss.backward()
        optimizer.step()

At run time: the identity and the version of one gradient per optimizer are compared from step to step.
"""

from collections.abc import Iterator

from lrcheck.events import StaleGradients
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR708")
def check(gradients: StaleGradients) -> Iterator[Finding]:
    yield Finding(
        title="gradients of earlier steps are still there",
        at=Label(gradients.site, f"{gradients.steps} steps in a row: nothing cleared the gradients"),
        note="each step moves along the gradients of all batches before it, not of this one",
        help="clear the gradients in each iteration: `optimizer.zero_grad()`",
    )
