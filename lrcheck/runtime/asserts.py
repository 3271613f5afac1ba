"""Plain asserts for training loops and unit tests: each raises `LrcheckError` with the linter's text."""

from __future__ import annotations

import copy
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from lrcheck.diagnostics import locate
from lrcheck.events import BatchProbe, Comparison, Event, TargetRange
from lrcheck.findings import Diagnostic, Level
from lrcheck.rule import Rule, discover
from lrcheck.runtime.observed import OBSERVED
from lrcheck.runtime.places.sites import NOWHERE, FrameSite, here
from lrcheck.runtime.report import LrcheckError, Report
from lrcheck.runtime.tensors.graph import facts_of
from lrcheck.runtime.tensors.losses import FUNCTIONS, loss_call, loss_facts
from lrcheck.runtime.tensors.memory import compact

CLOSE = 1e-4  # accuracies are equal up to float32 and rounding to four digits


def check_loss_inputs(loss: Any, input: Tensor, target: Tensor) -> None:  # noqa: A002  # torch's own names
    """Raise where the loss does not want this input or this target.

    `loss` is a loss module (`nn.BCELoss()`) or a function of `torch.nn.functional`. Form (from the autograd graph, else from
    values), shape, dtype and device of both tensors are compared with what the loss expects. Reads values of the target.
    """
    module = loss if isinstance(loss, nn.Module) else None
    name = _function_name(loss)
    facts = loss_facts(name, (), {}, module)
    site = _site()
    if input.device != target.device:
        text = f"input on {input.device}, target on {target.device}"
        _fail(
            "LR503",
            "device-mismatch",
            "input and target of the loss are on different devices",
            site,
            text,
            "`target.to(input.device)`",
        )
    given, wanted = facts_of(input, site), facts_of(target, site)
    event = loss_call(site, facts, given, wanted, direct=False, training=True)
    expected = "" if facts.contract is None else _expected(facts.contract.input, facts.contract.target.value)
    actual = f"actual: input {compact(event.input)}; target {compact(event.target)}"
    _raise_first(event, f"{expected}\n{actual}")
    if event.family in ("cross_entropy", "nll") and target.dim() == input.dim() - 1 and target.numel():
        kept = target[target != (-100 if facts.ignore_index is None else facts.ignore_index)]
        if kept.numel():
            ranged = TargetRange(site, event, int(kept.min()), int(kept.max()), input.size(1), facts.ignore_index)
            _raise_first(ranged, f"{expected}\n{actual}")
    if facts.contract is not None and facts.contract.elementwise and input.shape != target.shape:
        text = f"input {tuple(input.shape)}, target {tuple(target.shape)}"
        _fail(
            "LR117",
            "loss-shape-broadcast",
            "input and target of the loss differ in shape",
            site,
            text,
            "`target.view_as(input)`",
        )


def check_predictions(pred: Tensor, target: Tensor) -> None:
    """Raise where comparing predictions with targets would broadcast, or compares class indices with one-hot labels."""
    site = _site()
    left, right = facts_of(pred, site), facts_of(target, site)
    _raise_first(Comparison(site, "==", left, right), f"actual: predictions {compact(left)}; targets {compact(right)}")
    if pred.shape == target.shape:
        return
    text = f"predictions {tuple(pred.shape)}, targets {tuple(target.shape)}"
    if {pred.dim(), target.dim()} == {1, 2} and 1 in (pred.shape[-1], target.shape[-1]):
        _fail(
            "LR221",
            "accuracy-shape-broadcast",
            "predictions and targets broadcast to all pairs",
            site,
            text,
            "`pred.squeeze(1)`",
        )
    _fail(
        "LR201",
        "one-hot-against-argmax",
        "predictions and targets differ in shape",
        site,
        text,
        "`target.argmax(dim=1)`",
    )


