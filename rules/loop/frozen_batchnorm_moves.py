"""A frozen BatchNorm that goes on learning.

`requires_grad = False` keeps the optimizer away from the weights, and nothing else. In training mode BatchNorm still
normalises with the statistics of each batch and moves its running mean and variance towards the new data: the "frozen"
backbone is another one after the training. Nothing raises. On scikit-learn's digits, a body that is frozen while a
second head learns from other images gives its first head an {measured: second_head}.

Example:

    body = nn.Sequential(nn.Linear(20, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU())
    net = nn.Sequential(body, nn.Linear(8, 4))
    for p in body.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(net[1].parameters(), lr=0.1)
    net.train()
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()  # error
        optimizer.step()

Use instead:

    body = nn.Sequential(nn.Linear(20, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU())
    net = nn.Sequential(body, nn.Linear(8, 4))
    for p in body.parameters():
        p.requires_grad = False
    optimizer = torch.optim.SGD(net[1].parameters(), lr=0.1)
    net.train()
    body.eval()
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Not reported: a model whose `train()` leaves the frozen part in evaluation mode.

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.body = nn.Sequential(nn.Linear(20, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU())
            self.head = nn.Linear(8, 4)
            self.body.requires_grad_(False)
        def train(self, mode=True):
            super().train(mode)
            self.body.eval()
            return self
        def forward(self, x):
            return self.head(self.body(x))
    net = Net()
    optimizer = torch.optim.SGD(net.head.parameters(), lr=0.1)
    net.train()
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()

Not reported: parameters that are frozen for a while only, as in the turns of a GAN.

    critic = nn.Sequential(nn.Linear(20, 8, bias=False), nn.BatchNorm1d(8), nn.Linear(8, 1))
    generator = nn.Linear(20, 20)
    optimizer = torch.optim.SGD(generator.parameters(), lr=0.1)
    for x, y in batches:
        critic.requires_grad_(False)
        optimizer.zero_grad()
        critic(generator(x)).mean().backward()
        optimizer.step()
        critic.requires_grad_(True)

At run time: `running_mean` of a frozen layer changes from step to step.
"""

from collections.abc import Iterator

from lrcheck.events import FrozenStatistics
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule


@rule("LR324", Level.WARNING)
def check(moving: FrozenStatistics) -> Iterator[Finding]:
    yield Finding(
        title="a frozen BatchNorm goes on learning statistics",
        at=Label(moving.site, "in training mode, with a frozen BatchNorm inside"),
        because=() if moving.frozen is None else (Label(moving.frozen, "freezes the weights, not the statistics"),),
        note="it normalises with each batch, and its running mean and variance move towards the new data",
        help="keep the frozen part in evaluation mode, behind every `train()`: `backbone.eval()`",
    )
