"""A learning rate scheduler that is not stepped as it should be.

A scheduler changes the learning rate in its `step()` only. Never stepped, it does nothing (`OneCycleLR` keeps the optimizer
at 1/25 of the rate that was asked for): {measured: never_stepped}. Stepped before the optimizer, it skips the first value. A
schedule that was told a number of batches (`steps_per_epoch`, `T_max=len(loader) * epochs`) never leaves its start where it is
stepped once per epoch; one that counts epochs is over within a few batches. `ReduceLROnPlateau` needs its metric, and
takes it for a loss: given an accuracy, it needs `mode="max"`.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10)  # error
    for epoch in range(100):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10)
    for epoch in range(100):
        for x, y in batches:
            optimizer.zero_grad()
            F.cross_entropy(net(x), y).backward()
            optimizer.step()
        scheduler.step()

Not reported: a helper that is not known gets the scheduler.

    optimizer = torch.optim.SGD(nn.Linear(20, 4).parameters(), lr=0.1)
    for x, y in batches:
        optimizer.step()
        after_batch(torch.optim.lr_scheduler.StepLR(optimizer, step_size=10))

Not reported: schedulers of other libraries have their own protocol.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    scheduler = timm.scheduler.CosineLRScheduler(optimizer, 100)
    for epoch in range(100):
        scheduler.step(epoch)
        optimizer.step()

At run time: the learning rate of `optimizer.param_groups` stays what it was, or jumps too early.
"""

from collections.abc import Iterator

from lrcheck.events import OptimizerStep, SchedulerStep, SchedulerUse, StepEvent
from lrcheck.findings import Finding, Label, Level
from lrcheck.knowledge.schedulers import COUNT_BATCHES, NEED_A_METRIC
from lrcheck.rule import rule

from ._gradients import is_deeper
from ._schedules import astray, backwards, hurried, per_batch_too, precedes


@rule("LR309")
def check(use: SchedulerUse) -> Iterator[Finding]:
    moves = [step for step in use.order if isinstance(step.event, SchedulerStep)]
    steps = [step for step in use.order if isinstance(step.event, OptimizerStep) and step.loops]
    name = use.name.rpartition(".")[2]
    if not moves and steps and not use.escaped:
        yield Finding(
            title="the scheduler is never stepped",
            at=Label(use.site, "changes nothing without `step()`"),
            because=(Label(steps[0].event.site, "the optimizer steps here"),),
            note="the learning rate is not the one that the schedule asks for",
            help="call `scheduler.step()` once per epoch, or per batch where the schedule counts batches",
        )
    if use.hurried is not None and use.span is not None:
        yield hurried(use.hurried, use.span, name)
    if use.astray is not None:
        yield astray(use.site, use.astray)
        return
    for move in moves:
        yield from _misplaced(use, name, move, steps)


def _misplaced(use: SchedulerUse, name: str, move: StepEvent, steps: list[StepEvent]) -> Iterator[Finding]:
    call = move.event
    batches = use.counted is not None or COUNT_BATCHES.get(name) in use.options
    if name in NEED_A_METRIC and isinstance(call, SchedulerStep) and not call.arguments:
        steps_with_it = any(isinstance(e := each.event, SchedulerStep) and e.arguments for each in use.order)
        if call.chosen and (len(move.path) > 1 or steps_with_it):
            return  # the option that chooses it also chooses how it is stepped
        yield Finding(
            title=f"`{name}` is stepped without its metric",
            at=Label(call.site, "the metric is missing"),
            because=(Label(use.site, "watches a metric"),),
            note="raises: step() missing 1 required positional argument",
            help="pass the validation loss: `scheduler.step(val_loss)`",
        )
    elif isinstance(call, SchedulerStep) and call.mode is not None:
        yield from backwards(use, call)
    elif isinstance(call, SchedulerStep) and call.chosen and len(move.path) > 1:
        return  # a test of the option stands around it
    elif batches and steps and all(is_deeper(s, move) for s in steps) and not per_batch_too(use, move):
        yield Finding(
            title="a schedule of batches is stepped once per epoch",
            at=Label(call.site, "once per epoch"),
            because=(Label(use.counted or use.site, "counts batches"), Label(steps[0].event.site, "once per batch")),
            note="the schedule counts batches: an epoch moves it by one",
            help="move `scheduler.step()` into the loop over batches, behind `optimizer.step()`",
        )
    elif move.loops and steps and precedes(use, move, steps):
        yield Finding(
            title="the scheduler is stepped before the optimizer",
            at=Label(call.site, "before the first step of the optimizer"),
            because=(Label(steps[0].event.site, "the optimizer steps here"),),
            note="the first value of the schedule is never used",
            help="move `scheduler.step()` behind the step of the optimizer",
            level=Level.WARNING,
        )
