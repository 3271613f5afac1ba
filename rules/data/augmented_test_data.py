"""Random transforms, or other statistics, on the test data.

A random crop or flip changes the test images in every pass: the score is noisy and too low. With other normalisation
statistics than in training, the model sees inputs that are shifted and scaled.

Example:

    flip = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor()])
    train = datasets.CIFAR10("data", train=True, transform=flip)
    test = datasets.CIFAR10("data", train=False, transform=flip)  # error

Use instead:

    flip = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor()])
    train = datasets.CIFAR10("data", train=True, transform=flip)
    test = datasets.CIFAR10("data", train=False, transform=transforms.ToTensor())

Not reported: random transforms of the training data.

    noisy = transforms.Compose([transforms.RandomCrop(28, 4), transforms.ToTensor()])
    train = datasets.CIFAR10("data", train=True, transform=noisy)

Not reported: equal statistics, or a split that is not known.

    scaled = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,), (0.5,))])
    train = datasets.MNIST("data", train=True, transform=scaled)
    test = datasets.MNIST("data", train=False, transform=scaled)
    other = datasets.MNIST("data", train=options.train, transform=transforms.RandomRotation(10))

At run time: the first batch of an evaluation holds the same labels and other inputs, epoch after epoch.
"""

from collections.abc import Iterator

from lrcheck.events import DatasetUse
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule


@rule("LR505", Level.WARNING)
def check(use: DatasetUse) -> Iterator[Finding]:
    dataset, other = use.dataset, use.sibling
    if use.loader is not None or use.parts or dataset.train is not False or dataset.site is None:
        return
    if dataset.varies:
        yield Finding(
            title="the samples of an evaluation change from pass to pass",
            at=Label(dataset.site, "the same samples and labels, other values in each epoch"),
            note="the score is noisy, and lower than the model deserves",
            help="evaluate a data set that changes nothing by chance",
        )
    elif dataset.random:
        name, site = dataset.random[0]
        yield Finding(
            title=f"the test images pass through `{name[:20]}`",
            at=Label(dataset.transform_site or dataset.site, "random in every pass"),
            because=(Label(site, "made here"),),
            note="the test score is noisy, and lower than the model deserves",
            help="give the test set transforms without chance",
        )
    elif other is not None and other.normalise and dataset.normalise and other.normalise[:2] != dataset.normalise[:2]:
        yield Finding(
            title="the test images are normalised differently",
            at=Label(dataset.normalise[2], "statistics of the test pipeline"),
            because=(Label(other.normalise[2], "statistics of the training pipeline"),),
            note="the model is tested on inputs that are shifted and scaled against those of its training",
            help="use the statistics of the training data for both",
        )
