"""A module is trained, and no optimizer knows its parameters.

`backward()` computes gradients for every module that the loss depends on, `step()` moves only what the optimizer was given.
A module that was left out, or put into the model after the optimizer was built, stays as it was initialised. Nothing
raises. A new last layer that the optimizer does not know, on scikit-learn's digits: {measured: head_added_later}.

Example:

    encoder = nn.Sequential(nn.Linear(20, 8), nn.ReLU())
    head = nn.Linear(8, 4)  # error
    optimizer = torch.optim.SGD(encoder.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(head(encoder(x)), y).backward()
        optimizer.step()

Use instead:

    encoder = nn.Sequential(nn.Linear(20, 8), nn.ReLU())
    head = nn.Linear(8, 4)
    optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(head(encoder(x)), y).backward()
        optimizer.step()

Not reported: parameters that are frozen on purpose.

    encoder = nn.Sequential(nn.Linear(20, 8), nn.ReLU())
    head = nn.Linear(8, 4)
    head.requires_grad_(False)
    optimizer = torch.optim.SGD(encoder.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(head(encoder(x)), y).backward()
        optimizer.step()

Not reported: a module whose weights are loaded, such as the network of a perceptual loss.

    encoder = nn.Sequential(nn.Linear(20, 8), nn.ReLU())
    judge = nn.Linear(8, 4)
    judge.load_state_dict(torch.load("judge.pt", weights_only=True))
    optimizer = torch.optim.SGD(encoder.parameters(), lr=0.1)
    for x, y in batches:
        optimizer.zero_grad()
        F.cross_entropy(judge(encoder(x)), y).backward()
        optimizer.step()

At run time: gradients of parameters that no optimizer holds.
"""

from collections.abc import Iterator

from lrcheck.events import MissedParameters
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR307")
def check(missed: MissedParameters) -> Iterator[Finding]:
    yield Finding(
        title="no optimizer holds the parameters of this module",
        at=Label(missed.site, "built after the optimizer" if missed.replaced else "trained by the loss, never moved"),
        because=(Label(missed.optimizer, "does not know it"), Label(missed.backward, "computes its gradients")),
        note=f"the parameters of `{missed.name}` stay as they were initialised",
        help="build the optimizer last, and give it all parameters: `[*a.parameters(), *b.parameters()]`",
    )
