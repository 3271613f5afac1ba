"""Gradients are clipped where it has no effect.

Clipping works between `backward()` and `step()`. Before the backward pass there are no gradients, behind the step it is too
late. With a gradient scaler, gradients are larger by the scale (65,536 at the start): without `scaler.unscale_(optimizer)`
every gradient is cut to almost nothing. Clipped in the wrong place, with a
learning rate of 5 on scikit-learn's digits: {measured: before_backward}.

Example:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)  # error
        loss.backward()
        optimizer.step()

Use instead:

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()

Not reported: weights that are clipped, as in a WGAN.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
        for p in net.parameters():
            p.data.clamp_(-0.01, 0.01)

Not reported: several optimizers take turns.

    net, head = nn.Linear(20, 4), nn.Linear(20, 4)
    first = torch.optim.SGD(net.parameters(), lr=0.1)
    second = torch.optim.SGD(head.parameters(), lr=0.1)
    for x, y in batches:
        first.zero_grad()
        second.zero_grad()
        F.cross_entropy(net(x) + head(x), y).backward()
        first.step()
        nn.utils.clip_grad_norm_(head.parameters(), 1.0)
        second.step()

At run time: `clip_grad_norm_` returns 0, or a norm of many thousands under a scaler.
"""

from collections.abc import Iterator

from lrcheck.events import Backward, ClipGradients, Iteration, OptimizerStep, ScalerCall, StepEvent, ZeroGrad
from lrcheck.findings import Edit, EditKind, Finding, Fix, Label, Safety
from lrcheck.rule import rule


@rule("LR311")
def check(iteration: Iteration) -> Iterator[Finding]:
    clips, steps = iteration.of(ClipGradients), iteration.of(OptimizerStep)
    backward, zeros = iteration.of(Backward), iteration.of(ZeroGrad)
    if len(clips) != 1 or len(steps) != 1 or not backward or iteration.framework or not iteration.whole:
        return
    if not zeros or len({(step.path, step.loops) for step in (*clips, *steps, *zeros)}) != 1:
        return
    order = iteration.events.index
    clip, step = clips[0], steps[0]
    apart = any((each.path, each.loops) != (step.path, step.loops) for each in backward)
    unseen = not any(each.path or each.loops for each in backward) and order(step) < order(clip) < order(zeros[0])
    if apart and not unseen:
        return  # gradients that are added up: between the step and the clearing, nobody sees that they are clipped
    scaled = isinstance(step.event, OptimizerStep) and step.event.scaler and step.event.tool is not None
    if order(clip) < order(backward[0]) < order(step) and not _carries(iteration, zeros, backward, clip):
        yield _finding(clip, backward[-1], "before the backward pass", "there are no gradients yet")
    elif order(step) < order(clip) and order(backward[-1]) < order(step):
        yield _finding(clip, backward[-1], "behind the step", "the gradients have been used already")
    elif scaled and not any(_divides(c) and order(c) < order(clip) for c in iteration.of(ScalerCall)):
        yield Finding(
            title="scaled gradients are clipped",
            at=Label(clip.event.site, "the gradients are larger by the scale"),
            because=(Label(step.event.site, "divides by the scale, after the clipping"),),
            note="the scale starts at 65,536: next to nothing is left of each gradient",
            help="call `scaler.unscale_(optimizer)` before the clipping",
        )


def _divides(call: StepEvent) -> bool:
    return isinstance(call.event, ScalerCall) and call.event.name == "unscale_"


def _carries(
    iteration: Iteration, zeros: tuple[StepEvent, ...], backward: tuple[StepEvent, ...], clip: StepEvent
) -> bool:
    """Gradients of the iteration before are still there: nothing clears them before the clipping."""
    del backward
    order = iteration.events.index
    step = iteration.of(OptimizerStep)[0]
    return not any(order(zero) < order(clip) or order(zero) > order(step) for zero in zeros)


def _finding(clip: StepEvent, backward: StepEvent, where: str, why: str) -> Finding:
    edit = Edit(EditKind.MOVE_AFTER, clip.event.site, other=backward.event.site)
    call = " ".join(clip.event.site.text.split())
    direct = not clip.inlined and not backward.inlined and clip.path == backward.path
    return Finding(
        title=f"gradients are clipped {where}",
        at=Label(clip.event.site, why),
        because=(Label(backward.event.site, "the gradients are computed here"),),
        note="the clipping has no effect: a large gradient makes as large a step as without it",
        help="clip between `backward()` and `step()`",
        fix=Fix(f"clip behind the backward pass: `{call}`", (edit,), Safety.SAFE) if direct else None,
    )
