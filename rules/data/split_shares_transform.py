"""A validation set that is augmented with the training set.

`random_split` gives two views of one dataset, with one transform. Random crops and flips meant for training change the
validation images as well: the validation score is noisy and too low.

Example:

    flip = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor()])
    data = datasets.CIFAR10("data", train=True, transform=flip)
    train, check = torch.utils.data.random_split(data, [45000, 5000])  # error
    train_loader = DataLoader(train, batch_size=64, shuffle=True)
    check_loader = DataLoader(check, batch_size=64)

Use instead:

    data = datasets.CIFAR10("data", train=True, transform=transforms.ToTensor())
    train, check = torch.utils.data.random_split(data, [45000, 5000])
    train_loader = DataLoader(train, batch_size=64, shuffle=True)
    check_loader = DataLoader(check, batch_size=64)

Two `Subset`s of one dataset are such a split, too.

    data = datasets.CIFAR10("data", transform=transforms.Compose([transforms.RandomCrop(32, 4), transforms.ToTensor()]))
    order = torch.randperm(len(data)).tolist()
    train_loader = DataLoader(Subset(data, order[5000:]), batch_size=64, shuffle=True)
    val_loader = DataLoader(Subset(data, order[:5000]), batch_size=64)  # error

Not reported: parts that are all for training.

    flip = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor()])
    data = datasets.CIFAR10("data", train=True, transform=flip)
    first, second = torch.utils.data.random_split(data, [25000, 25000])
    loaders = [DataLoader(first, batch_size=64, shuffle=True), DataLoader(second, batch_size=64, shuffle=True)]

Not reported: a transform that is replaced afterwards, or a wrapper with its own.

    flip = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor()])
    data = datasets.CIFAR10("data", train=True, transform=flip)
    train, check = torch.utils.data.random_split(data, [45000, 5000])
    train_loader = DataLoader(train, batch_size=64, shuffle=True)
    check_loader = DataLoader(Transformed(check, transforms.ToTensor()), batch_size=64)

At run time: the first batch of the validation part holds the same labels and other inputs, epoch after epoch.
"""

from collections.abc import Iterator

from lrcheck.events import DatasetUse
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR524")
def check(use: DatasetUse) -> Iterator[Finding]:
    if not use.parts or not use.dataset.random:
        return
    shuffled = [loader for loader in use.parts if loader.shuffle is True]
    plain = [loader for loader in use.parts if loader.shuffle is False and not loader.sampler]
    if not shuffled or not plain:
        return
    name, site = use.dataset.random[0]
    because = [Label(site, f"`{name}` is random")]
    if plain[0].site is not None:
        because.append(Label(plain[0].site, "reads augmented images"))
    yield Finding(
        title="the parts of the split share a random transform",
        at=Label(use.site, "both parts are views of one dataset"),
        because=tuple(because),
        note="the validation images are augmented too: the score is noisy and too low",
        help="make two datasets with their own transforms, and split by indices: `Subset(data, indices)`",
    )
