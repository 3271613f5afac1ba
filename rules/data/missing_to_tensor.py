"""Images that are never made tensors.

A dataset of torchvision yields PIL images. The loader's default collate function cannot batch them and raises at the first
batch: `default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'PIL.Image.Image'>`.

Example:

    train = datasets.MNIST("data", train=True)
    loader = DataLoader(train, batch_size=64)  # error
    small = datasets.CIFAR10("data", transform=transforms.Compose([transforms.Resize(16), transforms.RandomHorizontalFlip()]))
    others = DataLoader(small, batch_size=64)  # error
    train_on(loader, others)

Use instead:

    train = datasets.MNIST("data", train=True, transform=transforms.ToTensor())
    loader = DataLoader(train, batch_size=64)

Not reported: a collate function that makes the tensors.

    train = datasets.MNIST("data", train=True)
    loader = DataLoader(train, batch_size=64, collate_fn=to_batch)
    train_on(loader)

Not reported: a transform of the program's own, or one that is set later.

    own = datasets.MNIST("data", train=True, transform=preprocess)
    later = datasets.MNIST("data", train=True)
    later.transform = preprocess
    train_on(DataLoader(own, batch_size=64), DataLoader(later, batch_size=64))

Not reported: a dataset that is looked at sample by sample, and a loader that nothing goes through.

    train = datasets.MNIST("data", train=True)
    image, label = train[0]
    loader = DataLoader(train, batch_size=64)
    print(len(loader))

At run time: `TypeError: default_collate: batch must contain tensors ...`.
"""

from collections.abc import Iterator

from lrcheck.events import DatasetUse
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import add_argument
from lrcheck.rule import rule


@rule("LR501")
def check(use: DatasetUse) -> Iterator[Finding]:
    dataset = use.dataset
    if use.loader is None or use.idle or use.loader.collate or dataset.tensors is not False or dataset.site is None:
        return
    transform = "transform=transforms.ToTensor()"
    known = "transforms" in dataset.modules
    yield Finding(
        title=f"the images of `{dataset.name.rpartition('.')[2]}` are never made tensors",
        at=Label(use.site, "batches need tensors"),
        because=(Label(dataset.transform_site or dataset.site, "yields PIL images"),),
        note="raises at the first batch: the default collate function cannot batch images",
        help=f"make tensors of them: `{transform}`",
        fix=Fix(f"make tensors of them: `{transform}`", add_argument(dataset.site, transform), Safety.SAFE)
        if dataset.transform_site is None and known
        else None,
    )
