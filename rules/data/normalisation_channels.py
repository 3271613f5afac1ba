"""Normalisation statistics that do not fit the images.

Three means for an image of one channel raise in the first batch. Means of the range 0-255 behind `ToTensor`, which gives
values in [0, 1], move every image to nearly the same point: `(x - 127.5) / 127.5` lies between -1 and -0.992, and the model
sees hardly any contrast.

Example:

    gray = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])  # error
    train = datasets.MNIST("data", transform=gray)
    dark = transforms.Compose([transforms.ToTensor(), transforms.Normalize((127.5,), (127.5,))])  # error
    test = datasets.MNIST("data", train=False, transform=dark)

Use instead:

    gray = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    train = datasets.MNIST("data", transform=gray)

Not reported: images that have three channels by then.

    steps = [transforms.Grayscale(3), transforms.ToTensor(), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))]
    train = datasets.MNIST("data", transform=transforms.Compose(steps))

Not reported: one value for all channels, or steps of the program's own.

    wide = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    train = datasets.CIFAR10("data", transform=wide)
    own = transforms.Compose([transforms.ToTensor(), transforms.Lambda(rgb), transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    train = datasets.MNIST("data", transform=own)

At run time: `output with shape [1, 28, 28] doesn't match the broadcast shape [3, 28, 28]`, or inputs without contrast.
"""

from collections.abc import Iterator

from lrcheck.events import DatasetUse
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import code, replace
from lrcheck.knowledge.pipelines import STATISTICS
from lrcheck.rule import rule


@rule("LR516")
def check(use: DatasetUse) -> Iterator[Finding]:
    dataset = use.dataset
    if use.loader is not None or use.parts or dataset.normalise is None:
        return
    mean, _, site = dataset.normalise
    short = dataset.name.rpartition(".")[2]
    if dataset.channels is not None and len(mean) not in (1, dataset.channels):
        title = f"{len(mean)} means for images of {dataset.channels} channel{'s' if dataset.channels > 1 else ''}"
        label, note = f"images of `{short}`", "raises in the first batch"
    elif dataset.scaled and max(map(abs, mean)) > 2:
        title, label = "means of 0-255 meet values in [0, 1]", "behind `ToTensor`"
        note = "every image ends near the same point: hardly any contrast is left"
    else:
        return
    known = STATISTICS.get(dataset.name)
    better = f"{site.text.partition('(')[0]}({known[0]}, {known[1]})" if known else ""
    yield Finding(
        title=title,
        at=Label(site, label),
        note=note,
        help="use the statistics of these images, one value per channel",
        fix=Fix(f"use the statistics of `{short}`: {code(better)}", replace(site, better), Safety.UNSAFE)
        if better
        else None,
    )
