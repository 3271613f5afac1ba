"""What can go wrong where gradients of several micro-batches are added up before a step."""

from collections.abc import Iterator

from lrcheck.events import Gate, Iteration, OptimizerStep, StepEvent, ZeroGrad
from lrcheck.findings import Finding, Label

from ._gradients import backward_of, clears, loss_of, may_clear
from ._outside import cleared_inside, is_part


def misplaced(gate: Gate, step: StepEvent, zeros: list[StepEvent], backward: list[StepEvent]) -> Iterator[Finding]:
    """Gradients are cleared too often, or the first step comes too early."""
    event = step.event
    assert isinstance(event, OptimizerStep)
    every = [zero for zero in zeros if isinstance(zero.event, ZeroGrad) and not zero.path and clears(zero.event, event)]
    if every and len(every) == len(zeros):
        yield Finding(
            title="gradients are cleared in every micro-batch",
            at=Label(every[0].event.site, "also where no step follows"),
            because=(Label(gate.site, "steps only now and then"), Label(event.site, "uses one micro-batch")),
            note=f"only the last of {gate.period} micro-batches counts: the others are computed for nothing",
            help="clear the gradients behind the step, under the same condition",
        )
    elif gate.first and zeros and all(zero.path == step.path for zero in zeros):
        yield Finding(
            title="the first update comes after one micro-batch",
            at=Label(gate.site, f"true for `{gate.counter} = 0`"),
            because=(Label(backward[-1].event.site, "one micro-batch so far"), Label(event.site, "the first update")),
            note=f"the first step uses one micro-batch, and the last {gate.period} - 1 of an epoch wait for the next one",
            help=f"count from 1: `({gate.counter} + 1) % {gate.period} == 0`",
        )


def cleared_in_parts(iteration: Iteration, step: StepEvent) -> Iterator[Finding]:
    """The micro-batches have a loop of their own, and the step stands behind it."""
    event, backward = step.event, backward_of(iteration)
    if not isinstance(event, OptimizerStep) or event.closure or step.loops or not backward or not backward[-1].loops:
        return
    cleared = [other for other in iteration.events if may_clear(other.event, event)]
    zero = cleared_inside(event, backward, cleared)
    if zero is not None and is_part(backward[-1]):
        yield Finding(
            title="gradients are cleared in every micro-batch",
            at=Label(zero.event.site, "throws away the gradients of the one before"),
            because=(Label(backward[-1].event.site, "one part of the loss"), Label(event.site, "uses the last part")),
            note="only the last micro-batch before each step counts: the others are computed for nothing",
            help="clear the gradients once for each step, before the loop over micro-batches",
        )


def undivided(iteration: Iteration, gate: Gate, step: OptimizerStep, backward: list[StepEvent]) -> Iterator[Finding]:
    """The mean losses of the micro-batches are added up, where the size of a step follows the gradient."""
    loss = loss_of(iteration, backward[0]) if len(backward) == 1 else None
    plain = step.facts is not None and step.facts.canonical == "torch.optim.SGD"
    if loss is not None and plain and loss.event.loss.reduction == "mean":  # type: ignore[attr-defined]
        yield Finding(
            title="the losses of the micro-batches are added up",
            at=Label(backward[0].event.site, "not divided by the number of micro-batches"),
            because=(
                Label(gate.site, "steps only now and then"),
                Label(loss.event.site, "a mean over one micro-batch"),
            ),
            note=f"the gradient is {gate.period} times that of one large batch, and so is the step",
            help=f"divide the loss: `(loss / {gate.period}).backward()`",
        )


def lost_tail(iteration: Iteration, gate: Gate, step: OptimizerStep) -> Iterator[Finding]:
    """The loader's last micro-batches fill no group, and the next epoch begins by clearing their gradients."""
    loader, period = iteration.loader, gate.period_value
    if loader is None or loader.dataset is None or loader.sampler or not period or gate.first is not False:
        return
    samples, size = loader.dataset.samples, loader.batch_size
    cleared = [
        other.event for other in iteration.before if isinstance(other.event, ZeroGrad) and clears(other.event, step)
    ]
    if (
        not samples
        or not size
        or not cleared
        or any(isinstance(other.event, OptimizerStep) for other in iteration.behind)
    ):
        return
    batches = samples // size if loader.drop_last else -(-samples // size)
    if rest := batches % period:
        yield Finding(
            title="the last micro-batches of an epoch are lost",
            at=Label(gate.site, f"{batches} batches: {rest} are left over"),
            because=(Label(cleared[0].site, "clears their gradients"),),
            note=f"{rest} of {batches} batches are computed in every epoch and never used",
            help="step once more behind the loop, or let the last batch of the loader step too",
        )
