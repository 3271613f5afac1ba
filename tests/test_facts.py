"""Numbers in the pages and messages of rules: facts about torch that hold here, or quotes of the evidence, nothing else."""

from __future__ import annotations

import ast
import json
import math
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from fakes import rules
from torch import nn
from torch.nn import functional as F  # noqa: N812  # its name in the field

from lrcheck.proof import evidence
from lrcheck.proof.quotes import QUOTE, cost, filled

FOLDER = Path(__file__).resolve().parent.parent / "rules"
RULES = rules()
PAIRS = evidence.committed()["pairs"]

MEASURED = re.compile(r"\d ?%|\b\d+\.\d+(?:e-?\d+)?\b|\b\d+e-\d+|\d instead of|[Mm]easured(?=:|,| ratio)")
"""What looks like the result of a measurement."""

SETTINGS = {
    "missing-zero-grad": ("learning rate 0.5",),
    "optimizer-in-loop": ("momentum 0.95",),
    "dropout-on-logits": ("p = 0.5",),
    "evaluation-in-training-mode": ("Dropout 0.5",),
    "training-in-eval-mode": ("rate of 0.5",),
    "argmax-one-output": ("0.5 for probabilities",),
    "accuracy-not-scaled": ("below 1 % or above 100 %", "of 91 % is shown"),
    "dataset-length-with-sampler": ("over 20 % of the data",),
    "metric-not-reset": ("above 100 %",),
    "inputs-not-normalised": ("learning rate 0.05",),
    "collapsed-outputs": ("below 1e-6",),
    "vanishing-gradients": ("less than 1e-6", "Measured ratios"),
    "loss-not-decreasing": ("1.05 ln C",),
    "workers-without-main-guard": ("Python 3.14",),
}
"""Numbers that are part of an example, not the result of one."""


def rounds_to(value: float, said: str) -> bool:
    return f"{value:.{len(said.partition('.')[2])}f}" == said


def sigmoid(value: float) -> float:
    return torch.sigmoid(torch.tensor(value)).item()


def best(classes: int) -> float:
    """The least cross entropy of probabilities taken for logits."""
    return F.cross_entropy(torch.eye(classes)[:1], torch.tensor([0])).item()


