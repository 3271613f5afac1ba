"""Steps that wait for data.

More than half of the time of a run on a GPU passes while the training loop waits for the next batch: the GPU idles, and a
CPU would hardly be slower: from one half on it is the loader that sets the speed. Reported after 50 steps and more that were timed.

Example:

    # a run on a GPU whose loader decodes images without workers  # error: 0

Use instead:

    from torch.utils.data import DataLoader, TensorDataset
    data = TensorDataset(torch.randn(64, 8))
    loader = DataLoader(data, batch_size=32, pin_memory=torch.cuda.is_available())

Not reported: runs on a CPU, where loading and training share the processor.

    net = nn.Linear(8, 4)

At run time: the time inside the loader is compared with the time of whole steps, from step 20 on, without the sampled ones.
"""

from collections.abc import Iterator

from lrcheck.events import WaitingTime
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

STEPS = 50
SHARE = 0.5


@rule("LR715", Level.INFO)
def check(time: WaitingTime) -> Iterator[Finding]:
    if time.steps < STEPS or time.total <= 0 or time.waiting <= SHARE * time.total:
        return
    yield Finding(
        title="training waits for the data loader",
        at=Label(time.site, f"{time.waiting / time.total:.0%} of the time of {time.steps} steps passes before it"),
        note=f"{time.waiting:.1f} of {time.total:.1f} seconds: the GPU idles meanwhile",
        help="load in other processes: `DataLoader(..., num_workers=4, pin_memory=True)`, or keep small data on the GPU",
    )
