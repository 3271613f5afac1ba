"""Every guard of the loss rules, on events made by hand."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import FakeSite, loss, loss_call, model, operation, rules, uses

from lrcheck import fixing
from lrcheck.events import Activation, AffineCall, Backward, Elementwise, Event
from lrcheck.facts import Decision, DType, Form, Operation, TensorFacts
from lrcheck.findings import EditKind, Finding, Level, Safety

RULES = rules()
LAYER = Operation("linear", FakeSite("self.fc(x)"), layer=FakeSite("nn.Linear(20, 10)"))
LOGITS = TensorFacts(Form.LOGITS, layer=LAYER, out_features=10, roots=frozenset({"model"}))
INDICES = TensorFacts(Form.CLASS_INDEX, dtype=DType.INT, shape=("N",), classes=10, roots=frozenset({"target"}))
ONE_HOT_INT = TensorFacts(
    Form.ONE_HOT, operation("one_hot", "F.one_hot(y, 10)", "y"), dtype=DType.INT, classes=10, shape=("N", 10)
)
ONE_HOT_CALL = ONE_HOT_INT.made_by.site if ONE_HOT_INT.made_by is not None else None
TO_FLOAT = Operation("float", FakeSite("F.one_hot(y, 10).float()"), ONE_HOT_INT, ONE_HOT_CALL)
FLOAT_ONE_HOT = ONE_HOT_INT.but(dtype=DType.FLOAT, converted=TO_FLOAT)
UNKNOWN = TensorFacts()
DATA = TensorFacts(Form.DATA, roots=frozenset({"input"}), attached=False)


def found(name: str, event: Event) -> list[Finding]:
    return list(RULES[name].check(event))


def one(name: str, event: Event) -> Finding:
    (finding,) = found(name, event)
    return finding


def edits(finding: Finding) -> list[tuple[EditKind, str, str]]:
    assert finding.fix is not None
    return [(edit.kind, edit.site.text, edit.text) for edit in finding.fix.edits]


def activated(name: str, form: Form = Form.CLIPPED, operand: TensorFacts = LOGITS, **changes: Any) -> TensorFacts:
    text = changes.pop("text", f"torch.{name}(out)")
    made_by = operation(name, text, "out", operand=operand, **changes)
    return operand.but(form=form, made_by=made_by, layer=operand.layer)


SOFTMAX = activated("softmax", Form.PROBABILITIES, text="torch.softmax(out, dim=1)")
SIGMOID = activated("sigmoid", Form.PROBABILITIES)
LOG_SOFTMAX = activated("log_softmax", Form.LOG_PROBABILITIES)


# -- LR101
def test_one_hot_targets_of_bce() -> None:
    finding = one("bce-on-multiclass", loss_call("nn.BCELoss", SIGMOID, FLOAT_ONE_HOT))
    assert edits(finding) == [
        (EditKind.REPLACE, "nn.BCELoss", "nn.CrossEntropyLoss"),
        (EditKind.REPLACE, "F.one_hot(y, 10).float()", "y"),
        (EditKind.REPLACE, "torch.sigmoid(out)", "out"),
    ]
    assert "10 times smaller" in finding.note


def test_argmax_over_outputs_of_bce() -> None:
    given = LOGITS.but(model=model(Decision("argmax", FakeSite(), dim=1)))
    finding = one("bce-on-multiclass", loss_call("nn.BCEWithLogitsLoss", given))
    assert finding.fix is None
    assert found("bce-on-multiclass", loss_call("nn.CrossEntropyLoss", given)) == []


@pytest.mark.parametrize(
    "given",
    [
        LOGITS,
        LOGITS.but(model=model()),
        LOGITS.but(model=model(Decision("argmax", FakeSite(), dim=1), Decision("threshold", FakeSite(), 0.5))),
        LOGITS.but(model=model(Decision("argmax", FakeSite(), dim=0))),
        LOGITS.but(model=model(Decision("argmax", FakeSite()))),
        LOGITS.but(out_features=1, model=model(Decision("argmax", FakeSite(), dim=1))),
        LOGITS.but(out_features=None, model=model(Decision("argmax", FakeSite(), dim=1))),
        LOGITS.but(shape=("N", 10, 8, 8), model=model(Decision("argmax", FakeSite(), dim=1))),
        LOGITS.but(
            layer=Operation("conv2d", FakeSite()), shape=None, model=model(Decision("argmax", FakeSite(), dim=1))
        ),
    ],
)
def test_bce_that_may_be_right(given: TensorFacts) -> None:
    assert found("bce-on-multiclass", loss_call("nn.BCEWithLogitsLoss", given)) == []


def test_one_hot_masks_are_no_classes() -> None:
    target = FLOAT_ONE_HOT.but(shape=("N", 10, 8, 8))
    assert found("bce-on-multiclass", loss_call("nn.BCEWithLogitsLoss", LOGITS, target)) == []


@pytest.mark.parametrize(
    "call",
    [
        loss_call("nn.BCELoss", UNKNOWN, FLOAT_ONE_HOT),
        loss_call("nn.BCELoss", SIGMOID, FLOAT_ONE_HOT, loss=loss("nn.BCELoss", weighted=True)),
        loss_call("nn.BCELoss", SIGMOID, FLOAT_ONE_HOT, loss=loss("nn.BCELoss", argument=FakeSite("BCELoss"))),
        loss_call("nn.BCELoss", SIGMOID, FLOAT_ONE_HOT, loss=loss("nn.BCELoss", argument=FakeSite("nn.Criterion"))),
    ],
)
def test_bce_on_classes_without_a_sure_fix(call: Event) -> None:
    assert one("bce-on-multiclass", call).fix is None


def test_bce_on_two_classes_is_a_warning() -> None:
    target = FLOAT_ONE_HOT.but(classes=2, made_by=None, shape=None)
    call = loss_call(
        "F.binary_cross_entropy",
        SIGMOID.but(out_features=2),
        target,
        loss=loss("F.binary_cross_entropy", reduction="sum"),
    )
    assert one("bce-on-multiclass", call).level is Level.WARNING


# -- LR102
def test_softmax_before_cross_entropy() -> None:
    finding = one("softmax-before-cross-entropy", loss_call("F.cross_entropy", SOFTMAX.but(out_features=4)))
    assert finding.level is None
    assert "0.74 for 4 classes" in finding.note
    assert edits(finding) == [(EditKind.REPLACE, "torch.softmax(out, dim=1)", "out")]


def test_softmax_in_a_sequential_is_removed() -> None:
    given = activated("softmax", Form.PROBABILITIES, layer=FakeSite("nn.Softmax(dim=1)"), removable=True)
    finding = one("softmax-before-cross-entropy", loss_call("nn.CrossEntropyLoss", given.but(out_features=None)))
    assert finding.because[0].site.text == "nn.Softmax(dim=1)"
    assert edits(finding) == [(EditKind.REMOVE_ARGUMENT, "nn.Softmax(dim=1)", "")]
    assert "for C classes" in finding.note


def test_log_softmax_before_cross_entropy_is_redundant() -> None:
    assert one("softmax-before-cross-entropy", loss_call("F.cross_entropy", LOG_SOFTMAX)).level is Level.INFO


@pytest.mark.parametrize("given", [LOGITS, SIGMOID, activated("relu"), UNKNOWN, SOFTMAX.but(form=None)])
def test_no_softmax_before_cross_entropy(given: TensorFacts) -> None:
    assert found("softmax-before-cross-entropy", loss_call("F.cross_entropy", given)) == []


def test_softmax_before_another_loss() -> None:
    assert found("softmax-before-cross-entropy", loss_call("F.nll_loss", SOFTMAX)) == []
    assert found("softmax-before-cross-entropy", loss_call("F.cross_entropy", SOFTMAX.but(out_features=1))) == []


# -- LR103
def test_sigmoid_before_bce_with_logits() -> None:
    finding = one("sigmoid-before-bce-with-logits", loss_call("nn.BCEWithLogitsLoss", SIGMOID))
    assert edits(finding) == [(EditKind.REPLACE, "torch.sigmoid(out)", "out")]


def test_thresholded_sigmoid_stays() -> None:
    given = SIGMOID.but(model=model(Decision("threshold", FakeSite(), 0.5)))
    finding = one("sigmoid-before-bce-with-logits", loss_call("F.binary_cross_entropy_with_logits", given))
    assert edits(finding) == [(EditKind.REPLACE, "F.binary_cross_entropy_with_logits", "F.binary_cross_entropy")]
    weighted = loss("nn.BCEWithLogitsLoss", weighted=True)
    assert one("sigmoid-before-bce-with-logits", loss_call("", given, loss=weighted)).fix is None


@pytest.mark.parametrize(
    ("name", "given"),
    [("nn.BCELoss", SIGMOID), ("nn.BCEWithLogitsLoss", SOFTMAX), ("nn.BCEWithLogitsLoss", LOGITS)],
)
def test_sigmoid_where_it_belongs(name: str, given: TensorFacts) -> None:
    assert found("sigmoid-before-bce-with-logits", loss_call(name, given)) == []


# -- LR104
def test_nll_of_logits() -> None:
    finding = one("nll-without-log-softmax", loss_call("nn.NLLLoss", LOGITS))
    assert edits(finding) == [(EditKind.REPLACE, "nn.NLLLoss", "nn.CrossEntropyLoss")]
    assert finding.because[0].site.text == "nn.Linear(20, 10)"
    assert one("nll-without-log-softmax", loss_call("nn.NLLLoss", TensorFacts(Form.LOGITS))).because == ()


def test_nll_of_probabilities() -> None:
    finding = one("nll-without-log-softmax", loss_call("F.nll_loss", SOFTMAX))
    assert edits(finding) == [(EditKind.REPLACE, "torch.softmax(out, dim=1)", "torch.log_softmax(out, dim=1)")]


@pytest.mark.parametrize(
    ("text", "renamed"),
    [
        ("out.softmax(1)", "out.log_softmax(1)"),
        ("F.softmax(out, -1)", "F.log_softmax(out, -1)"),
        ("softmax(out, 1)", None),
    ],
)
def test_softmax_is_renamed(text: str, renamed: str | None) -> None:
    finding = one(
        "nll-without-log-softmax", loss_call("F.nll_loss", activated("softmax", Form.PROBABILITIES, text=text))
    )
    assert (finding.fix.edits[0].text if finding.fix else None) == renamed


def test_softmax_layer_is_renamed() -> None:
    given = activated("softmax", Form.PROBABILITIES, text="self.soft(out)", layer=FakeSite("nn.Softmax(dim=1)"))
    finding = one("nll-without-log-softmax", loss_call("F.nll_loss", given))
    assert edits(finding) == [(EditKind.REPLACE, "nn.Softmax(dim=1)", "nn.LogSoftmax(dim=1)")]


def test_nll_of_another_activation() -> None:
    assert one("nll-without-log-softmax", loss_call("F.nll_loss", activated("relu"))).fix is None


@pytest.mark.parametrize("given", [LOG_SOFTMAX, UNKNOWN, DATA])
def test_nll_that_may_be_right(given: TensorFacts) -> None:
    assert found("nll-without-log-softmax", loss_call("F.nll_loss", given)) == []
    assert found("nll-without-log-softmax", loss_call("F.cross_entropy", LOGITS)) == []


# -- LR105
@pytest.mark.parametrize(
    ("loss_name", "given", "level", "note"),
    [
        ("F.cross_entropy", activated("relu"), None, "gradient 0"),
        ("F.cross_entropy", activated("leaky_relu"), Level.WARNING, "hardly differ"),
        ("F.cross_entropy", activated("tanh"), Level.WARNING, "0.80 for 10 classes"),
        ("F.cross_entropy", SIGMOID, None, "1.46 for 10 classes"),
        ("nn.BCEWithLogitsLoss", activated("relu"), None, "below 0.5"),
        ("nn.BCEWithLogitsLoss", activated("tanh"), Level.WARNING, "0.27 and 0.73"),
        ("nn.BCEWithLogitsLoss", SOFTMAX, None, "0.50 to 0.73"),
    ],
)
def test_activation_on_logits(loss_name: str, given: TensorFacts, level: Level | None, note: str) -> None:
    finding = one("activation-on-logits", loss_call(loss_name, given))
    assert finding.level is level
    assert note in finding.note
    assert finding.because[0].site.text == "criterion(out, y)"
    assert finding.fix is not None


def test_activation_appended_by_a_loop_has_no_fix() -> None:
    given = activated("relu", layer=FakeSite("nn.ReLU()"), removable=True, always_after_each=True)
    finding = one("activation-on-logits", loss_call("F.cross_entropy", given))
    assert finding.fix is None
    assert "every layer" in finding.at.text
    assert finding.at.site.text == "nn.ReLU()"


@pytest.mark.parametrize(
    ("loss_name", "given"),
    [
        ("F.mse_loss", activated("relu")),
        ("F.cross_entropy", LOGITS),
        ("F.cross_entropy", SOFTMAX),
        ("F.cross_entropy", activated("clamp")),
        ("F.cross_entropy", activated("relu", operand=UNKNOWN)),
        ("F.cross_entropy", SIGMOID.but(out_features=1)),
        ("nn.BCEWithLogitsLoss", SIGMOID),
        ("F.cross_entropy", activated("relu", operand=LOGITS.but(layer=Operation("conv2d", FakeSite())))),
        ("F.cross_entropy", TensorFacts(Form.CLIPPED)),
    ],
)
def test_activation_that_may_be_right(loss_name: str, given: TensorFacts) -> None:
    assert found("activation-on-logits", loss_call(loss_name, given)) == []


# -- LR106
def test_sigmoid_then_bce() -> None:
    finding = one("sigmoid-then-bce", loss_call("nn.BCELoss", SIGMOID.but(out_features=1)))
    assert finding.level is None
    assert edits(finding) == [
        (EditKind.REPLACE, "nn.BCELoss", "nn.BCEWithLogitsLoss"),
        (EditKind.REPLACE, "torch.sigmoid(out)", "out"),
    ]


def test_probability_used_elsewhere() -> None:
    shown = one("sigmoid-then-bce", loss_call("nn.BCELoss", SIGMOID.but(uses=uses("report"))))
    assert (shown.level, shown.fix) == (Level.INFO, None)
    thresholded = SIGMOID.but(model=model(Decision("round", FakeSite())), uses=uses("loss"))
    judged = one("sigmoid-then-bce", loss_call("nn.BCELoss", thresholded))
    assert (judged.level, judged.fix) == (None, None)


@pytest.mark.parametrize(
    "call",
    [
        loss_call("nn.BCELoss", SIGMOID, FLOAT_ONE_HOT),  # LR101
        loss_call("nn.BCELoss", UNKNOWN),
        loss_call("nn.BCELoss", SOFTMAX),
        loss_call("nn.BCEWithLogitsLoss", SIGMOID),
    ],
)
def test_no_sigmoid_then_bce(call: Event) -> None:
    assert found("sigmoid-then-bce", call) == []


# -- LR107
def test_bce_on_logits() -> None:
    finding = one("bce-on-logits", loss_call("F.binary_cross_entropy", LOGITS.but(out_features=1)))
    assert edits(finding) == [(EditKind.REPLACE, "F.binary_cross_entropy", "F.binary_cross_entropy_with_logits")]
    assert one("bce-on-logits", loss_call("nn.BCELoss", activated("relu"))).fix is None
    assert one("bce-on-logits", loss_call("nn.BCELoss", TensorFacts(Form.LOGITS))).because == ()


@pytest.mark.parametrize(
    "call",
    [
        loss_call("nn.BCELoss", SIGMOID),
        loss_call("nn.BCELoss", DATA),
        loss_call("nn.BCELoss", UNKNOWN),
        loss_call("nn.BCELoss", activated("hardsigmoid")),
        loss_call("nn.BCEWithLogitsLoss", LOGITS),
        loss_call("nn.BCELoss", LOGITS, FLOAT_ONE_HOT),  # LR101
    ],
)
def test_bce_on_probabilities(call: Event) -> None:
    assert found("bce-on-logits", call) == []


# -- LR108
def test_mse_on_one_hot() -> None:
    finding = one("mse-on-classes", loss_call("nn.MSELoss", SOFTMAX, FLOAT_ONE_HOT))
    assert [edit[2] for edit in edits(finding)] == ["nn.CrossEntropyLoss", "y", "out"]
    assert len(finding.because) == 2
    assert one("mse-on-classes", loss_call("F.smooth_l1_loss", LOGITS, FLOAT_ONE_HOT)).fix is None
    assert one("mse-on-classes", loss_call("F.l1_loss", UNKNOWN, INDICES)).fix is None
    assert one("mse-on-classes", loss_call("F.l1_loss", LOGITS, INDICES)).fix is None


def test_mse_of_a_thresholded_probability() -> None:
    target = TensorFacts(Form.DATA, roots=frozenset({"constant"}))
    given = SIGMOID.but(out_features=1, model=model(Decision("threshold", FakeSite(), 0.5)))
    finding = one("mse-on-classes", loss_call("nn.MSELoss", given, target))
    assert [edit[2] for edit in edits(finding)] == ["nn.BCELoss"]
    chosen = SIGMOID.but(out_features=1, model=model(Decision("argmax", FakeSite())))
    finding = one("mse-on-classes", loss_call("nn.MSELoss", chosen, target))
    assert [edit[2] for edit in edits(finding)] == ["nn.BCEWithLogitsLoss", "out"]


@pytest.mark.parametrize(
    "call",
    [
        loss_call("nn.MSELoss", LOGITS, DATA),
        loss_call("nn.MSELoss", LOGITS, UNKNOWN),
        loss_call("nn.MSELoss", SIGMOID.but(model=model(Decision("threshold", FakeSite(), 0.5))), DATA),
        loss_call("nn.MSELoss", SIGMOID.but(model=model(Decision("threshold", FakeSite(), 0.5))), UNKNOWN),
        loss_call("nn.MSELoss", SIGMOID.but(model=model()), TensorFacts(roots=frozenset({"target"}))),
        loss_call("nn.MSELoss", SIGMOID, TensorFacts(roots=frozenset({"target"}))),
        loss_call("nn.MSELoss", SOFTMAX, SOFTMAX),
        loss_call("nn.MSELoss", SOFTMAX, FLOAT_ONE_HOT, training=False),
        loss_call("F.cross_entropy", LOGITS, INDICES),
    ],
)
def test_mse_that_may_be_right(call: Event) -> None:
    assert found("mse-on-classes", call) == []


# -- LR109
@pytest.mark.parametrize(
    ("name", "target", "raises"),
    [
        ("nn.BCELoss", ONE_HOT_INT, "Found dtype Long"),
        ("nn.BCEWithLogitsLoss", INDICES, "output type Long"),
        ("F.binary_cross_entropy", TensorFacts(dtype=DType.BOOL), "Found dtype Bool"),
    ],
)
def test_integer_target(name: str, target: TensorFacts, raises: str) -> None:
    finding = one("integer-target-for-bce", loss_call(name, SIGMOID, target))
    assert raises in finding.note
    assert edits(finding) == [(EditKind.APPEND, "y", ".float()")]
    assert finding.fix is not None
    assert finding.fix.safety is Safety.SAFE


def test_integer_target_that_is_an_expression() -> None:
    call = loss_call("nn.BCELoss", SIGMOID, INDICES, target_site=FakeSite("a + b"))
    finding = one("integer-target-for-bce", call)
    assert finding.fix is not None
    assert finding.fix.message == "convert the target: `(a + b).float()`"
    assert one("integer-target-for-bce", loss_call("nn.BCELoss", SIGMOID, INDICES, target_site=None)).fix is None


def test_float_target() -> None:
    assert found("integer-target-for-bce", loss_call("nn.BCELoss", SIGMOID, FLOAT_ONE_HOT)) == []
    assert found("integer-target-for-bce", loss_call("nn.BCELoss", SIGMOID, UNKNOWN)) == []
    assert found("integer-target-for-bce", loss_call("F.cross_entropy", LOGITS, INDICES)) == []


# -- LR110
def test_integer_one_hot_rows() -> None:
    here = loss_call("F.cross_entropy", LOGITS, ONE_HOT_INT, target_site=FakeSite("F.one_hot(y, 10)"))
    assert edits(one("cross-entropy-target-form", here)) == [(EditKind.REPLACE, "F.one_hot(y, 10)", "y")]
    elsewhere = one("cross-entropy-target-form", loss_call("F.cross_entropy", LOGITS, ONE_HOT_INT))
    assert edits(elsewhere) == [(EditKind.APPEND, "y", ".argmax(dim=1)")]
    assert elsewhere.fix is not None
    assert "`y.argmax(dim=1)`" in elsewhere.fix.message
    assert one("cross-entropy-target-form", loss_call("nn.NLLLoss", LOG_SOFTMAX, FLOAT_ONE_HOT)).note.endswith(
        "supported"
    )


def test_float_indices() -> None:
    direct = FakeSite("y.float()")
    target = INDICES.but(dtype=DType.FLOAT, converted=Operation("float", direct, INDICES, FakeSite("y")))
    call = loss_call("F.cross_entropy", LOGITS, target, target_site=direct)
    assert edits(one("cross-entropy-target-form", call)) == [(EditKind.REPLACE, "y.float()", "y")]
    call = loss_call("F.cross_entropy", LOGITS, target)
    assert edits(one("cross-entropy-target-form", call)) == [(EditKind.APPEND, "y", ".long()")]
    by_shape = loss_call("F.cross_entropy", LOGITS.but(shape=("N", 10)), TensorFacts(dtype=DType.FLOAT, shape=("N",)))
    assert one("cross-entropy-target-form", by_shape).title == "the class indices are floats"


@pytest.mark.parametrize(
    ("given", "target", "suffix", "raises"),
    [
        (("N", 10), ("N", 1), ".squeeze(1)", "multi-target not supported"),
        (("N", 10, 8, 8), ("N", 1, 8, 8), ".squeeze(1)", "but got targets of dimension: 4"),
        (("N", 10, 8), ("N", 1, 8), ".squeeze(1)", "Expected target size with 2 dimensions, got 3"),
        (("N", 10, 8, 8), ("N",), None, "but got targets of dimension: 1"),
        (("N", 10, 8), ("N",), None, "Expected target size with 2 dimensions, got 1"),
        (("N", 10), (), None, "Expected input batch_size to match target batch_size (0)"),
    ],
)
def test_stray_or_missing_dimension(given: Any, target: Any, suffix: str | None, raises: str) -> None:
    call = loss_call("F.cross_entropy", LOGITS.but(shape=given), INDICES.but(shape=target))
    finding = one("cross-entropy-target-form", call)
    assert (finding.fix.edits[0].text if finding.fix else None) == suffix
    assert finding.note.endswith(raises)


@pytest.mark.parametrize(
    "call",
    [
        loss_call("F.cross_entropy", LOGITS, FLOAT_ONE_HOT),
        loss_call("F.cross_entropy", LOGITS, INDICES),
        loss_call("F.cross_entropy", LOGITS.but(shape=("N", 10)), INDICES),
        loss_call("F.cross_entropy", LOGITS.but(shape=("N", 10)), INDICES.but(shape=None)),
        loss_call("F.cross_entropy", LOGITS.but(shape=("N", 10)), TensorFacts(dtype=DType.FLOAT, shape=("N", 10))),
        loss_call("F.cross_entropy", LOGITS.but(shape=("N", 10)), TensorFacts(dtype=DType.FLOAT)),
        loss_call("F.cross_entropy", LOGITS.but(shape=("N", 1)), INDICES.but(shape=("N", 1))),
        loss_call("F.cross_entropy", LOGITS.but(shape=("N", 10, 8, 8)), INDICES.but(shape=("N", 8, 8))),
        loss_call("F.cross_entropy", LOGITS, UNKNOWN),
        loss_call("nn.BCELoss", SIGMOID, ONE_HOT_INT),
    ],
)
def test_target_that_may_be_right(call: Event) -> None:
    assert found("cross-entropy-target-form", call) == []


# -- LR111
FROM_MODEL = LOGITS.but(attached=True)


def test_swapped_arguments() -> None:
    finding = one("swapped-loss-arguments", loss_call("F.cross_entropy", INDICES, FROM_MODEL))
    assert edits(finding) == [(EditKind.REPLACE, "out", "y"), (EditKind.REPLACE, "y", "out")]
    assert finding.level is None
    assert one("swapped-loss-arguments", loss_call("nn.MSELoss", INDICES, FROM_MODEL)).level is Level.INFO
    assert found("swapped-loss-arguments", loss_call("nn.BCELoss", DATA, FROM_MODEL))


@pytest.mark.parametrize(
    "call",
    [
        loss_call("F.cross_entropy", FROM_MODEL, INDICES),
        loss_call("F.cross_entropy", FROM_MODEL, FROM_MODEL),
        loss_call("F.cross_entropy", UNKNOWN, FROM_MODEL),
        loss_call("F.cross_entropy", INDICES, FROM_MODEL.but(attached=False)),
        loss_call("F.cross_entropy", INDICES, UNKNOWN),
        loss_call("F.cross_entropy", INDICES.but(attached=True), FROM_MODEL),
        loss_call("nn.MSELoss", DATA, FROM_MODEL),
        loss_call("nn.BCELoss", TensorFacts(roots=frozenset({"constant"})), FROM_MODEL),
        loss_call("nn.SoftMarginLoss", INDICES, FROM_MODEL),
    ],
)
def test_arguments_in_order(call: Event) -> None:
    assert found("swapped-loss-arguments", call) == []


def test_swapped_arguments_without_places() -> None:
    assert one("swapped-loss-arguments", loss_call("nn.NLLLoss", INDICES, FROM_MODEL, input_site=None)).fix is None


# -- LR112
def backward(**facts: Any) -> Backward:
    return Backward(FakeSite("loss.backward()"), TensorFacts(**facts))


def test_backward_without_gradient() -> None:
    cut = one("loss-without-gradient", backward(cut_by=operation("argmax"), attached=False))
    assert "raises" in cut.note
    assert (
        "accuracy"
        in one("loss-without-gradient", backward(cut_by=operation("eq"), form=Form.MATCHES, attached=False)).title
    )
    assert found("loss-without-gradient", backward(cut_by=operation("tensor"), attached=True)) == []
    assert "exactly zero" in one("loss-without-gradient", backward(zeroed_by=operation("round"))).title


def test_backward_from_a_loss() -> None:
    assert found("loss-without-gradient", backward(form=Form.LOSS, attached=True)) == []
    assert found("loss-without-gradient", backward()) == []
    assert found("loss-without-gradient", backward(cut_by=operation("detach"), attached=True)) == []
    assert found("loss-without-gradient", backward(cut_by=operation("detach"))) == []


# -- LR113
def test_kl_div_of_probabilities() -> None:
    sums = loss("F.kl_div", reduction="batchmean")
    finding = one("kl-div-input", loss_call("", SOFTMAX, loss=sums))
    assert edits(finding) == [(EditKind.REPLACE, "torch.softmax(out, dim=1)", "torch.log_softmax(out, dim=1)")]
    assert one("kl-div-input", loss_call("", LOGITS, loss=sums)).because == ()
    assert one("kl-div-input", loss_call("", SIGMOID, loss=sums)).fix is None


def test_mean_reduction_of_kl_div() -> None:
    finding = one("kl-div-input", loss_call("F.kl_div", LOG_SOFTMAX))
    assert finding.level is Level.WARNING
    assert edits(finding) == [(EditKind.ADD_ARGUMENT, "criterion(out, y)", 'reduction="batchmean"')]
    built = loss_call("nn.KLDivLoss", LOG_SOFTMAX.but(out_features=None))
    assert edits(one("kl-div-input", built))[0][1] == "nn.KLDivLoss()"
    given = loss("F.kl_div", reduction_site=FakeSite('"mean"'))
    assert edits(one("kl-div-input", loss_call("", LOG_SOFTMAX, loss=given)))[0][:2] == (EditKind.REPLACE, '"mean"')


def test_kl_div_that_may_be_right() -> None:
    assert found("kl-div-input", loss_call("", LOG_SOFTMAX, loss=loss("F.kl_div", reduction="batchmean"))) == []
    assert found("kl-div-input", loss_call("", UNKNOWN, loss=loss("F.kl_div", reduction=None))) == []
    assert found("kl-div-input", loss_call("", INDICES, FROM_MODEL, loss=loss("F.kl_div"))) == []  # LR111
    assert found("kl-div-input", loss_call("F.cross_entropy", SOFTMAX)) == []


# -- LR114
def log(text: str, given: TensorFacts, name: str = "log", **changes: Any) -> Elementwise:
    return Elementwise(FakeSite(text), name, given, **changes)


def test_log_of_softmax() -> None:
    finding = one("unstable-softmax", log("torch.log(torch.softmax(out, dim=1))", SOFTMAX))
    assert edits(finding)[0][2] == "torch.log_softmax(out, dim=1)"
    assert one("unstable-softmax", log("torch.log(p)", SOFTMAX)).fix is None
    assert (
        one(
            "unstable-softmax", log("log(sigmoid(out))", activated("sigmoid", Form.PROBABILITIES, text="sigmoid(out)"))
        ).fix
        is None
    )


@pytest.mark.parametrize(
    ("text", "stable"),
    [
        ("torch.log(torch.sigmoid(out))", "torch.nn.functional.logsigmoid(out)"),
    ],
)
def test_log_of_sigmoid(text: str, stable: str) -> None:
    assert edits(one("unstable-softmax", log(text, SIGMOID)))[0][2] == stable


def test_softmax_by_hand() -> None:
    exp = TensorFacts(last=operation("exp", "torch.exp(out)"))
    finding = one("unstable-softmax", log("e / e.sum()", LOGITS, "softmax_by_hand", other=exp))
    assert finding.because[0].site.text == "torch.exp(out)"
    assert one("unstable-softmax", log("e / e.sum()", LOGITS, "softmax_by_hand")).because == ()
    shifted = LOGITS.but(last=operation("max_subtracted"))
    assert found("unstable-softmax", log("e / e.sum()", shifted, "softmax_by_hand")) == []


@pytest.mark.parametrize("given", [LOGITS, UNKNOWN, activated("relu"), SOFTMAX.but(form=None)])
def test_log_of_something_else(given: TensorFacts) -> None:
    assert found("unstable-softmax", log("torch.log(x)", given)) == []
    assert found("unstable-softmax", log("torch.exp(p)", SOFTMAX, "exp")) == []


def test_log_of_a_changed_probability() -> None:
    assert found("unstable-softmax", log("torch.log(p + 1e-8)", SOFTMAX.but(last=operation("shifted")))) == []
    by_hand = LOGITS.but(form=Form.PROBABILITIES, made_by=Operation("softmax", FakeSite("e / e.sum()")))
    assert found("unstable-softmax", log("torch.log(p)", by_hand)) == []
    complement = SIGMOID.but(last=operation("complement"))
    assert one("unstable-softmax", log("torch.log(1 - torch.sigmoid(out))", complement)).fix is None


# -- LR115
def softmax(
    shape: Any, dim: int | None = None, *, name: str = "softmax", form: Form = Form.LOGITS, **changes: Any
) -> Activation:
    made = operation(name, dim=dim, dim_site=FakeSite(str(dim)), layer=changes.pop("layer", None))
    return Activation(made.site, made, TensorFacts(form, shape=shape), TensorFacts(), **changes)


def test_softmax_over_the_batch() -> None:
    finding = one("softmax-dim", softmax(("N", 10), 0))
    assert finding.level is Level.ERROR
    assert edits(finding) == [(EditKind.REPLACE, "0", "1")]
    assert one("softmax-dim", softmax(("N", 10), -2, name="log_softmax")).level is Level.ERROR
    guessed = one("softmax-dim", softmax(("N", 7, 10), implicit_dim=True))
    assert guessed.level is Level.ERROR
    assert edits(guessed)[0][2] == "dim=-1"


def test_softmax_without_dim() -> None:
    finding = one("softmax-dim", softmax(("N", 10), implicit_dim=True))
    assert finding.level is None
    assert finding.fix is not None
    assert finding.fix.safety is Safety.SAFE
    layer = one("softmax-dim", softmax(None, implicit_dim=True, layer=FakeSite("nn.Softmax()")))
    assert layer.at.site.text == "nn.Softmax()"
    assert layer.fix is not None
    assert layer.fix.safety is Safety.UNSAFE


@pytest.mark.parametrize(
    "event",
    [
        softmax(("N", 10), 1),
        softmax(("N", 10), -1),
        softmax(("N", 10)),
        softmax((10,), 0),
        softmax(None, 0),
        softmax((7, "N", 10), 0),
        softmax(("N", 1), 0),
        softmax(("N", None), 0),
        softmax(("N", 10), 0, form=Form.DATA),
        softmax(("N", 10), 0, name="relu"),
    ],
)
def test_softmax_dim_that_may_be_right(event: Event) -> None:
    assert found("softmax-dim", event) == []


# -- LR116
def affine(given: TensorFacts) -> AffineCall:
    return AffineCall(FakeSite("net(x)"), "linear", given, LOGITS)


def test_softmax_on_inputs() -> None:
    pixels = activated("softmax", Form.PROBABILITIES, DATA)
    assert "784" in one("softmax-on-inputs", affine(pixels.but(shape=("N", 784)))).note
    assert "number of features" in one("softmax-on-inputs", affine(pixels)).note


@pytest.mark.parametrize(
    "given",
    [
        DATA,
        SOFTMAX,
        activated("softmax", Form.PROBABILITIES, UNKNOWN),
        activated("sigmoid", Form.PROBABILITIES, DATA),
        TensorFacts(Form.PROBABILITIES, operation("softmax")),
        TensorFacts(Form.PROBABILITIES),
    ],
)
def test_inputs_of_a_layer(given: TensorFacts) -> None:
    assert found("softmax-on-inputs", affine(given)) == []


# -- LR117
@pytest.mark.parametrize(
    ("given", "target", "suffix"),
    [(("N", 1), ("N",), ".unsqueeze(1)"), (("N",), ("N", 1), ".squeeze(1)"), ((32, 1), (32,), ".unsqueeze(1)")],
)
def test_broadcast_loss(given: Any, target: Any, suffix: str) -> None:
    call = loss_call("F.mse_loss", TensorFacts(shape=given), TensorFacts(shape=target))
    assert edits(one("loss-shape-broadcast", call)) == [(EditKind.APPEND, "y", suffix)]


def test_broadcast_binary_cross_entropy_raises() -> None:
    call = loss_call(
        "nn.BCELoss", TensorFacts(shape=("N", 1)), TensorFacts(shape=("N",)), target_site=None, input_site=None
    )
    finding = one("loss-shape-broadcast", call)
    assert "raises" in finding.note
    assert (finding.fix, finding.because) == (None, ())


@pytest.mark.parametrize(
    ("given", "target"),
    [
        (("N", 1), ("N", 1)),
        (("N",), ("N",)),
        (("N", 1), None),
        (None, ("N",)),
        (("N", 4), ("N",)),
        ((None, 1), (None,)),
        (("N", 1), (4,)),
        ((1, 1), (1,)),
        (("N", 1, 1), ("N",)),
    ],
)
def test_shapes_that_may_be_right(given: Any, target: Any) -> None:
    call = loss_call("F.mse_loss", TensorFacts(shape=given), TensorFacts(shape=target))
    assert found("loss-shape-broadcast", call) == []
    assert found("loss-shape-broadcast", loss_call("F.cross_entropy", LOGITS.but(shape=("N", 1)), INDICES)) == []


# -- LR118
TRAINED = TensorFacts(Form.LOSS, uses=uses("backward"))


def test_loss_of_a_value_with_itself() -> None:
    same = LOGITS.but(identity=7)
    assert "always 0" in one("loss-ignores-model", loss_call("F.mse_loss", same, same)).note
    labels = INDICES.but(identity=7)
    assert "itself" in one("loss-ignores-model", loss_call("nn.BCELoss", labels, labels)).title
    assert found("loss-ignores-model", loss_call("nn.BCELoss", same, same)) == []
    assert found("loss-ignores-model", loss_call("F.mse_loss", same, same, training=False)) == []
    assert found("loss-ignores-model", loss_call("F.mse_loss", same, LOGITS.but(identity=8))) == []


def test_loss_of_the_batch_alone() -> None:
    assert "data" in one("loss-ignores-model", loss_call("F.mse_loss", DATA, INDICES, output=TRAINED)).at.text
    no_place = loss_call("F.mse_loss", DATA, INDICES, output=TRAINED, input_site=None)
    assert one("loss-ignores-model", no_place).because == ()


@pytest.mark.parametrize(
    "call",
    [
        loss_call("F.mse_loss", DATA, INDICES),
        loss_call("F.mse_loss", DATA, INDICES, output=TensorFacts()),
        loss_call("F.mse_loss", DATA, INDICES, output=TensorFacts(uses=uses("report"))),
        loss_call("F.mse_loss", LOGITS, INDICES, output=TRAINED),
        loss_call("F.mse_loss", UNKNOWN, INDICES, output=TRAINED),
        loss_call("F.mse_loss", DATA, TensorFacts(roots=frozenset({"parameter"})), output=TRAINED),
        loss_call("F.mse_loss", DATA.but(attached=True), INDICES, output=TRAINED),
    ],
)
def test_loss_that_may_depend_on_a_model(call: Event) -> None:
    assert found("loss-ignores-model", call) == []


# -- LR119
def test_cross_entropy_over_one_output() -> None:
    finding = one("cross-entropy-one-output", loss_call("F.cross_entropy", LOGITS.but(out_features=1), INDICES))
    assert edits(finding) == [
        (EditKind.REPLACE, "F.cross_entropy", "F.binary_cross_entropy_with_logits"),
        (EditKind.APPEND, "y", ".float().unsqueeze(1)"),
    ]
    column = loss_call("nn.CrossEntropyLoss", TensorFacts(Form.LOGITS, shape=("N", 1)), INDICES.but(shape=("N", 1)))
    assert edits(one("cross-entropy-one-output", column))[1][2] == ".float()"
    assert (
        one("cross-entropy-one-output", loss_call("F.cross_entropy", SIGMOID.but(out_features=1), INDICES)).fix is None
    )
    assert one("cross-entropy-one-output", loss_call("F.cross_entropy", LOGITS.but(out_features=1))).fix is None


@pytest.mark.parametrize(
    "call",
    [
        loss_call("F.cross_entropy", LOGITS),
        loss_call("F.cross_entropy", LOGITS.but(out_features=None)),
        loss_call("F.cross_entropy", LOGITS.but(out_features=1, shape=("N", 4))),
        loss_call("F.cross_entropy", LOGITS.but(out_features=1, shape=("N",))),
        loss_call("nn.BCEWithLogitsLoss", LOGITS.but(out_features=1)),
    ],
)
def test_more_than_one_output(call: Event) -> None:
    assert found("cross-entropy-one-output", call) == []


# -- LR120
def with_layer(text: str, outputs: int) -> TensorFacts:
    return LOGITS.but(out_features=outputs, layer=Operation("linear", FakeSite("fc(x)"), layer=FakeSite(text)))


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("nn.Linear(784, 9)", "nn.Linear(784, 10)"),
        ("nn.Linear(9, 9, bias=False)", "nn.Linear(9, 10, bias=False)"),
        ("nn.Linear(in_features=784, out_features=9)", "nn.Linear(in_features=784, out_features=10)"),
        ("nn.Linear(784, outputs)", None),
    ],
)
def test_fewer_outputs_than_classes(text: str, fixed: str | None) -> None:
    finding = one("class-count-mismatch", loss_call("F.cross_entropy", with_layer(text, 9), INDICES))
    assert finding.at.site.text == text
    assert (finding.fix.edits[0].text if finding.fix else None) == fixed


@pytest.mark.parametrize(
    "call",
    [
        loss_call("F.cross_entropy", with_layer("", 10), INDICES),
        loss_call("F.cross_entropy", with_layer("", 16), INDICES),
        loss_call("F.cross_entropy", with_layer("", 1), INDICES),
        loss_call("F.cross_entropy", with_layer("", 9).but(shape=("N", 90)), INDICES),
        loss_call("F.cross_entropy", with_layer("", 9), INDICES.but(classes=None)),
        loss_call("F.cross_entropy", with_layer("", 9), INDICES.but(form=None)),
        loss_call("F.cross_entropy", with_layer("", 9).but(out_features=None), INDICES),
        loss_call("F.cross_entropy", with_layer("", 9).but(layer=None), INDICES),
        loss_call("nn.MultiMarginLoss", with_layer("", 9), INDICES),
    ],
)
def test_enough_outputs(call: Event) -> None:
    assert found("class-count-mismatch", call) == []


# -- LR122
def test_dropout_on_logits() -> None:
    dropout = operation("dropout", layer=FakeSite("nn.Dropout(0.5)"), removable=True)
    finding = one("dropout-on-logits", loss_call("F.cross_entropy", LOGITS.but(trailing=dropout)))
    assert edits(finding) == [(EditKind.REMOVE_ARGUMENT, "nn.Dropout(0.5)", "")]
    norm = one("dropout-on-logits", loss_call("F.cross_entropy", LOGITS.but(trailing=operation("batch_norm"))))
    assert "batch" in norm.title


def test_no_dropout_on_logits() -> None:
    assert found("dropout-on-logits", loss_call("F.cross_entropy", LOGITS)) == []
    assert found("dropout-on-logits", loss_call("F.mse_loss", LOGITS.but(trailing=operation("dropout")))) == []


def test_an_unknown_loss_says_nothing() -> None:
    unknown = loss("F.cross_entropy", contract=None)
    call = loss_call("", SOFTMAX, FLOAT_ONE_HOT, loss=unknown)
    for rule in RULES.values():
        if rule.event is type(call):
            assert list(rule.check(call)) == []


def test_activation_applied_inside_a_sequential_is_shown_on_its_layer() -> None:
    made_by = Operation("relu", FakeSite("model(x)"), LOGITS, layer=FakeSite("nn.ReLU()"), always_after_each=True)
    finding = one("activation-on-logits", loss_call("F.cross_entropy", LOGITS.but(form=Form.CLIPPED, made_by=made_by)))
    assert finding.at.site.text == "nn.ReLU()"


# -- builders of fixes
def test_an_impossible_part_gives_no_fix() -> None:
    assert fixing.fix("do it", Safety.SAFE, ()) is None
    assert fixing.swap(None, FakeSite()) == ()
    assert fixing.unwrap(None) == ()
    assert fixing.unwrap(Operation("relu", FakeSite())) == ()
    assert fixing.unwrap_one_hot(UNKNOWN) == ()
    assert fixing.removal(Operation("relu", FakeSite()), "remove") is None


def test_two_operations_in_two_places() -> None:
    inner, outer = operation("one_hot", "F.one_hot(y, 10)", "y"), operation("float", "t.float()", "t")
    assert [edit.text for edit in fixing.unwrap_both(outer, inner)] == ["y", "t"]
    assert fixing.unwrap_both(outer, Operation("one_hot", FakeSite())) == ()


def test_an_argument_over_several_lines_keeps_its_parentheses() -> None:
    made_by = operation("softmax", "F.softmax(a +\n b)", "a +\n b")
    assert fixing.unwrap(made_by)[0].text == "(a +\n b)"


def test_text_that_is_no_expression_gets_parentheses() -> None:
    assert fixing.operand("for x in") == "(for x in)"
    assert fixing.operand("net(x)") == "net(x)"


def test_a_conversion_inside_the_one_hot_call_stays() -> None:
    inside = Operation("long", FakeSite("y.long()"), INDICES, FakeSite("y"))
    assert [edit.text for edit in fixing.unwrap_one_hot(ONE_HOT_INT.but(converted=inside))] == ["y"]


def test_a_conversion_at_an_unknown_place_prevents_the_fix() -> None:
    assert fixing.unwrap_one_hot(ONE_HOT_INT.but(dtype=DType.FLOAT)) == ()


def test_a_loss_whose_name_is_not_seen_stays() -> None:
    assert fixing.change_loss(loss("nn.BCELoss", argument=None), "bce_with_logits") == ()
