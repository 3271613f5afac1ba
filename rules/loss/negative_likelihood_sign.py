"""Likelihood maximised with the wrong sign.

The negative log-likelihood written by hand needs its minus. Without it the optimizer makes the true class as unlikely as
it can: the loss is below zero, falls without bound, and the accuracy drops below chance. A linear model on scikit-learn's
digits: {measured: gathered}.

Example:

    net = nn.Linear(8, 4)
    log_probabilities = torch.log_softmax(net(torch.randn(6, 8)), dim=1)
    loss = log_probabilities.gather(1, torch.randint(0, 4, (6, 1))).mean()
    loss.backward()  # error

Use instead:

    net = nn.Linear(8, 4)
    log_probabilities = torch.log_softmax(net(torch.randn(6, 8)), dim=1)
    loss = -log_probabilities.gather(1, torch.randint(0, 4, (6, 1))).mean()
    loss.backward()

So does a variational autoencoder whose divergence is subtracted from the loss.

    code = nn.Linear(8, 4)(torch.randn(6, 8))
    mean, log_variance = code[:, :2], code[:, 2:]
    divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum()
    loss = 5.0 - divergence
    loss.backward()  # error

And a regression that predicts a deviation, too, and minimises the density.

    mean, width = nn.Linear(8, 2)(torch.randn(6, 8)).T
    loss = torch.distributions.Normal(mean, F.softplus(width)).log_prob(torch.randn(6)).mean()
    loss.backward()  # error

Not reported: losses that may be negative, such as densities of continuous values.

    net = nn.Linear(8, 1)
    loss = (net(torch.randn(6, 8)) ** 2).log().mean()
    loss.backward()

At run time: the autograd graph leads from the loss straight to the log-probabilities of the true classes, without a minus.
"""

from collections.abc import Iterator

from lrcheck.events import LikelihoodSum
from lrcheck.findings import Finding, Label
from lrcheck.rule import rule


@rule("LR127")
def check(likelihood: LikelihoodSum) -> Iterator[Finding]:
    if likelihood.divergence:
        yield _divergence(likelihood)
        return
    if likelihood.density:
        yield _density(likelihood)
        return
    if likelihood.negated or likelihood.value >= 0:
        return
    yield Finding(
        title="the log-likelihood is minimised instead of maximised",
        at=Label(likelihood.site, f"the loss is {likelihood.value:.2f}: log-probabilities without a minus"),
        note="the loss falls without bound, and the true class becomes as unlikely as possible",
        help="put a minus in front: `loss = -log_probabilities.gather(1, y).mean()`, or use `F.nll_loss`",
    )


def _divergence(likelihood: LikelihoodSum) -> Finding:
    return Finding(
        title="the divergence is maximised instead of minimised",
        at=Label(likelihood.site, "the square of the mean and the variance have a minus in this loss"),
        note="the loss falls without bound: the code moves away from the prior, and samples of the prior mean nothing",
        help="add the divergence: `-0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum()`",
    )


def _density(likelihood: LikelihoodSum) -> Finding:
    return Finding(
        title="the density of the targets is minimised instead of maximised",
        at=Label(likelihood.site, "squares of errors and logarithms of deviations, all of them with a minus"),
        note="the loss falls without bound: predictions move away from the targets",
        help="put a minus in front: `loss = -distribution.log_prob(y).mean()`, or use `nn.GaussianNLLLoss`",
    )
