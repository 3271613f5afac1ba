"""Output of one sample that depends on the other samples of its batch.

A `view`, `reshape` or `transpose` that moves values between samples, or a softmax over the batch, mixes samples: the loss
falls on such shuffled data, and the same sample gets another prediction in another batch. BatchNorm does so on purpose, in training
only: the model is asked in evaluation mode. Positions that are counted along the batch instead of the sequence add another vector to the
same sample in each batch. Layers of sequences take the sequence first, unless they are told `batch_first=True`. A change counts from 1e-4 of the output on, since rounding differs between kernels:
programs without the mistake (see `benchmarks/thresholds.py`) change by 0, those with it by at least 0.11.

Example:

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(8, 4)

        def forward(self, x):
            return self.linear(x.t().reshape(-1, 8))


    import lrcheck
    lrcheck.check_batch_independence(Net(), torch.randn(6, 8))  # error

Use instead:

    import lrcheck
    net = nn.Sequential(nn.Flatten(), nn.Linear(8, 4))
    lrcheck.check_batch_independence(net, torch.randn(6, 2, 4))

Not reported: BatchNorm, which uses its running statistics in evaluation.

    import lrcheck
    net = nn.Sequential(nn.Linear(8, 4), nn.BatchNorm1d(4))
    lrcheck.check_batch_independence(net, torch.randn(6, 8))

At run time: `lrcheck.check_batch_independence(model, batch)` runs the model twice, with other samples behind the first one;
a run that is watched asks the same of each model once, and also turns the order of the samples around.
"""

from collections.abc import Iterator

from lrcheck.events import BatchProbe
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule

SHARE = 1e-4  # of the output: rounding differs between batch shapes


@rule("LR709")
def check(probe: BatchProbe) -> Iterator[Finding]:
    if probe.along:
        yield Finding(
            title=f"`{probe.along}` takes the batch for a sequence",
            at=Label(probe.site, "dimension 0 of its input holds the samples"),
            note="the samples of a batch see each other, and the positions of one sample do not",
            help=f"`{probe.along}(..., batch_first=True)`, or the sequence first: `x.transpose(0, 1)`",
        )
        return
    change = max(probe.change, probe.moved)
    if change <= SHARE * max(probe.scale, 1e-6):
        return
    when = "when only the other samples change" if probe.change > SHARE * probe.scale else "with its place in the batch"
    yield Finding(
        title="the output of a sample depends on the rest of the batch",
        at=Label(probe.site, f"changes by {change:.2g} {when}"),
        note="the same sample gets another prediction in another batch, and the model trains on mixed samples",
        help="keep dimension 0 apart: `x.flatten(1)`, and `dim=1` for softmax",
    )
