"""Model and data on different devices.

The model was moved to the accelerator and the batch was not, or the reverse. It raises on every machine that has one
(`Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu`), and only there: on a
laptop the same script runs.

Example:

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loader = DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).to(device)
    for images, labels in loader:
        scores = net(images)  # error
        loss = F.cross_entropy(scores, labels.to(device))

    for images, labels in loader:
        loss = F.cross_entropy(net(images.to(device)), labels)  # error

Use instead:

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    loader = DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)
    net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).to(device)
    for images, labels in loader:
        scores = net(images.to(device))
        loss = F.cross_entropy(scores, labels.to(device))

Not reported: a wrapper that moves its inputs, or a framework that places model and data.

    loader = DataLoader(datasets.MNIST("data", transform=transforms.ToTensor()), batch_size=64)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    net = nn.DataParallel(nn.Sequential(nn.Flatten(), nn.Linear(784, 10)).to(device))
    prepared = accelerator.prepare(nn.Linear(784, 10))
    for images, labels in loader:
        scores = net(images)
        others = prepared(images.flatten(1))

Not reported: a trainer that has the model, and functions of its own to call.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc = nn.Linear(20, 4)
        def forward(self, x):
            return self.fc(x)
    class Trainer:
        def __init__(self, model, callbacks):
            self.model, self.callbacks = model, callbacks
        def fit(self):
            for callback in self.callbacks:
                callback(self)
    net = Net()
    Trainer(net, [placing]).fit()
    out = net(torch.rand(8, 20).cuda())

Not reported: data whose device is not known.

    net = nn.Linear(20, 4).to("cpu")
    scores = net(batch["x"].to(config.device))

At run time: `Expected all tensors to be on the same device`.
"""

from collections.abc import Iterator

from lrcheck.events import DeviceMeeting
from lrcheck.findings import Finding, Fix, Label, Safety
from lrcheck.fixing import append
from lrcheck.rule import rule

_NAMES = {"auto": "the accelerator", "cpu": "the CPU", "cuda": "the GPU"}


@rule("LR503")
def check(meeting: DeviceMeeting) -> Iterator[Finding]:
    first, second = (_NAMES.get(kind, f"`{kind}`") for kind in (meeting.first, meeting.second))
    move = f".to({meeting.target})" if meeting.target else ""
    yield Finding(
        title=f"a tensor on {second} meets one on {first}",
        at=Label(meeting.argument, f"on {second}"),
        because=(Label(meeting.because, f"on {first}"),) if meeting.because is not None else (),
        note="raises on every machine that has an accelerator",
        help="move both to the same device",
        fix=Fix(f"move it: `{meeting.argument.text}{move}`", append(meeting.argument, move), Safety.UNSAFE)
        if move and meeting.argument.text.isidentifier()
        else None,
    )
