"""Worker processes started while the main module is read.

With `num_workers` above 0 the loader starts processes. Windows and macOS start them by importing the script again: without
`if __name__ == "__main__":` every worker runs the training itself and raises `An attempt has been made to start a new process
before the current process has finished its bootstrapping phase`. Linux forks, so the author may never see it (Python 3.14
stops forking there, too).

Example:

    train = datasets.MNIST("data", transform=transforms.ToTensor())
    loader = DataLoader(train, batch_size=64, num_workers=4)  # error
    for images, labels in loader:
        print(images.shape)

Use instead:

    def main():
        train = datasets.MNIST("data", transform=transforms.ToTensor())
        loader = DataLoader(train, batch_size=64, num_workers=4)
        for images, labels in loader:
            print(images.shape)

    if __name__ == "__main__":
        main()

Not reported: a loader that works in the main process.

    train = datasets.MNIST("data", transform=transforms.ToTensor())
    loader = DataLoader(train, batch_size=64, num_workers=0)
    for images, labels in loader:
        print(images.shape)

Not reported: a loader that is only made here, and iterated in a function.

    train = datasets.MNIST("data", transform=transforms.ToTensor())
    loader = DataLoader(train, batch_size=64, num_workers=4)

    def show():
        for images, labels in loader:
            print(images.shape)

Not reported: a number of workers that is not known.

    train = datasets.MNIST("data", transform=transforms.ToTensor())
    loader = DataLoader(train, batch_size=64, num_workers=options.workers)
    for images, labels in loader:
        print(images.shape)

At run time: on Windows and macOS, `RuntimeError` about the bootstrapping phase.
"""

from collections.abc import Iterator

from lrcheck.events import LoaderStart
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule


@rule("LR507", Level.WARNING)
def check(start: LoaderStart) -> Iterator[Finding]:
    workers = start.loader.workers
    if not start.top_level or not workers or start.workers_site is None:
        return
    yield Finding(
        title="workers are started while the main module is read",
        at=Label(start.workers_site, f"{workers} process{'es' if workers > 1 else ''}"),
        note='raises on Windows and macOS, where workers import the script: `if __name__ == "__main__":` is missing',
        help='put the training under `if __name__ == "__main__":`',
    )