def check_accuracy(value: float | Tensor, correct: float | Tensor, total: int) -> None:
    """Raise where `value` is not the fraction `correct / total` (samples, not batches)."""
    number, right = float(value), float(correct)
    site = _site()
    if total <= 0 or right > total:
        _fail(
            "LR203",
            "accuracy-denominator",
            "more correct predictions than samples",
            site,
            f"{right:g} of {total}",
            "count samples: `total += y.size(0)`",
        )
    fraction = right / total
    if math.isclose(number, fraction, abs_tol=CLOSE):
        return
    text = f"expected {right:g} / {total} = {fraction:.4f}, actual {number:.4f}"
    if math.isclose(number, 100 * fraction, abs_tol=100 * CLOSE):
        _fail(
            "LR202",
            "accuracy-not-scaled",
            "the accuracy is a percentage, not a fraction",
            site,
            text,
            "`correct / total`",
        )
    _fail(
        "LR203",
        "accuracy-denominator",
        "the accuracy is not correct / total",
        site,
        text,
        "divide by the samples: `correct / total`",
    )


def check_step(model: nn.Module, optimizer: torch.optim.Optimizer, loss: Tensor | Callable[[], Tensor]) -> float:
    """Make one training step (`zero_grad`, `backward`, `step`) and raise where it does not train the model.

    `loss` is a scalar tensor with a graph, or a function that computes it. Returns the loss.
    """
    site = _site()
    trainable = {name: each for name, each in model.named_parameters() if each.requires_grad}
    _check_held(site, optimizer, trainable)
    optimizer.zero_grad()
    value = loss() if callable(loss) else loss
    if not value.requires_grad:
        _fail(
            "LR112",
            "loss-without-gradient",
            "no gradient reaches the model from this value",
            site,
            "the loss has no graph",
            "go backward from a loss of the logits",
        )
    value.backward()  # type: ignore[no-untyped-call]
    _check_gradients(site, trainable, float(value.detach()))
    before = {name: each.detach().clone() for name, each in trainable.items()}
    optimizer.step()
    if all(torch.equal(before[name], each) for name, each in trainable.items()):
        _fail(
            "LR704",
            "frozen-parameters",
            "the step changes no parameter",
            site,
            "every parameter is as before",
            "check the learning rate: `lr=1e-3`",
        )
    return float(value.detach())


def _check_held(site: FrameSite, optimizer: torch.optim.Optimizer, trainable: dict[str, nn.Parameter]) -> None:
    held = {id(each) for group in optimizer.param_groups for each in group["params"]}
    missing = [name for name, each in trainable.items() if id(each) not in held]
    if missing:
        _fail(
            "LR307",
            "optimizer-misses-parameters",
            "the optimizer misses parameters of the model",
            site,
            f"for example `{missing[0]}`",
            "`optim.SGD(model.parameters(), ...)`",
        )


def _check_gradients(site: FrameSite, trainable: dict[str, nn.Parameter], value: float) -> None:
    if not math.isfinite(value):
        _fail(
            "LR701",
            "non-finite",
            "the loss is not finite",
            site,
            f"loss {value}",
            "look for a logarithm or division of zero",
        )
    none = [name for name, each in trainable.items() if each.grad is None]
    if none:
        _fail(
            "LR704",
            "frozen-parameters",
            "a parameter gets no gradient",
            site,
            f"`{none[0]}`",
            "use the layer in `forward`",
        )
    for name, each in trainable.items():
        if each.grad is not None and not bool(torch.isfinite(each.grad).all()):
            _fail(
                "LR701",
                "non-finite",
                "a gradient is not finite",
                site,
                f"`{name}`",
                "look for `sqrt` or a division at zero",
            )
    if all(each.grad is not None and not bool(each.grad.any()) for each in trainable.values()):
        _fail(
            "LR112",
            "loss-without-gradient",
            "every gradient is exactly zero",
            site,
            "nothing would move",
            "leave `round` and `argmax` out of the loss",
        )


def check_eval(model: nn.Module) -> None:
    """Raise where an evaluation would run in training mode, or record the autograd graph."""
    site = _site()
    kinds = (nn.modules.dropout._DropoutNd, nn.modules.batchnorm._BatchNorm)
    for name, part in model.named_modules():
        if part.training and isinstance(part, kinds):
            _fail(
                "LR205",
                "evaluation-in-training-mode",
                "the model is evaluated in training mode",
                site,
                f"`{name or type(part).__name__}` is training",
                "`model.eval()`",
            )
    if torch.is_grad_enabled():
        _fail(
            "LR206",
            "evaluation-with-gradients",
            "evaluation records the autograd graph",
            site,
            "gradients are enabled",
            "`with torch.no_grad():`",
        )


