"""The training split loaded as test data.

Two loaders, one shuffled and one not, and both read `train=True`: the second is meant for testing and shows the score on data
that the model has learned by heart.

Example:

    train = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    test = datasets.MNIST("data", train=True, transform=transforms.ToTensor())  # error
    train_loader = DataLoader(train, batch_size=64, shuffle=True)
    test_loader = DataLoader(test, batch_size=64)

Use instead:

    train = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    test = datasets.MNIST("data", train=False, transform=transforms.ToTensor())
    train_loader = DataLoader(train, batch_size=64, shuffle=True)
    test_loader = DataLoader(test, batch_size=64)

Not reported: a split made by samplers or subsets.

    from torch.utils.data import SubsetRandomSampler

    turned = transforms.Compose([transforms.RandomRotation(10), transforms.ToTensor()])
    train = datasets.MNIST("data", train=True, transform=turned)
    check = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    train_loader = DataLoader(train, batch_size=64, sampler=SubsetRandomSampler(range(50000)))
    check_loader = DataLoader(check, batch_size=64, sampler=SubsetRandomSampler(range(50000, 60000)))

Not reported: one dataset read twice, to report the training score.

    train = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    train_loader = DataLoader(train, batch_size=64, shuffle=True)
    score_loader = DataLoader(train, batch_size=64)

At run time: the test accuracy equals the training accuracy.
"""

from collections.abc import Iterator

from lrcheck.events import DatasetUse
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import replace
from lrcheck.rule import rule


@rule("LR511")
def check(use: DatasetUse) -> Iterator[Finding]:
    dataset, other = use.dataset, use.sibling
    if use.loader is None or other is None or dataset.train is not True or other.train is not True:
        return
    if dataset.train_site is None or other.train_site is None:
        return
    edits = replace(dataset.train_site, "False") if dataset.train_site.text == "True" else ()
    yield Finding(
        title="the test loader reads the training split",
        at=Label(dataset.train_site, "the same images as in training"),
        because=(Label(other.train_site, "the training data"),),
        note="the score is that of memorised data",
        help="load the test split: `train=False`",
        fix=Fix("load the test split: `train=False`", edits, Safety.SAFE) if edits else None,
    )
