"""Every guard of the rules about models, on small programs and on events made by hand."""

from __future__ import annotations

import inspect

import pytest
from fakes import PRELUDE, FakeSite, check_text, rules

from lrcheck.events import ApiUse, Construct, Instantiation, LayerCall, ModuleAsTensor, UnknownAttribute
from lrcheck.facts import ModuleFacts, TensorFacts
from lrcheck.knowledge.module_attributes import LAYER_ATTRIBUTES, MODULE_ATTRIBUTES

RULES = rules()


def lines(name: str, program: str) -> list[int]:
    """The lines of a program (without the imports) on which a rule reports."""
    result = check_text(PRELUDE + inspect.cleandoc(program) + "\n")
    assert not result.errors, result.errors
    return [each.span.line - PRELUDE.count("\n") for each in result.diagnostics if each.name == name]


# -- LR401, LR402
def test_a_class_needs_an_assignment_to_be_blamed() -> None:
    use = ModuleAsTensor(FakeSite(), "relu", FakeSite("self.fc"), "nn.Linear", is_class=True)
    assert list(RULES["class-not-instantiated"].check(use)) == []
    assert len(list(RULES["module-as-tensor"].check(use))) == 1


def test_a_class_called_on_data_is_one_finding() -> None:
    program = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = nn.Linear(20, 4)
                self.activation = nn.ReLU

            def forward(self, x):
                return self.activation(self.first(x))
    """
    assert lines("class-not-instantiated", program) == [5]
    assert lines("class-called-on-tensor", program) == []


# -- LR404
def test_a_default_that_equals_the_fixed_size() -> None:
    program = """
        class Net(nn.Module):
            def __init__(self, width=64):
                super().__init__()
                self.fc = nn.Linear(20, 64)
    """
    assert lines("unused-constructor-argument", program) == [4]


def test_an_argument_read_in_a_nested_function_is_read() -> None:
    program = """
        class Net(nn.Module):
            def __init__(self, in_features):
                super().__init__()
                self.size = lambda: in_features
                self.fc = nn.Linear(in_features=2, out_features=1)
    """
    assert lines("unused-constructor-argument", program) == []


# -- LR405
def test_parts_that_only_a_container_registers() -> None:
    program = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                parts = [nn.Linear(20, 20), nn.Linear(20, 4)]
                self.parts = parts
                self.net = nn.Sequential(*parts)

        net = Net()
    """
    assert lines("unregistered-submodule", program) == []


def test_a_dict_of_layers() -> None:
    program = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.heads = {"a": nn.Linear(20, 4), "b": nn.Linear(20, 4)}

        net = Net()
    """
    assert lines("unregistered-submodule", program) == [4]


# -- LR407
def test_a_module_made_in_forward_makes_its_own_layers() -> None:
    program = """
        class Part(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(20, 4)

            def forward(self, x):
                return self.fc(x)

        class Net(nn.Module):
            def forward(self, x):
                return Part()(x)
    """
    assert lines("layer-created-in-forward", program) == []


# -- LR408
def test_dropout_under_a_test_of_the_mode() -> None:
    program = """
        class Net(nn.Module):
            def forward(self, x):
                if self.training and self.rate > 0:
                    x = F.dropout(x, self.rate)
                return x
    """
    assert lines("dropout-always-on", program) == []


def test_dropout_outside_a_module_has_no_fix() -> None:
    use = ApiUse(FakeSite("F.dropout(x)"), "torch.nn.functional.dropout")
    (finding,) = RULES["dropout-always-on"].check(use)
    assert finding.fix is None


# -- LR409
def test_a_class_chosen_at_run_time_is_not_judged() -> None:
    program = """
        class A:
            def __init__(self, size):
                self.size = size

        class B:
            def __init__(self):
                self.size = 1

        chosen = A if option else B
        made = chosen(3)
    """
    assert lines("constructor-arguments", program) == []


def test_a_call_that_fits_is_silent() -> None:
    assert list(RULES["constructor-arguments"].check(Instantiation(FakeSite(), "Net"))) == []


# -- LR410
def test_one_of_several_layers_may_fit() -> None:
    call = LayerCall(FakeSite(), ModuleFacts("nn.Linear"), TensorFacts(), 20, 20)
    assert list(RULES["feature-size-mismatch"].check(call)) == []
    program = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = nn.ModuleList([nn.Linear(20, 8), nn.Linear(8, 4)])

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x

        out = Net()(torch.zeros(2, 20))
    """
    assert lines("feature-size-mismatch", program) == []


# -- LR412
def test_an_object_from_elsewhere_needs_a_close_match() -> None:
    use = UnknownAttribute(FakeSite("criterion"), "criterion", "Net", MODULE_ATTRIBUTES)
    assert list(RULES["unknown-attribute"].check(use)) == []
    near = UnknownAttribute(FakeSite("paramters"), "paramters", "Net", MODULE_ATTRIBUTES)
    (finding,) = RULES["unknown-attribute"].check(near)
    assert finding.fix is not None
    assert finding.fix.message == "write `parameters`"


def test_numbered_layers_are_no_slip_of_the_pen() -> None:
    use = UnknownAttribute(FakeSite("layer4"), "layer4", "Net", frozenset({"layer3"}))
    assert list(RULES["unknown-attribute"].check(use)) == []


@pytest.mark.parametrize(
    "use",
    [
        "if isinstance(net, Other):\n    print(net.extra)",
        "for net in (net,):\n    print(net.extra)",
        "if hasattr(net, 'extra'):\n    print(net.extra)",
        "prepare(net)\nprint(net.extra)",
        "net.extra = 3\nprint(net.extra)",
        "try:\n    print(net.extra)\nexcept AttributeError:\n    pass",
    ],
)
def test_a_guarded_attribute_is_not_unknown(use: str) -> None:
    program = "class Net(nn.Module):\n    pass\n\nnet = Net()\n" + use
    assert lines("unknown-attribute", program) == []


def test_the_attributes_of_modules_are_complete() -> None:
    torch = pytest.importorskip("torch")
    assert {name for name in dir(torch.nn.Module()) if not name.startswith("__")} <= MODULE_ATTRIBUTES
    assert {"weight", "bias", "in_features", "running_mean"} <= LAYER_ATTRIBUTES


# -- LR421
def test_sizes_computed_from_tensors_are_no_data() -> None:
    program = """
        counts = torch.tensor([3, 5])
        fc = nn.Linear(counts.max().item(), 4)
        other = nn.Linear(int(counts.sum()), 4)
    """
    assert lines("class-called-on-tensor", program) == []


def test_a_construction_without_data_is_silent() -> None:
    assert list(RULES["class-called-on-tensor"].check(Construct(FakeSite(), "torch.nn.ReLU"))) == []


# -- LR406
def test_forward_in_a_comprehension_of_the_own_class() -> None:
    program = """
        class Net(nn.Module):
            def forward(self, x):
                return [x, x]

            def total(self, x):
                return sum([out.sum() for out in self.forward(x)])
    """
    assert lines("forward-called-directly", program) == []


# -- LR424
def test_a_forward_that_raises_is_an_interface() -> None:
    program = """
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(20, 4)

            def forward(self, x, *args):
                return self.fc.weight
    """
    assert lines("input-ignored", program) == []
