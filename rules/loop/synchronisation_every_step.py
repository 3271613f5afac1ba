"""Every training step waits for the GPU.

Operations on a GPU are queued: Python runs ahead while the device works. `.item()` needs the number, so it waits until the
queue is empty, in every step. For small models the device is then idle most of the time.

Example:

    net = nn.Linear(20, 4).cuda()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x.cuda()), y.cuda())
        loss.backward()
        optimizer.step()
        print(loss.item())  # error

Use instead:

    net = nn.Linear(20, 4).cuda()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step, (x, y) in enumerate(batches):
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x.cuda()), y.cuda())
        loss.backward()
        optimizer.step()
        if step % 100 == 0:
            print(loss.item())

Not reported: a program that runs on the CPU, where nothing is queued.

    net = nn.Linear(20, 4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        print(loss.item())

At run time: seen in the sampled steps; what `GradScaler.step` asks by itself does not count.
"""

from collections.abc import Iterator

from lrcheck.events import Iteration, Synchronisation
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule


@rule("LR318", Level.INFO)
def check(iteration: Iteration) -> Iterator[Finding]:
    for step in iteration.events:
        event = step.event
        if (
            not isinstance(event, Synchronisation)
            or event.device != "cuda"
            or step.path
            or step.loops
            or not iteration.steps
        ):
            continue
        yield Finding(
            title="every step waits for the GPU",
            at=Label(event.site, "waits until the device has done all its work"),
            note="the device is idle while Python prepares the next step",
            help="ask for the number every 100 steps, or sum on the device: `total += loss.detach()`",
        )
        return
