"""Ranks whose parameters differ.

In data-parallel training every rank holds the same parameters after every step. Where they differ, gradients were not averaged:
`ddp.module(x)` goes around the wrapper, the optimizer was built from parameters of another copy, or one rank skipped a step. Each rank then trains a model of its own on its part
of the data, and the one that is saved has seen 1/N of it.

Example:

    import os, tempfile
    from torch import distributed
    from torch.nn.parallel import DistributedDataParallel
    # two processes, started by torchrun  # error: 0

Use instead:

    output = nn.Linear(8, 4)(torch.randn(6, 8))  # `ddp(x)`: through the wrapper

Not reported: sharded or pipelined models, whose ranks hold different parameters on purpose.

    net = nn.Linear(8, 4)

At run time: ranks write sums of their parameters to the key-value store of the process group after sampled steps.
"""

from collections.abc import Iterator

from lrcheck.events import RankDifference
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR714")
def check(difference: RankDifference) -> Iterator[Finding]:
    if len(difference.ranks) < 2:
        return
    yield Finding(
        title="the ranks hold different parameters",
        at=Label(difference.site, f"step {difference.step}: ranks {', '.join(map(str, difference.ranks))} differ"),
        note="gradients are not averaged: each rank trains a model of its own on its share of the data",
        help="call the wrapper, not what it wraps: `ddp(x)` instead of `ddp.module(x)`",
    )