def check_batch_independence(model: nn.Module, batch: Tensor) -> None:
    """Raise where the output of the first sample depends on the other samples of the batch (N x ..., N at least 2).

    The model runs twice in evaluation mode, without gradients; its modes and the random state are put back.
    """
    if batch.dim() < 1 or batch.size(0) < 2:
        raise ValueError("the batch needs at least 2 samples")
    site = _site()
    other = batch.clone()
    other[1:] = batch[:1]  # values that the model takes, whatever they stand for
    if torch.equal(other, batch):
        other[1:] = torch.zeros_like(batch[1:])
    with _as_it_was(model):
        first, second = model(batch), model(other)
    if not isinstance(first, Tensor) or first.dim() == 0:
        raise TypeError("the model must give one tensor with the samples in dimension 0")
    if first.size(0) != batch.size(0):
        text = f"{batch.size(0)} samples in, {first.size(0)} out"
        _fail(
            "LR709",
            "batch-dependence",
            "the output has another number of samples than the input",
            site,
            text,
            "keep dimension 0 apart: `x.flatten(1)`",
        )
    change = float((first[0] - second[0]).abs().max())
    _raise_first(BatchProbe(site, change, float(first[0].abs().max())), "")


def overfit_one_batch(
    model: nn.Module,
    batch: Sequence[Tensor],
    loss: Callable[[Any, Tensor], Tensor] | None = None,
    *,
    steps: int = 200,
    lr: float = 1e-2,
    share: float = 0.1,
) -> float:
    """Train a copy of the model on one batch `(input, target)` and raise where the loss does not fall to `share` of its start.

    A model that cannot learn one batch by heart cannot learn anything: look at labels, loss and gradients first. Uses Adam;
    the default loss is cross entropy. Returns the last loss.
    """
    site = _site()
    criterion = loss or nn.functional.cross_entropy
    given, target = batch
    with torch.random.fork_rng(devices=[]):
        trained = copy.deepcopy(model)
        parameters = [each for each in trained.parameters() if each.requires_grad]
        optimizer = torch.optim.Adam(parameters, lr=lr)
        values: list[float] = []
        for _ in range(steps):
            optimizer.zero_grad()
            value = criterion(trained(given), target)
            value.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            values.append(float(value.detach()))
    if not values[-1] <= share * abs(values[0]):
        text = f"loss {values[0]:.4g} at first, {values[-1]:.4g} after {steps} steps"
        _fail(
            "LR705",
            "loss-not-decreasing",
            "the model cannot overfit one batch",
            site,
            text,
            "check the loss: `lrcheck.check_loss_inputs(loss, output, target)`",
        )
    return values[-1]


# -- inside ---------------------------------------------------------------------------------------------------------------
@functools.cache
def _rules() -> tuple[Rule, ...]:
    return tuple(rule for rule in discover() if rule.code in OBSERVED)


def _raise_first(event: Event, values: str) -> None:
    """Raise for the first finding that is more than information."""
    for rule in _rules():
        if rule.event is not type(event):
            continue
        for finding in rule.check(event):
            if (finding.level or rule.level) is not Level.INFO:
                diagnostic = locate(rule, finding)
                raise LrcheckError("\n".join(filter(None, (Report(diagnostic, 0).text(), values.strip()))), diagnostic)


def _fail(code: str, name: str, title: str, site: FrameSite, values: str, advice: str) -> None:
    diagnostic = Diagnostic(
        code, name, Level.ERROR, title, site.path, site.span(), label=values, note=values, help=advice
    )
    raise LrcheckError(Report(diagnostic, 0).text(), diagnostic)


def _expected(form: Any, target: str) -> str:
    return f"expected: input {form.value if form is not None else 'of any form'}; target {target}"


def _function_name(loss: Any) -> str:
    if isinstance(loss, nn.Module):
        from lrcheck.knowledge.losses import BY_CLASS

        contract = BY_CLASS.get(f"torch.nn.{type(loss).__name__}")
        return contract.function or "" if contract is not None else ""
    name = getattr(loss, "__name__", "")
    return name if name in FUNCTIONS else ""


def _site() -> FrameSite:
    return here() or NOWHERE


@contextmanager
def _as_it_was(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients; afterwards every module is in the mode it was in, and so is the generator."""
    modes = [(part, part.training) for part in model.modules()]
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        try:
            model.eval()
            yield
        finally:
            for part, training in modes:
                part.training = training
