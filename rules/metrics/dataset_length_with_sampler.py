"""The length of a data set behind a loader that gives fewer samples.

`len(loader.dataset)` is the number of samples of the whole data set. With `SubsetRandomSampler`, a sampler of `num_samples`, or
`drop_last=True`, a pass through the loader sees fewer: an accuracy over 20 % of the data (a validation part) is reported five times too small.

Example:

    data = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    part = DataLoader(data, batch_size=64, sampler=torch.utils.data.SubsetRandomSampler(range(12_000)))
    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in part:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()
    print("accuracy", correct / len(part.dataset))  # error

Use instead:

    data = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    part = DataLoader(data, batch_size=64, sampler=torch.utils.data.SubsetRandomSampler(range(12_000)))
    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in part:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()
    print("accuracy", correct / len(part.sampler))

Not reported: a loader that gives every sample once.

    data = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    whole = DataLoader(data, batch_size=64, shuffle=True)
    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in whole:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()
    print("accuracy", correct / len(whole.dataset))

Not reported: batches that leave nothing over.

    data = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    whole = DataLoader(data, batch_size=100, drop_last=True)
    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in whole:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()
    print("accuracy", correct / len(whole.dataset))

Not reported: a sampler that is not known to leave samples out.

    data = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    weighted = DataLoader(data, batch_size=64, sampler=sampler)
    net = nn.Linear(784, 10)
    correct = 0
    for images, labels in weighted:
        correct += (net(images.flatten(1)).argmax(dim=1) == labels).sum().item()
    print("accuracy", correct / len(weighted.dataset))

At run time: an accuracy that stays below the share of the samples that are seen.
"""

import re
from collections.abc import Iterator

from lrcheck.events import Measure
from lrcheck.facts import Quantity
from lrcheck.findings import Finding, Fix, Label, Level, Safety, Site
from lrcheck.fixing import code, fix, replace
from lrcheck.rule import rule

from ._amounts import amount, kinds, made, times, too

SMALL = 0.01  # a last batch that hardly counts
_LENGTH = re.compile(r"\(*len\(\s*([A-Za-z_][\w.]*)\.dataset\s*\)\)*")


@rule("LR224")
def check(measure: Measure) -> Iterator[Finding]:
    value = measure.value
    if measure.kind != "division" or value.quantity not in (Quantity.ACCURACY, Quantity.LOSS):
        return
    if kinds(value) != {"samples": 0} or value.scale not in (1, 100):
        return
    if value.record is not None and "corrected" in value.record.kinds:
        return
    seen, whole, loader = amount(value, "samples", 1), amount(value, "samples", -1), value.loader
    if seen is None or whole is None or loader is None or not isinstance(seen.key, tuple) or seen.key[0] != "loader":
        return
    factor = times(value)
    sampled = loader.sampler_name == "SubsetRandomSampler"
    drawn = (
        loader.sampler is True and loader.sampler_name != "DistributedSampler"
    )  # which leaves the rest to other ranks
    if not sampled and (not (drawn or loader.drop_last) or factor is None or abs(factor - 1) < 1e-9):
        return
    part = "a part of them" if sampled else f"{seen.number} samples"
    how = part if sampled or drawn else f"{seen.number} of them: the last batch is dropped"
    yield Finding(
        title="the whole data set is counted, the loader gives a part",
        at=Label(measure.right_site or measure.site, "counts every sample of the data set"),
        because=(
            *((Label(loader.site, f"gives {how}"),) if loader.site is not None else ()),
            *made(measure, "measured for a batch"),
        ),
        note=f"the number is {too(factor, 'too small by the share of the samples that are left out')}",
        help="divide by the samples that were seen: `total += labels.size(0)`",
        fix=_by_sampler(measure.right_site) if sampled else None,
        level=Level.INFO if factor is not None and abs(factor - 1) < SMALL else None,
    )


def _by_sampler(site: Site | None) -> Fix | None:
    """`len(loader.dataset)` becomes `len(loader.sampler)`."""
    match = _LENGTH.fullmatch(site.text) if site is not None else None
    if match is None:
        return None
    text = f"len({match.group(1)}.sampler)"
    return fix(f"divide by the samples that are drawn: {code(text)}", Safety.SAFE, replace(site, text))
