"""Batches that hold the same sample over and over.

A data set whose `__getitem__` does not depend on its index, or draws with a generator that is seeded anew for each sample, gives
one sample again and again: the loss falls fast, to what one sample can teach, and the model knows nothing else. Reported where
in each of the first three sampled batches of a data loader (16 samples and more) all samples are equal in every number; in a real
data set not even two neighbours are: in programs without the mistake (see `benchmarks/thresholds.py`) no sample of a batch equals its first one.

Example:

    from torch.utils.data import DataLoader, Dataset
    class Samples(Dataset):
        def __len__(self):
            return 256

        def __getitem__(self, index):
            values = torch.randn(8, generator=torch.Generator().manual_seed(0))
            return values, int(values.argmax()) % 4


    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(Samples(), batch_size=32):
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()  # error
        optimizer.step()

Use instead:

    from torch.utils.data import DataLoader, Dataset
    class Samples(Dataset):
        def __len__(self):
            return 256

        def __getitem__(self, index):
            values = torch.randn(8, generator=torch.Generator().manual_seed(index))
            return values, int(values.argmax()) % 4


    net = nn.Linear(8, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in DataLoader(Samples(), batch_size=32):
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

Not reported: one batch repeated on purpose, whose samples differ, as in a test whether a model can learn a batch by heart.

    x, y = torch.randn(32, 8), torch.randint(0, 4, (32,))

At run time: the samples of the first sampled batches are compared with the first of each.
"""

from collections.abc import Iterator

from lrcheck.events import EqualSamples
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR716")
def check(equal: EqualSamples) -> Iterator[Finding]:
    if equal.available is not None and equal.available < 2 * equal.samples:
        return
    promised = f", of a data set with {equal.available}" if equal.available is not None else ""
    yield Finding(
        title="all samples of a batch are the same",
        at=Label(equal.site, f"trains on one sample, {equal.samples} times in a batch"),
        note=f"{equal.batches} of {equal.batches} batches hold one sample only{promised}: nothing else is learnt",
        help="let `__getitem__` depend on its index, and seed generators once, outside it",
    )