def with_logits(logit: float, target: float) -> tuple[float, float]:
    """BCE from logits: loss and gradient."""
    z = torch.tensor(logit, requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(z, torch.tensor(target))
    loss.backward()
    return loss.item(), z.grad.item() if z.grad is not None else math.nan


def after_sigmoid(logit: float) -> tuple[float, float]:
    """BCE of a probability, for a negative sample: loss and gradient."""
    z = torch.tensor(logit, requires_grad=True)
    loss = F.binary_cross_entropy(torch.sigmoid(z), torch.tensor(0.0))
    loss.backward()
    return loss.item(), z.grad.item() if z.grad is not None else math.nan


def twice_squeezed() -> bool:
    """BCE with logits of a probability: its values, and the least loss of a negative and a positive sample."""
    low, high = sigmoid(0.0), sigmoid(1.0)
    losses = with_logits(0.0, 0.0)[0], with_logits(1.0, 1.0)[0]
    return all(map(rounds_to, (low, high, *losses), ("0.50", "0.73", "0.69", "0.31")))


def relative_gradient(layer: nn.Module) -> float:
    assert isinstance(layer, nn.Linear)
    assert layer.weight.grad is not None
    return (layer.weight.grad.norm() / layer.weight.norm()).item()


def gradient_ratio(layers: int, activation: Callable[[], nn.Module]) -> float:
    """The relative gradient of the first weights over that of the last ones, the median of three nets of width 32."""
    ratios = []
    for seed in range(3):
        torch.manual_seed(seed)
        net = nn.Sequential(*(part for _ in range(layers) for part in (nn.Linear(32, 32), activation())))
        F.cross_entropy(
            nn.Sequential(*net, nn.Linear(32, 10))(torch.randn(64, 32)), torch.randint(10, (64,))
        ).backward()
        first, last = (relative_gradient(net[index]) for index in (0, 2 * layers - 2))
        ratios.append(first / last)
    return sorted(ratios)[1]


def knowing_nothing() -> float:
    """The squared error of the class frequencies for ten classes."""
    return F.mse_loss(torch.full((10, 10), 0.1), torch.eye(10)).item()


def saying_no() -> float:
    """The BCE of the class frequencies for ten classes."""
    return F.binary_cross_entropy(torch.full((10, 10), 0.1), torch.eye(10)).item()


THRESHOLDS = json.loads((FOLDER.parent / "benchmarks" / "thresholds.json").read_text(encoding="utf-8"))
"""What `benchmarks/thresholds.py` measured: least, median and greatest value of each statistic."""


def healthy(statistic: str, least: float = -math.inf, most: float = math.inf) -> bool:
    values = THRESHOLDS[statistic]["healthy"]
    return least <= values[0] and values[2] <= most


def with_the_bug(statistic: str, least: float = -math.inf, most: float = math.inf) -> bool:
    values = THRESHOLDS[statistic]["with the bug"]
    return least <= values[0] and values[2] <= most


FACTS: dict[str, tuple[tuple[str, Callable[[], bool]], ...]] = {
    "softmax-before-cross-entropy": (
        ("0.74 for 4 classes, 1.46 for 10", lambda: rounds_to(best(4), "0.74") and rounds_to(best(10), "1.46")),
    ),
    "activation-on-logits": (
        ("cannot fall below 1.46", lambda: rounds_to(best(10), "1.46")),
        ("no probability can fall below 0.5", lambda: sigmoid(F.relu(torch.tensor(-9.0)).item()) == 0.5),
        (
            "stays between 0.27 and 0.73",
            lambda: rounds_to(sigmoid(-1.0), "0.27") and rounds_to(sigmoid(1.0), "0.73"),
        ),
        ("sees 0.50 to 0.73 only", twice_squeezed),
    ),
    "sigmoid-before-bce-with-logits": (
        ("lies between 0.50 and 0.73", twice_squeezed),
        ("never costs less than ln 2 = 0.69", twice_squeezed),
        ("never less than 0.31", twice_squeezed),
        ("never falls below 0.31", twice_squeezed),
        ("between 0.50 and 0.73: a negative sample never costs less than 0.69", twice_squeezed),
    ),
    "sigmoid-then-bce": (
        ("sigmoid of 17 is exactly 1.0", lambda: sigmoid(17.0) == 1.0 > sigmoid(16.0)),
        ("exactly 1.0 from an output of 17 on", lambda: sigmoid(17.0) == 1.0 > sigmoid(16.0)),
        (
            "an output of 20 costs 100 and has gradient 0; from logits it costs 20, with gradient 1",
            lambda: after_sigmoid(20.0) == (100.0, 0.0) and with_logits(20.0, 0.0) == (20.0, 1.0),
        ),
    ),
    "unstable-softmax": (
        (
            "overflows from 89 on",
            lambda: bool(torch.tensor(89.0).exp().isinf()) and not torch.tensor(88.0).exp().isinf(),
        ),
        (
            "scores 104 apart give log(0) = -inf",
            lambda: (
                [torch.softmax(torch.tensor([gap, 0.0]), 0).log()[1].isinf().item() for gap in (103.0, 104.0)]
                == [False, True]
            ),
        ),
        (
            "an output below -88 gives log(0) = -inf",
            lambda: [torch.sigmoid(torch.tensor(low)).log().isinf().item() for low in (-88.0, -89.0)] == [False, True],
        ),
    ),
    "bce-on-multiclass": (
        ("starts near 0.69", lambda: rounds_to(with_logits(0.0, 1.0)[0], "0.69")),
        ("to about 0.3 by answering", lambda: rounds_to(saying_no(), "0.3")),
    ),
    "mse-on-classes": (("0.09 is the loss of knowing nothing", lambda: rounds_to(knowing_nothing(), "0.09")),),
    "threshold-on-logits": (
        ("a probability of 0.5", lambda: sigmoid(0.0) == 0.5),
        ("above 0.622", lambda: rounds_to(sigmoid(0.5), "0.622")),
        ("between 0.5 and 0.622", lambda: rounds_to(sigmoid(0.5), "0.622")),
        ("0.5 on a logit is a probability of 0.622", lambda: rounds_to(sigmoid(0.5), "0.622")),
        ("with 0.5", lambda: sigmoid(0.0) == 0.5),
    ),
    "normalisation-channels": (("lies between -1 and -0.992", lambda: rounds_to((1 - 127.5) / 127.5, "-0.992")),),
    "clip-misplaced": (("65,536", lambda: torch.amp.GradScaler("cpu").get_scale() == 65_536),),
    "amp-misuse": (("65,536", lambda: torch.amp.GradScaler("cpu").get_scale() == 65_536),),
    "best-loss-equals-prior": (
        ("end at least 37 % away", lambda: healthy("LR711 distance from the prior", least=0.37)),
        ("within 0.7 %", lambda: with_the_bug("LR711 distance from the prior", most=0.007)),
        ("0.69 for two equally frequent classes", lambda: rounds_to(math.log(2), "0.69")),
        ("2.30 for ten", lambda: rounds_to(math.log(10), "2.30")),
    ),
    "loss-not-decreasing": (
        ("come below 0.63 ln C", lambda: healthy("LR705 least later loss over ln C", most=0.63)),
        ("0.69 for 2 classes, 2.30 for 10", lambda: rounds_to(math.log(2), "0.69") and rounds_to(math.log(10), "2.30")),
    ),
    "exploding-gradients": (
        ("fourteenfold at most", lambda: healthy("LR703 growth of the norm", most=14)),
        ("rise 26-fold", lambda: 26 <= THRESHOLDS["LR703 rise of the loss"]["healthy"][2] < 27),
    ),
    "collapsed-outputs": (("stay above 0.19", lambda: healthy("LR706 spread over size of outputs", least=0.19)),),
    "dead-units": (("88 % of the units", lambda: healthy("LR707 share of dead units", most=0.88)),),
    "batch-dependence": (
        ("from 1e-4 of the output on", lambda: with_the_bug("LR709 change over size of outputs", least=1e-4)),
        (
            "change by 0, those with it by at least 0.11",
            lambda: (
                healthy("LR709 change over size of outputs", most=0)
                and with_the_bug("LR709 change over size of outputs", least=0.11)
            ),
        ),
    ),
    "inputs-not-normalised": (
        (
            "at most 3.5 and 12",
            lambda: healthy("LR712 deviation of the inputs", most=3.5) and healthy("LR712 greatest input", most=12),
        ),
        (
            "at least 96 and 255",
            lambda: (
                with_the_bug("LR712 deviation of the inputs", least=96)
                and with_the_bug("LR712 greatest input", least=255)
            ),
        ),
    ),
    "train-test-overlap": (("share none", lambda: healthy("LR713 share of test rows", most=0)),),
    "equal-samples": (
        (
            "no sample of a batch equals its first one",
            lambda: healthy("LR716 samples like the first of a batch", most=0),
        ),
    ),
    "vanishing-gradients": (
        ("stay above 4e-3", lambda: healthy("LR702 first to last gradient, greatest of 3", least=4e-3)),
        ("below 3e-10", lambda: with_the_bug("LR702 first to last gradient, greatest of 3", most=3e-10)),
        ("at most 0.25", lambda: max(p * (1 - p) for p in (sigmoid(z / 10) for z in range(-50, 51))) == 0.25),
        ("a millionth is left", lambda: 0.25**10 < 1e-6),
        ("2e-11 for twelve sigmoid layers", lambda: 1e-12 < gradient_ratio(12, nn.Sigmoid) < 1e-9),
        ("2e-6 for six", lambda: 1e-7 < gradient_ratio(6, nn.Sigmoid) < 1e-4),
        ("2e-3 for twelve tanh layers", lambda: 1e-4 < gradient_ratio(12, nn.Tanh) < 1e-1),
        ("3e-5 for twelve ReLU layers", lambda: 1e-6 < gradient_ratio(12, nn.ReLU) < 1e-2),
    ),
}
"""What a rule says, and whether it is so."""


def prose(name: str) -> str:
    """Everything that a rule says, without its programs and what stands in backticks."""
    tree = ast.parse((FOLDER / RULES[name].family / f"{name.replace('-', '_')}.py").read_text(encoding="utf-8"))
    page = ast.get_docstring(tree) or ""
    lines = [line for line in page.splitlines() if not line.startswith("    ")]
    texts = [" ".join(QUOTE.sub("", "\n".join(lines)).split())]
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and node.lineno > 1)
    texts += [text for text in strings if isinstance(text, str) and " " in text]
    return "\n".join(re.sub(r"`[^`]*`", "", text) for text in texts)


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.family != "deprecated"])
def test_numbers_are_facts_or_quotes(name: str) -> None:
    text = prose(name)
    for known in (*SETTINGS.get(name, ()), *(said for said, _ in FACTS.get(name, ()))):
        text = text.replace(known, "")
    assert MEASURED.findall(text) == [], "quote the evidence with {measured: program}, or add a fact"


@pytest.mark.parametrize(("name", "number"), [(name, number) for name in FACTS for number in range(len(FACTS[name]))])
def test_fact_is_said_and_true(name: str, number: int) -> None:
    said, holds = FACTS[name][number]
    assert said in prose(name)
    assert holds()


@pytest.mark.parametrize("name", RULES)
def test_page_quotes_its_own_pairs(name: str) -> None:
    folder = name.replace("-", "_")
    quoted = QUOTE.findall(RULES[name].docs)
    assert [program for program in quoted if f"{folder}/{program}" not in PAIRS] == []
    page = filled(RULES[name].docs, name, PAIRS)
    assert "{measured" not in page
    assert "not measured yet" not in page


def test_what_was_not_measured_is_not_made_up() -> None:
    assert filled("A net reaches {measured: nothing}.", "softmax-dim", PAIRS) == "A net reaches not measured yet."
    assert cost("no-such-rule") == ""
