"""Loss or gradient that is no number.

One NaN or infinity in the loss reaches every parameter with the next step, and nothing comes back from there: the model
gives NaN for every input, and a comparison with NaN is false, so the accuracy looks like chance. The usual causes are a
logarithm or division of zero, a learning rate far too high, and overflow in half precision.

Example:

    net = nn.Linear(8, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(4):
        loss = torch.log(net(torch.randn(16, 8)) * 0).mean()
        optimizer.zero_grad()
        loss.backward()  # error
        optimizer.step()

Use instead:

    net = nn.Linear(8, 1)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(4):
        loss = F.logsigmoid(net(torch.randn(16, 8))).neg().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: infinite gradients under a gradient scaler, which skips such steps.

    scaler = torch.amp.GradScaler("cpu")

At run time: the loss and the norm of each gradient are read in sampled steps; the first layer with such an output is named.
"""

import math
from collections.abc import Iterator

from lrcheck.events import StepStatistics
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR701")
def check(step: StepStatistics) -> Iterator[Finding]:
    site = step.loss_site or step.site
    layer = (
        (Label(step.culprit_site, f"the first output that is not finite: `{step.culprit}`"),)
        if step.culprit_site
        else ()
    )
    if step.loss is not None and not math.isfinite(step.loss):
        yield Finding(
            title="the loss is not finite",
            at=Label(step.site, f"{step.loss} in step {step.step}"),
            because=layer,
            note="this step makes every parameter NaN, and none of them recovers",
            help="look for a logarithm or division of zero, and lower the learning rate: `lr=1e-3`",
        )
        return
    names = [each.name for each in step.parameters if each.gradient is not None and not math.isfinite(each.gradient)]
    if names and not step.scaled:
        yield Finding(
            title="a gradient is not finite",
            at=Label(site, f"step {step.step}: gradient of `{names[0]}`"),
            because=layer,
            note="the parameter is NaN after this step, and soon all others are",
            help="look for `sqrt`, `norm` or a division at zero, whose gradient is infinite",
        )
