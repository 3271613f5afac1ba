"""Proving: what programs print, what that proves, and the command that runs them."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser
from pathlib import Path

import pytest

from lrcheck.cli.proving import prove_command
from lrcheck.proof import claims, curves, evidence, metrics, pairs, proving, runs, table
from lrcheck.proof.claims import Runs, judge
from lrcheck.proof.comparing import close_enough
from lrcheck.proof.pairs import Pair
from lrcheck.proof.runs import Outcome
from lrcheck.rule import discover

BAD = '''\
"""Trains nothing: accuracy {bad} instead of 0.90."""
import torch
torch.manual_seed(0)
w = torch.zeros(3, requires_grad=True)
optimizer = torch.optim.SGD([w], lr={bad})
for _ in range(5):
    loss = ((w - torch.rand(3)) ** 2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()  # bug: {rule}
print(f"accuracy {{{bad} + torch.rand(1).item() / 100:.4f}}")
'''
RAISING = BAD.replace("optimizer.step()", 'raise ValueError("first\\nsecond")')


def pair_in(folder: Path, name: str, bad: str, fixed: str) -> Pair:
    where = folder / name
    where.mkdir(parents=True)
    (where / "bad.py").write_text(bad)
    (where / "fixed.py").write_text(fixed)
    return Pair(name, where)


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return pair_in(tmp_path, "softmax_dim/one", "x = 1\ny = 2  # bug: softmax-dim\n", "x = 1\n")


def outcomes(*lines: str, **rest: object) -> tuple[Outcome, ...]:
    """One outcome for every output."""
    return tuple(Outcome(output=line, metrics=metrics.read(line), **rest) for line in lines)  # type: ignore[arg-type]


# -- what programs print
@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("accuracy 0.91\n", {"accuracy": 0.91}),
        ("loss 1.5e-05\ntraining accuracy 1.0000", {"loss": 1.5e-05, "training accuracy": 1.0}),
        ("epoch 0: loss 2.2\nepoch 1: loss 1.7\n", {"loss": 1.7}),
        ("Accuracy: 75.28%", {"accuracy": 0.7528}),
        (
            "\nTest set: Average loss: 0.0099, Accuracy: 238/360 (66%)\n",
            {"average loss": 0.0099, "accuracy": 238 / 360},
        ),
        ("test_acc 0.1027", {"accuracy": 0.1027}),
        ("restored\nw = tensor([1.])\n", {}),
        ("accuracy -.5", {"accuracy": -0.5}),
    ],
)
def test_metrics_are_read(output: str, expected: dict[str, float]) -> None:
    assert metrics.read(output) == expected


def test_a_metric_may_be_no_number() -> None:
    assert math.isnan(metrics.read("loss nan")["loss"])


@pytest.mark.parametrize(
    ("name", "sign"), [("accuracy", 1), ("test loss", -1), ("squared error", -1), ("memory", -1), ("weight", 0)]
)
def test_names_say_which_values_are_better(name: str, sign: int) -> None:
    assert metrics.better(name) == sign


# -- what that proves
def test_the_interval_is_students() -> None:
    low, high = claims.interval([1.0, 2.0, 3.0]) or (0, 0)
    assert (round(low, 3), round(high, 3)) == (-0.484, 4.484)
    assert claims.interval([1.0]) is None
    assert claims.interval([1.0, math.inf]) is None


def test_worse_beyond_the_noise(pair: Pair) -> None:
    bad = outcomes("accuracy 0.3", "accuracy 0.4", "accuracy 0.35")
    claim = judge(pair, Runs(bad, outcomes("accuracy 0.9", "accuracy 0.91", "accuracy 0.92")), lenient=False)
    assert claim["kind"] == "worse"
    assert claim["difference"] == pytest.approx(-0.56)
    assert claim["interval"][1] < 0
    assert evidence.sentence(claim).startswith("accuracy 0.35 instead of 0.91 (3 seeds; difference -0.56")


def test_within_the_noise_proves_nothing(pair: Pair) -> None:
    runs = Runs(outcomes("accuracy 0.9", "accuracy 0.7", "accuracy 0.9"), outcomes(*["accuracy 0.88"] * 3))
    assert judge(pair, runs, lenient=False)["kind"] == "unproven"


def test_better_is_not_worse(pair: Pair) -> None:
    seed = Pair("seeds/one", pair.folder)
    runs = Runs(outcomes("loss 0.1", "loss 0.1"), outcomes("loss 0.2", "loss 0.2"))
    assert judge(seed, runs, lenient=False)["kind"] == "unproven"


def test_any_metric_may_decide(pair: Pair) -> None:
    runs = Runs(outcomes(*["loss 1.3\naccuracy 0.9"] * 2), outcomes(*["loss 0.5\naccuracy 0.9"] * 2))
    assert judge(pair, runs, lenient=False)["metric"] == "loss"


def test_no_number_is_the_worst_number(pair: Pair) -> None:
    claim = judge(pair, Runs(outcomes("loss nan", "loss nan"), outcomes("loss 1.0", "loss 1.0")), lenient=False)
    assert claim["kind"] == "worse"
    assert "loss NaN instead of 1.00" in evidence.sentence(claim)


def test_what_is_reported_against_what_holds(pair: Pair) -> None:
    bad = outcomes("true accuracy 0.78\naccuracy 0.96", "true accuracy 0.80\naccuracy 0.99")
    fixed = outcomes(*["true accuracy 0.91\naccuracy 0.91"] * 2)
    claim = judge(pair, Runs(bad, fixed), lenient=False)
    assert (claim["kind"], claim["true"]) == ("reported", [0.78, 0.8])
    assert "is reported where 0.79 is true" in evidence.sentence(claim)


def test_the_same_training_makes_another_number_a_wrong_report(pair: Pair) -> None:
    runs = Runs(outcomes("loss 60", losses=(2.0, 1.0), steps=2), outcomes("loss 0.1", losses=(2.0, 1.0), steps=2))
    claim = judge(pair, runs, lenient=False)
    assert (claim["kind"], claim["true"]) == ("reported", [0.1])


def test_costs_are_ratios(pair: Pair) -> None:
    runs = Runs(outcomes("memory 300", "memory 310"), outcomes("memory 100", "memory 100"))
    claim = judge(pair, runs, lenient=False)
    assert (claim["kind"], claim["ratio"]) == ("costs", 3.05)
    assert "3.05 times" in evidence.sentence(claim)


def test_what_is_kept_for_backward_is_a_cost() -> None:
    bad, fixed = Outcome(graph=45 * 1024), Outcome(graph=1024)
    claim = claims.graph_cost(bad, fixed) or {}
    assert (claim["kind"], claim["metric"], claim["ratio"]) == ("costs", "KiB of graph", 45.0)
    assert "45 times" in evidence.sentence(claim)
    assert claims.graph_cost(fixed, fixed) is None


def test_an_error_is_proof_at_a_marked_line(pair: Pair) -> None:
    error = {"type": "ValueError", "message": "no", "lines": [1, 2]}
    runs = Runs(outcomes("", error=error), outcomes("accuracy 0.9"))
    claim = judge(pair, runs, lenient=False)
    assert claim["error"] == {"type": "ValueError", "message": "no", "line": 2, "marked": True}
    elsewhere = Runs(outcomes("", error={**error, "lines": [1]}), outcomes("accuracy 0.9"))
    assert judge(pair, elsewhere, lenient=False)["error"]["marked"] is False


def test_a_program_that_cannot_run_proves_nothing(pair: Pair) -> None:
    error = {"type": "ModuleNotFoundError", "message": "no", "lines": [1]}
    fine = outcomes("accuracy 0.9")
    assert judge(pair, Runs(outcomes("", error=error), fine), lenient=False)["kind"] == "unproven"
    assert "fixed raises" in judge(pair, Runs(fine, outcomes("", error=error)), lenient=False)["why"]


def test_warnings_and_style(pair: Pair, tmp_path: Path) -> None:
    one = outcomes("accuracy 0.9")
    warning = {"type": "FutureWarning", "message": "old", "line": 2}
    assert judge(pair, Runs(outcomes("accuracy 0.9", warnings=(warning,)), one), lenient=False)["kind"] == "warns"
    assert judge(pair, Runs(one, one), lenient=True)["kind"] == "same"
    assert judge(pair, Runs(one, one), lenient=False)["why"] == "both programs do the same"
    gpu = pair_in(tmp_path, "device_mismatch/one", "x = 1  # bug: device-mismatch\n", "x = 1\n")
    assert judge(gpu, Runs(one, one), lenient=False)["kind"] == "elsewhere"


# -- pairs
def test_comments_and_docstrings_do_not_make_another_program(tmp_path: Path) -> None:
    first = pair_in(tmp_path, "a/one", '"""Accuracy 0.1."""\nx = 1  # bug: softmax-dim\n', "x = 1\n")
    second = pair_in(tmp_path, "b/one", '"""Accuracy 0.2."""\nx = 1\n', "x = 1  # why\n")
    moved = pair_in(tmp_path, "c/one", '"""Accuracy 0.1."""\n\nx = 1\n', "x = 1\n")
    other = pair_in(tmp_path, "d/one", '"""Accuracy 0.1."""\nx = 2\n', "x = 1\n")
    assert first.digest == second.digest
    assert len({first.digest, moved.digest, other.digest}) == 3


@pytest.mark.parametrize(
    "name", ["LR102", "softmax-before-cross-entropy", "softmax_before_cross_entropy", "binary_toy", "seeds/binary_toy"]
)
def test_pairs_are_found_by_every_name(name: str) -> None:
    found = pairs.selected([name], list(discover()))
    assert {pair.name.partition("/")[0] for pair in found} <= {"softmax_before_cross_entropy", "seeds"}


def test_references_are_the_seeds_with_options() -> None:
    found = {pair.name for pair in pairs.selected(["references"], [])}
    assert {"seeds/binary_toy", "seeds/high_level_mlp"} <= found
    assert "seeds/sigmoid_bce_mnist_silent" not in found


def test_unknown_names_get_the_closest() -> None:
    with pytest.raises(pairs.UnknownPairError, match="did you mean `softmax-dim`"):
        pairs.selected(["softmax-dims"], list(discover()))


# -- the command
@pytest.fixture
def own_pairs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "fixtures"
    good = BAD.format(bad=0.9, rule="softmax-dim")
    pair_in(folder, "softmax_dim/quick", BAD.format(bad=0.3, rule="softmax-dim"), good)
    pair_in(folder, "softmax_dim/raising", RAISING.format(bad=0.3, rule="softmax-dim"), good)
    monkeypatch.setattr(pairs, "fixtures", lambda: folder)
    monkeypatch.chdir(tmp_path)
    return folder


def test_pairs_are_proven_once(
    own_pairs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prove_command(["all", "--seeds", "2", "--jobs", "1", "--html", "page.html"]) == 0
    output = capsys.readouterr().out
    assert "softmax-dim   quick    worse   accuracy 0.30  0.90" in output
    assert "ValueError, line 10: first" in output
    found = json.loads(Path("evidence.json").read_text())
    quick = found["pairs"]["softmax_dim/quick"]
    assert quick["bad"][0] != quick["bad"][1], "another seed, another run"
    assert quick["steps"] == [5, 5]
    assert len(quick["curves"]["bad"]) == 5

    monkeypatch.setattr(proving, "_proven", lambda *_: pytest.fail("finished pairs are not run again"))
    assert prove_command(["LR115", "--seeds", "2", "-q"]) == 0
    assert capsys.readouterr().out == "2 pairs: 1 raises, 1 worse.\n"


def test_a_claim_that_does_not_hold_fails(own_pairs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    same = BAD.format(bad=0.3, rule="softmax-dim")
    pair_in(own_pairs, "softmax_dim/harmless", same, same)
    assert prove_command(["softmax_dim/harmless", "--seeds", "1", "-q"]) == 1
    assert "both programs do the same" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-thing"], "nothing is proven under the name `no-such-thing`"),
        (["--device", "abacus"], "--device abacus: this machine (or this build of torch) has none"),
    ],
)
def test_wrong_usage(own_pairs: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert prove_command(arguments) == 2
    assert message in capsys.readouterr().err


def test_other_files_are_not_taken_for_evidence(own_pairs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("evidence.json").write_text("[1]")
    assert prove_command(["all"]) == 2
    assert "no evidence of version 1" in capsys.readouterr().err


def test_programs_see_a_gpu_only_where_it_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    text = 'import os\nprint("cuda:", os.environ["CUDA_VISIBLE_DEVICES"])\n'
    pair = pair_in(tmp_path, "device_mismatch/one", text, text)
    assert pair.chooses_device
    for gpus, seen in ((True, "cuda: 3"), (False, "cuda:")):
        worker = runs.Worker(tmp_path, gpus=gpus)
        assert worker.run(pair.bad, 0).output.strip() == seen
        worker.close()


def test_pairs_that_know_no_device_stay_on_the_cpu(pair: Pair, tmp_path: Path) -> None:
    plan = proving.Plan(5, 1, "cuda", {"cpu": "x86", "cuda": "a GPU"}, tmp_path)
    aware = pair_in(tmp_path, "device_mismatch/two", 'torch.device("cuda")\n', "")
    assert [proving.device_of(each, plan) for each in (pair, aware)] == ["cpu", "cuda"]
    entry = {"kind": "worse", "digest": aware.digest, "seeds": 5, "device": "cpu"}
    assert not proving.is_current(aware, entry, plan)
    assert proving.is_current(aware, {**entry, "device": "cuda"}, plan)


def test_a_comparison_with_a_missing_device_is_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    assert prove_command(["references", "--device", "abacus", "--compare", "cpu"]) == 0
    assert capsys.readouterr().out.startswith("skipped: --device abacus")


def test_references_are_compared_number_by_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert prove_command(["binary_toy", "linear_regression", "--device", "cpu", "--compare", "cpu"]) == 0
    output = capsys.readouterr().out
    assert "binary_toy: agree (cpu / cpu): loss" in output
    assert "all agree" in output
    (figures,) = json.loads(Path("evidence.json").read_text())["devices"].values()
    assert figures["linear_regression"]["loss"][0] == figures["linear_regression"]["loss"][1]


def test_devices_agree_up_to_rounding() -> None:
    assert close_enough("accuracy", 0.9639, 0.9611)
    assert not close_enough("accuracy", 0.9639, 0.94)
    assert close_enough("loss", 0.1010, 0.1012)
    assert not close_enough("loss", 0.1010, 0.15)


# -- pages
class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in {"meta", "br"}:
            self.open.append(tag)
        self.outside += [
            value or "" for name, value in attrs if name in {"src", "href"} and not (value or "").startswith("#")
        ]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Nothing to close."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_self_contained(tmp_path: Path) -> None:
    from lrcheck.proof.page import page

    known = evidence.committed()
    text = page(known["pairs"], known["machine"], list(discover()))
    tags = _Tags()
    tags.feed(text)
    assert tags.open == []
    assert tags.outside == []
    assert text.count("<article") == len(known["pairs"])
    assert "<svg" in text
    assert "@import" not in text


@pytest.mark.parametrize("curve", [[1.0, None, 0.5], [-3.0, 2.0], [1000.0, 0.01], [0.0, 0.0], [None, 1.0, 2.0]])
def test_every_curve_can_be_drawn(curve: list[float | None]) -> None:
    drawing = curves.learning(curve, [1.0, 0.5], [2, 2])
    assert 'class="curve bad"' in drawing
    assert "nan" not in drawing.lower().replace("name", "")


def test_a_curve_that_ends_in_nan_says_so() -> None:
    assert "bad NaN" in curves.learning([1.0, None], [1.0, 0.5], [2, 2])
    assert curves.learning([], [], []) == ""


def test_sections_are_renewed() -> None:
    text = "a\n<!-- evidence -->\nold\n<!-- /evidence -->\nb\n"
    assert table.renewed(text, "evidence", "new") == "a\n<!-- evidence -->\nnew\n<!-- /evidence -->\nb\n"
    with pytest.raises(ValueError, match="there is no <!-- evidence -->"):
        table.renewed("nothing", "evidence", "new")
