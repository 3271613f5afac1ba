"""A gradient scaler that is used by half.

`GradScaler` multiplies the loss so that small float16 gradients do not vanish, and `scaler.step` divides them again. Without
a scaled loss `scaler.step` raises `Attempted step but _scale is None`; where another loss was scaled before, the step is
65,536 times too small. After a scaled loss `optimizer.step()` steps 65,536 times too far. Without `scaler.update()` the second
`scaler.step` raises. Inside `torch.autocast` belong the forward pass and the loss; a backward pass there is reported as information.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for x, y in batches:
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = F.cross_entropy(net(x), y)
        loss.backward()  # error
        scaler.step(optimizer)
        scaler.update()

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for x, y in batches:
        optimizer.zero_grad()
        with torch.autocast("cuda"):
            loss = F.cross_entropy(net(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()

Not reported: a helper that is not known gets the scaler.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cuda")
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        backward_of(loss, scaler)
        scaler.step(optimizer)

Not reported: bfloat16 needs no scaler.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        with torch.autocast("cuda", dtype=torch.bfloat16):
            loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()

At run time: one of these errors, or parameters that hardly move.
"""

from collections.abc import Iterator

from lrcheck.events import Backward, Iteration, OpaqueCall, OptimizerStep, ScalerCall, StepEvent
from lrcheck.facts import Form
from lrcheck.findings import Finding, Fix, Label, Level, Safety
from lrcheck.fixing import replace
from lrcheck.rule import rule

from ._gradients import backward_of
from ._scaling import scaled_step


@rule("LR312")
def check(iteration: Iteration) -> Iterator[Finding]:
    backward = backward_of(iteration)
    if iteration.steps and not iteration.framework:
        yield from _under_autocast(backward)
        yield from scaled_step(iteration)
    step = next((s.event for s in iteration.steps if isinstance(s.event, OptimizerStep) and s.event.scaler), None)
    if step is None or step.facts is None or step.tool is None or not iteration.whole or iteration.framework:
        return
    if any(isinstance(s.event, OpaqueCall) and step.tool in s.event.arguments for s in iteration.events):
        return
    name = step.site.text.partition(".step(")[0]
    if backward and all(b.event.owner == "tensor" and b.event.value.form is Form.LOSS for b in backward):  # type: ignore[attr-defined]
        yield _unscaled(backward[0].event.site.text, backward[0].event.site, step, name)
        return
    around = (*iteration.before, *iteration.events, *iteration.behind)
    if not any(isinstance(s.event, ScalerCall) and s.event.name == "update" for s in around):
        yield Finding(
            title="the gradient scaler is never updated",
            at=Label(step.site, "no `update()` follows"),
            note="raises in the second iteration: step() has already been called since the last update()",
            help=f"update the scale behind the step: `{name}.update()`",
        )


def _under_autocast(backward: tuple[StepEvent, ...]) -> Iterator[Finding]:
    for step in backward:
        if isinstance(step.event, Backward) and step.event.autocast:
            yield Finding(
                title="the backward pass runs under autocast",
                at=Label(step.event.site, "inside `torch.autocast`"),
                note="operations of the backward pass choose their own types: torch advises against autocast there",
                help="end the `with` block behind the loss",
                level=Level.INFO,
            )
            return


def _unscaled(text: str, site: object, step: OptimizerStep, name: str) -> Finding:
    loss, dot, rest = text.rpartition(".backward(")
    scaled = f"{name}.scale({loss}).backward({rest}"
    fix = Fix(f"scale the loss: `{scaled}`", replace(site, scaled), Safety.SAFE) if dot else None  # type: ignore[arg-type]
    return Finding(
        title="the loss is not scaled",
        at=Label(site, "gradients without the scale"),  # type: ignore[arg-type]
        because=(Label(step.site, "divides them by the scale"),),
        note="raises: Attempted step but _scale is None; or the step is too small by the scale, which starts at 65,536",
        help=f"scale the loss: `{name}.scale(loss).backward()`",
        fix=fix,
    )
