"""Loss between a column and a row.

A model with one output gives `(N, 1)`; targets often come as `(N,)`. `MSELoss`, `L1Loss` and `SmoothL1Loss` broadcast the two
to `(N, N)` and compare every prediction with every target. The best that a model can then do is to predict the mean: the
weights shrink to 0 and the loss stays at the variance of the targets: {measured: functional_mse}. torch says so only in a
warning that is printed once. `BCELoss` and `BCEWithLogitsLoss` raise in the first batch.

Example:

    net = nn.Linear(20, 1)
    prices = torch.rand(32)
    loss = F.mse_loss(net(torch.randn(32, 20)), prices)  # error

Use instead:

    net = nn.Linear(20, 1)
    prices = torch.rand(32)
    loss = F.mse_loss(net(torch.randn(32, 20)), prices.unsqueeze(1))

Not reported: equal shapes.

    net = nn.Linear(20, 1)
    loss = F.mse_loss(net(torch.randn(32, 20)), torch.rand(32, 1))

Not reported: an explicit squeeze, unsqueeze, view or view_as.

    net = nn.Linear(20, 1)
    prices = torch.rand(32)
    loss = F.l1_loss(net(torch.randn(32, 20)).squeeze(1), prices)
    output = net(torch.randn(32, 20))
    loss = F.smooth_l1_loss(output, prices.view_as(output))

Not reported: one of the shapes is not known.

    net = nn.Linear(20, 1)
    loss = F.mse_loss(net(x), y)

Not reported: a loss that takes indices; its target has one dimension less.

    net = nn.Linear(20, 4)
    loss = F.cross_entropy(net(torch.randn(32, 20)), torch.randint(0, 4, (32,)))

At run time: `UserWarning: Using a target size ... that is different to the input size`; all predictions become equal. Losses that
are written by hand (`log_prob * advantage`, `reward + gamma * value`) are seen in a run, where torch says nothing.
"""

from collections.abc import Iterator

from lrcheck.events import LossCall
from lrcheck.facts import Shape
from lrcheck.findings import Finding, Label, Safety
from lrcheck.fixing import append, code, fix, operand
from lrcheck.rule import rule


@rule("LR117")
def check(call: LossCall) -> Iterator[Finding]:
    contract, target = call.loss.contract, call.target.shape
    given = (*target, 1) if target and len(target) == 1 and call.input.ends_in_one else call.input.shape
    if contract is None or not contract.elementwise or given is None or target is None:
        return
    if not (_column_of(given, target) or _column_of(target, given)):
        return
    rows = given[0]
    suffix = ".unsqueeze(1)" if len(target) == 1 else ".squeeze(1)"
    text = operand(call.target_site.text) + suffix if call.target_site is not None else ""
    raises = call.family in ("bce", "bce_with_logits")
    by_hand = call.family == "other" and not call.loss.functional and call.loss.site is None
    what = "mixes every sample with every other one" if by_hand else "compares every prediction with every target"
    pairs = f"{what}: {rows} x {rows} pairs"
    sides = "a column and a row" if by_hand else "predictions and targets"
    yield Finding(
        title=f"{sides} {'differ in shape' if raises else 'are broadcast against each other'}",
        at=call.label("expects one target per prediction" if raises else pairs),
        because=tuple(
            Label(site, f"shape {_written(shape)}")
            for site, shape in (
                (call.input.origin or call.input_site, given),
                (call.target.origin or call.target_site, target),
            )
            if site is not None
        ),
        note=_RAISES if raises else _MIXED if by_hand else _MEAN if call.training else _SCORED,
        help="give both the same shape: `.squeeze(1)` or `.unsqueeze(1)`"
        if by_hand
        else f"give the target the shape of the input: `{suffix}`",
        fix=fix(f"give the target the shape of the input: {code(text)}", Safety.SAFE, append(call.target_site, suffix)),
    )


_MEAN = "the best the model can do is to predict the mean: the loss stays at the variance of the targets"
_MIXED = "what the loss sums are mostly pairs of two different samples"
_SCORED = "the mean is taken over pairs of different samples: it does not say how well the model predicts"
_RAISES = "raises in the first batch: the target size must be the same as the input size"


def _column_of(column: Shape, row: Shape) -> bool:
    if not row or len(column) != len(row) + 1 or None in row or row[0] == 1:
        return False
    if column[-1] == 1 and column[:-1] == row and len(set(row)) == 1:
        return True
    return column[1] == 1 and column[0] == row[0] != 1 and column[2:] == row[1:]


def _written(shape: Shape) -> str:
    return f"({shape[0]},)" if len(shape) == 1 else f"({', '.join(map(str, shape))})"
