"""The tables of deprecated API against the installed torch, and the rules that read them against hand-made events."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import io
import re
import warnings
from dataclasses import dataclass
from typing import Any

import functorch
import pytest
import torch
import torch.ao.quantization
import torch.autograd.profiler_legacy
import torch.distributed.checkpoint
import torch.nn.functional as F  # noqa: N812  # its usual name
import torch.nn.utils.stateless
import torch.utils._pytree as pytree
import torch.utils.data as D  # noqa: N812  # its usual name
import torch.utils.data.graph
import torchvision
import torchvision.models.optical_flow
import torchvision.transforms as T  # noqa: N812  # its usual name
import torchvision.transforms.functional as TF  # noqa: N812  # its usual name
import torchvision.transforms.v2 as V2  # noqa: N812  # its usual name
import torchvision.transforms.v2.functional
from PIL import Image
from torch import nn
from torch.utils import checkpoint

from lrcheck.events import ApiUse, Argument
from lrcheck.facts import DType, Form, TensorFacts
from lrcheck.findings import Finding, Level, Safety, Span
from lrcheck.knowledge import target
from lrcheck.knowledge.deprecated import (
    BUILDERS,
    DEPRECATIONS,
    INTERESTING,
    INTERESTING_ATTRIBUTES,
    INTERESTING_METHODS,
    LEGACY_REDUCTION,
    REDUCTION_ONLY,
    TENSOR_TYPES,
    Deprecation,
    Kind,
    Repair,
)


def bare(dataset: Any) -> Any:
    """A torchvision dataset without files."""
    made = dataset.__new__(dataset)
    made.data, made.targets = torch.zeros(1, 28, 28), torch.zeros(1)
    return made


STAND_INS: dict[str, Any] = {
    "torch.utils.data.DataLoaderIter": type(iter(D.DataLoader(D.TensorDataset(torch.zeros(1))))),
    "torch.optim.lr_scheduler.LRScheduler": torch.optim.lr_scheduler.StepLR,
    "torch.utils.data.ConcatDataset": D.ConcatDataset([D.TensorDataset(torch.zeros(1))]),
    "torchvision.datasets.MNIST": bare(torchvision.datasets.MNIST),
    "torchvision.datasets.CIFAR10": bare(torchvision.datasets.CIFAR10),
}
ABOUT_DEPRECATION = re.compile(
    r"deprecat|renamed|removed|will be required|requires|passed explicitly|no effect|has changed|has been renamed"
    r"|non-inplace|get_last_lr|now calls|only_inputs",
    re.IGNORECASE,
)


def identity(row: Deprecation) -> str:
    return f"{row.name}-{row.kind.name.lower()}-{row.keyword}"


def world() -> dict[str, Any]:
    """The names that `Deprecation.use` may speak of, new for each row."""
    net = nn.Linear(3, 3)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    optimizer.step()
    return {
        "torch": torch, "nn": nn, "F": F, "D": D, "T": T, "TF": TF, "V2": V2, "torchvision": torchvision,
        "functorch": functorch, "pytree": pytree, "checkpoint": checkpoint, "sched": torch.optim.lr_scheduler,
        "x": torch.rand(3, 3), "a": torch.eye(3) + 1, "v": torch.rand(3), "image": torch.rand(1, 1, 2, 2), "net": net,
        "optimizer": optimizer, "loader": D.DataLoader(D.TensorDataset(torch.rand(4, 3))), "mnist": bare(torchvision.datasets.MNIST),
        "picture": Image.new("RGB", (8, 8)), "pixels": torch.zeros(3, 8, 8, dtype=torch.uint8), "buffer": io.BytesIO(),
    }  # fmt: skip


def resolve(name: str) -> Any:
    """The object with a full name; raises where there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _resolved(name)


def _resolved(name: str) -> Any:
    parts = name.split(".")
    for split in range(len(parts), 0, -1):
        prefix = ".".join(parts[:split])
        if prefix in STAND_INS:
            found = STAND_INS[prefix]
        else:
            try:
                found = importlib.import_module(prefix)
            except ImportError:
                continue
        for part in parts[split:]:
            found = getattr(found, part)
        return found
    raise AttributeError(name)


def run(expression: str) -> list[str]:
    """What evaluating an expression warns about deprecation."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        before = torch.is_warn_always_enabled()
        torch.set_warn_always(True)
        try:
            eval(expression, world())  # noqa: S307  # the expressions of our own table
        finally:
            torch.set_warn_always(before)
    return [str(warning.message) for warning in caught if ABOUT_DEPRECATION.search(str(warning.message))]


def test_the_tables_know_the_installed_release() -> None:
    """A newer release than the target was not measured yet: run this file under it, then raise the target."""
    assert target.version(torch.__version__)[:2] <= target.version(target.TARGET)
    assert target.version(torchvision.__version__)[:2] <= target.version(target.VISION)


GONE = [row for row in DEPRECATIONS if row.removed_in is not None]
THERE = [row for row in DEPRECATIONS if row.removed_in is None]


@pytest.mark.parametrize("row", GONE, ids=identity)
def test_removed_is_gone(row: Deprecation) -> None:
    if row.use:
        with pytest.raises((AttributeError, TypeError, RuntimeError, ValueError, NotImplementedError)):
            run(row.use)
    elif row.kind is Kind.MODULE:
        with pytest.raises(ImportError):
            importlib.import_module(row.name)
    else:
        with pytest.raises(AttributeError):
            resolve(row.name)


@pytest.mark.parametrize("row", THERE, ids=identity)
def test_deprecated_is_still_there(row: Deprecation) -> None:
    resolve(row.name)


@pytest.mark.parametrize("row", [row for row in THERE if row.use], ids=identity)
def test_warning_is_as_stated(row: Deprecation) -> None:
    assert bool(run(row.use)) is row.warns


@pytest.mark.parametrize("row", [row for row in DEPRECATIONS if row.replacement], ids=identity)
def test_replacement_exists(row: Deprecation) -> None:
    if row.repair is Repair.RENAME_KEYWORD:
        assert f"{row.keyword}=" in row.use
        parameters = inspect.signature(resolve(row.name)).parameters
        assert row.replacement in parameters or "kwargs" in parameters
    elif match := re.match(r"(?:torch|torchvision|functorch)\.[\w.]+", row.replacement):
        resolve(match.group().rstrip("."))


# -- the tables that rules read


def test_reductions_stand_where_the_table_says() -> None:
    for name, positions in LEGACY_REDUCTION.items():
        parameters = list(inspect.signature(resolve(name).__init__ if name[9].isupper() else resolve(name)).parameters)
        offset = 1 if parameters[0] == "self" else 0
        if name == "torch.nn.NLLLoss2d":  # its signature is hidden behind the one that warns
            continue
        assert [parameters[position + offset] for position in positions] == ["size_average", "reduce", "reduction"], (
            name
        )
    for name in REDUCTION_ONLY:
        assert "size_average" not in inspect.signature(resolve(name)).parameters


def test_every_loss_with_the_old_arguments_is_known() -> None:
    for module, prefix in ((nn, "torch.nn."), (F, "torch.nn.functional.")):
        for name, value in vars(module).items():
            if name[0] != "_" and callable(value) and "size_average" in _parameters(value):
                assert prefix + name in LEGACY_REDUCTION


def _parameters(value: Any) -> Any:
    try:
        return inspect.signature(value).parameters
    except (TypeError, ValueError):
        return ()


def _legacy_weights(builder: Any) -> dict[str, tuple[str, Any]]:
    """What torchvision itself keeps of `pretrained=`, behind the decorators of a builder."""
    found: dict[str, tuple[str, Any]] = {}
    while hasattr(builder, "__wrapped__"):
        cells = dict(zip(builder.__code__.co_freevars, builder.__closure__ or (), strict=True))
        if "weights" in cells:
            kept = cells["weights"].cell_contents
            found |= {old: (new, weights) for new, (old, weights) in kept.items()}
        builder = builder.__wrapped__
    return found


PACKAGES = ("", ".quantization", ".detection", ".segmentation", ".video", ".optical_flow")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_builder_is_known_with_its_weights(package: str) -> None:
    module = importlib.import_module("torchvision.models" + package)
    for name, value in vars(module).items():
        if not inspect.isfunction(value) or not hasattr(value, "__wrapped__") or name[0] == "_":
            continue
        stated = BUILDERS[f"{module.__name__}.{name}"]
        kept = _legacy_weights(value)
        assert stated.keys() == kept.keys()
        for old, (new, weights) in kept.items():
            told = None if callable(weights) and package == ".quantization" else _told(weights)
            assert stated[old] == (new, told), name


def _told(weights: Any) -> str | None:
    """The name of the weights; those of one detector depend on an argument."""
    if callable(weights):
        try:
            weights = weights({})
        except KeyError:
            return None
    return getattr(weights, "name", None)


def test_tensor_types_make_their_element_type() -> None:
    for name, dtype in TENSOR_TYPES.items():
        if not name.startswith("torch.cuda."):
            assert resolve(name)().dtype is resolve(dtype)
        assert name.rpartition(".")[2] in dir(torch)


def test_variable_detaches() -> None:
    attached = nn.Linear(2, 1)(torch.rand(3, 2))
    assert torch.autograd.Variable(attached).grad_fn is None
    assert not torch.autograd.Variable(attached).requires_grad


# -- the rules, on events made by hand


@dataclass(frozen=True)
class Place:
    """A site that is nothing but its text."""

    text: str
    path: str = "train.py"

    def span(self) -> Span:
        return Span(1, 1, 1, 1)

    def key(self) -> tuple[str, object]:
        return (self.path, self.text)


UNKNOWN = object()


def arg(value: object = UNKNOWN, text: str | None = None, keyword: str | None = None, star: str = "") -> Argument:
    shown = text if text is not None else f'"{value}"' if isinstance(value, str) else repr(value)
    place = Place(f"{keyword}={shown}" if keyword else star + shown)
    known = value is not UNKNOWN
    return Argument(keyword, place, value if known else None, known, star)


def named(keyword: str, value: object = UNKNOWN, text: str | None = None) -> Argument:
    return arg(value, text, keyword)


def call(name: str, *arguments: Argument, written: str = "", **more: Any) -> ApiUse:
    written = written or name
    text = f"{written}({', '.join(argument.site.text for argument in arguments)})"
    return ApiUse(Place(text), name, True, arguments, Place(written), **more)


def check(module: str, use: ApiUse) -> list[Finding]:
    """The findings of a rule, each of which follows the form of messages."""
    found = list(importlib.import_module(f"lrcheck.rules.deprecated.{module}").check(use))
    for finding in found:
        assert len(finding.title) <= 60
        assert not finding.title.endswith(".")
        assert finding.at.text
        assert finding.fix or finding.help
    return found


def edits(finding: Finding) -> list[tuple[str, str, str]]:
    assert finding.fix is not None
    return [(edit.kind.value, edit.site.text, edit.text) for edit in finding.fix.edits]


def only(module: str, use: ApiUse) -> Finding:
    found = check(module, use)
    assert len(found) == 1
    return found[0]


MSE = "torch.nn.MSELoss"


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        ((named("size_average", False),), "sum"),
        ((named("size_average", True),), ""),
        ((named("reduce", False),), "none"),
        ((named("reduce", True), named("size_average", False)), "sum"),
        ((named("reduce", False), named("size_average", False)), "none"),
        ((arg(None), arg(False)), "none"),
    ],
)
def test_size_average(arguments: tuple[Argument, ...], meant: str) -> None:
    finding = only("size_average", call(MSE, *arguments))
    written = [text for _, _, text in edits(finding) if text]
    assert written == ([f'reduction="{meant}"'] if meant else [])
    assert finding.fix is not None
    assert finding.fix.safety is Safety.SAFE


def test_size_average_overrides_a_reduction() -> None:
    finding = only("size_average", call(MSE, named("size_average", False), named("reduction", "mean")))
    assert edits(finding) == [
        ("remove-argument", "size_average=False", ""),
        ("replace", 'reduction="mean"', 'reduction="sum"'),
    ]
    assert finding.because


def test_size_average_none_is_information() -> None:
    finding = only("size_average", call("torch.nn.BCELoss", named("size_average", None)))
    assert finding.level is Level.INFO
    assert edits(finding) == [("remove-argument", "size_average=None", "")]


def test_words_are_values() -> None:
    finding = only("size_average", call(MSE, arg(None), named("reduce", text="False")))
    assert [text for _, _, text in edits(finding)] == ["", 'reduction="none"']


def test_size_average_unknown_has_no_fix() -> None:
    assert only("size_average", call(MSE, named("size_average", text="args.mean"))).fix is None
    assert only("size_average", call(MSE, named("reduce", False), arg(text="kw", star="**"))).fix is None


def test_size_average_before_other_positions_has_no_fix() -> None:
    assert only("size_average", call("torch.nn.CrossEntropyLoss", arg(None), arg(False), arg(3))).fix is None


def test_size_average_of_other_losses() -> None:
    assert not check("size_average", call("program.Loss", named("size_average", False)))
    assert not check("size_average", call(MSE))
    with target.using("0.4"):
        assert not check("size_average", call(MSE, named("size_average", False)))


def test_elementwise_mean() -> None:
    finding = only("elementwise_mean", call(MSE, named("reduction", "elementwise_mean")))
    assert edits(finding) == [("replace", 'reduction="elementwise_mean"', 'reduction="mean"')]
    assert only("elementwise_mean", call("torch.nn.CTCLoss", named("reduction", "elementwise_mean")))
    assert not check("elementwise_mean", call(MSE, named("reduction", "sum")))
    assert not check("elementwise_mean", call("torch.nn.Linear", named("reduction", "elementwise_mean")))


def test_functional_activation() -> None:
    name = "torch.nn.functional.sigmoid"
    assert only("functional_activation", call(name, arg(text="x"), written="F.sigmoid")).fix is None
    finding = only("functional_activation", call(name, written="F.sigmoid", imports=(("torch", "torch"),)))
    assert edits(finding) == [("replace", "F.sigmoid", "torch.sigmoid")]
    assert finding.level is Level.INFO
    whole = only("functional_activation", call(name))
    assert edits(whole) == [("replace", name, "torch.sigmoid")]
    assert not check("functional_activation", call("torch.nn.functional.relu"))


VARIABLE = "torch.autograd.Variable"


def test_variable_wrapper() -> None:
    data = arg(TensorFacts(attached=False), "x")
    finding = only("variable_wrapper", call(VARIABLE, data))
    assert edits(finding)[0][2] == "x"
    assert finding.fix is not None
    assert finding.fix.safety is Safety.SAFE
    leaf = only("variable_wrapper", call(VARIABLE, arg(text="a + b"), named("requires_grad", True)))
    assert edits(leaf)[0][2] == "(a + b).detach().requires_grad_()"
    unsure = only("variable_wrapper", call(VARIABLE, arg(text="x")))
    assert unsure.fix is not None
    assert unsure.fix.safety is Safety.UNSAFE
    assert only("variable_wrapper", call(VARIABLE, arg(text="x"), named("requires_grad", text="flag"))).fix is None
    assert only("variable_wrapper", call(VARIABLE)).fix is None


def test_variable_wrapper_cuts_the_gradient() -> None:
    finding = only("variable_wrapper", call(VARIABLE, arg(TensorFacts(attached=True), "net(x)")))
    assert finding.level is Level.WARNING
    assert edits(finding)[0][2] == "net(x).detach()"


def test_variable_wrapper_near_misses() -> None:
    assert not check("variable_wrapper", ApiUse(Place("Variable"), VARIABLE, called=False))
    assert not check("variable_wrapper", call(VARIABLE, arg(text="x"), named("volatile", True)))
    assert not check("variable_wrapper", call(VARIABLE, arg(TensorFacts(form=Form.LOSS), "loss")))
    assert not check("variable_wrapper", call("program.Variable", arg(text="x")))


DATA = "torch.Tensor.data"


def data(receiver: object, **more: Any) -> ApiUse:
    return ApiUse(Place("out.data"), DATA, False, (), Place("out.data"), receiver, Place("out"), **more)


def test_tensor_data() -> None:
    finding = only("tensor_data", data(TensorFacts(attached=True)))
    assert edits(finding) == [("replace", "out.data", "out.detach()")]
    assert edits(only("tensor_data", data(TensorFacts(attached=False))))[0][2] == "out"
    part = ApiUse(Place("out.data[0]"), DATA + ".__getitem__", False, (arg(0),), None, TensorFacts(), Place("out"))
    assert only("tensor_data", part).fix is None


def test_tensor_data_near_misses() -> None:
    assert not check("tensor_data", data(None))
    assert not check("tensor_data", data(TensorFacts(roots=frozenset({"parameter"}))))
    assert not check("tensor_data", data(TensorFacts(), assigned=True))
    assert not check("tensor_data", data(TensorFacts(shape=())))
    assert not check("tensor_data", call("torch.Tensor.detach"))


def test_pre_0_4_index() -> None:
    loss = TensorFacts(form=Form.LOSS, reduction="mean")
    use = ApiUse(Place("loss.data[0]"), DATA + ".__getitem__", False, (arg(0),), None, loss, Place("loss"))
    finding = only("pre_0_4", use)
    assert finding.level is Level.ERROR
    assert edits(finding) == [("replace", "loss.data[0]", "loss.item()")]
    with target.using("0.4"):
        assert only("pre_0_4", use).level is Level.WARNING
    several = TensorFacts(form=Form.LOSS, reduction="none")
    assert not check("pre_0_4", dataclasses.replace(use, receiver=several))
    assert not check("pre_0_4", dataclasses.replace(use, arguments=(arg(text="i"),)))


def test_pre_0_4_volatile() -> None:
    finding = only("pre_0_4", call(VARIABLE, arg(text="x"), named("volatile", True)))
    assert finding.level is Level.WARNING
    assert edits(finding)[0][2] == "x"
    assert not check("pre_0_4", call(VARIABLE, arg(text="x")))


def test_pre_0_4_from_the_table() -> None:
    finding = only("pre_0_4", call("torch.Tensor.backward", named("retain_variables", True)))
    assert edits(finding) == [("rename-keyword", "retain_variables=True", "retain_graph")]


TORCH_IS_THERE = (("torch", "torch"),)


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (call("torch.Tensor", arg(text="[[1.0], [2.0]]")), "torch.tensor([[1.0], [2.0]])"),
        (call("torch.Tensor", arg(text="[1, 2]")), "torch.tensor([1, 2], dtype=torch.float32)"),
        (call("torch.LongTensor", arg(text="[1, 2]")), "torch.tensor([1, 2], dtype=torch.int64)"),
        (call("torch.Tensor", arg(2), arg(3)), "torch.empty(2, 3)"),
        (call("torch.cuda.FloatTensor", arg(2)), 'torch.empty(2, dtype=torch.float32, device="cuda")'),
        (call("torch.FloatTensor", arg(text="n"), arg(1)), "torch.empty(n, 1, dtype=torch.float32)"),
        (call("torch.Tensor", arg(text="values")), None),
        (call("torch.Tensor", arg(text="sizes", star="*")), None),
    ],
)
def test_legacy_tensor_constructor(use: ApiUse, text: str | None) -> None:
    finding = only("legacy_tensor_constructor", use)
    assert (edits(finding)[0][2] if finding.fix else None) == text
    if text and "cuda" not in text and "n" not in {each.site.text for each in use.arguments}:
        assert torch.equal(eval(text), eval(use.site.text)) or "empty" in text  # noqa: S307  # our own texts
        assert eval(text).dtype is eval(use.site.text).dtype  # noqa: S307


def test_legacy_tensor_constructor_near_misses() -> None:
    assert not check("legacy_tensor_constructor", ApiUse(Place("torch.Tensor"), "torch.Tensor", called=False))
    assert not check("legacy_tensor_constructor", call("torch.tensor", arg(1)))


def test_renamed_without_underscore() -> None:
    finding = only("renamed_without_underscore", call("torch.nn.init.xavier_uniform", written="init.xavier_uniform"))
    assert edits(finding) == [("replace", "init.xavier_uniform", "init.xavier_uniform_")]
    assert finding.level is Level.WARNING
    alone = only("renamed_without_underscore", call("torch.nn.utils.clip_grad_norm", written="clip_grad_norm"))
    assert alone.fix is None


def test_async_argument() -> None:
    finding = only("async_argument", call("torch.Tensor.cuda", named("async", True)))
    assert edits(finding) == [("rename-keyword", "async=True", "non_blocking")]
    hidden = only("async_argument", call("torch.Tensor.cuda", arg(text='{"async": True}', star="**")))
    assert edits(hidden) == [("replace", '**{"async": True}', "non_blocking=True")]
    assert not check("async_argument", call("torch.Tensor.cuda", arg(text="options", star="**")))
    assert not check("async_argument", call("torch.Tensor.cuda", named("non_blocking", True)))
    assert not check("async_argument", call("program.copy", named("async", True)))


RESNET = "torchvision.models.resnet18"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((named("pretrained", True),), 'weights="IMAGENET1K_V1"'),
        ((named("pretrained", False),), "weights=None"),
        ((named("pretrained", None),), "weights=None"),
        ((arg(True),), 'weights="IMAGENET1K_V1"'),
        ((named("pretrained", text="args.pretrained"),), 'weights="IMAGENET1K_V1" if args.pretrained else None'),
        ((named("pretrained", text="a if b else c"),), 'weights="IMAGENET1K_V1" if (a if b else c) else None'),
        ((named("pretrained", True), arg(text="kw", star="**")), None),
        ((named("pretrained", True), named("weights", text="w")), None),
    ],
)
def test_pretrained(arguments: tuple[Argument, ...], text: str | None) -> None:
    finding = only("torchvision_removed", call(RESNET, *arguments))
    assert finding.level is Level.WARNING
    assert (edits(finding)[0][2] if finding.fix else None) == text


def test_pretrained_without_such_weights() -> None:
    assert only("torchvision_removed", call("torchvision.models.vit_h_14", named("pretrained", True))).fix is None


def test_pretrained_near_misses() -> None:
    assert not check("torchvision_removed", call("timm.create_model", named("pretrained", True)))
    assert not check("torchvision_removed", call(RESNET, named("weights", None)))
    assert not check("torchvision_removed", call(RESNET, arg(text="weights")))
    with target.using("1.12", "0.12"):
        assert not check("torchvision_removed", call(RESNET, named("pretrained", True)))


def test_scale() -> None:
    finding = only("torchvision_removed", call("torchvision.transforms.Scale", arg(4), written="transforms.Scale"))
    assert finding.level is Level.ERROR
    assert edits(finding) == [("replace", "transforms.Scale", "transforms.Resize")]
    with target.using("1.4"):
        older = only("torchvision_removed", call("torchvision.transforms.Scale", arg(4)))
        assert older.level is Level.WARNING


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (call("torch.cuda.amp.autocast"), 'torch.amp.autocast("cuda")'),
        (call("torch.cuda.amp.autocast", named("enabled", False)), 'torch.amp.autocast("cuda", enabled=False)'),
        (call("torch.cuda.amp.autocast", arg(False)), None),
        (call("torch.cuda.amp.GradScaler", arg(2.0)), 'torch.amp.GradScaler("cuda", 2.0)'),
        (call("torch.cuda.amp.GradScaler", arg(text="kw", star="**")), 'torch.amp.GradScaler("cuda", **kw)'),
        (ApiUse(Place("torch.cuda.amp.autocast"), "torch.cuda.amp.autocast", called=False), None),
    ],
)
def test_cuda_amp(use: ApiUse, text: str | None) -> None:
    finding = only("cuda_amp", use)
    assert (edits(finding)[0][2] if finding.fix else None) == text
    with target.using("2.3"):
        assert not check("cuda_amp", use)


LOAD = "torch.load"


def test_unsafe_load() -> None:
    plain = only("unsafe_load", call(LOAD, arg("model.pt")))
    assert plain.level is Level.INFO
    assert edits(plain)[0][::2] == ("add-argument", "weights_only=True")
    with target.using("2.5"):
        old = only("unsafe_load", call(LOAD, arg("model.pt")))
        assert old.level is Level.WARNING
        assert old.fix is not None
        assert old.fix.safety is Safety.UNSAFE
    assert only("unsafe_load", call(LOAD, arg("model.pt"), named("weights_only", False)))
    assert "map_location" in only("unsafe_load", call(LOAD, arg("model.pt"), named("weights_only", True))).title


def test_unsafe_load_near_misses() -> None:
    whole = (arg("model.pt"), named("map_location", "cpu"), named("weights_only", True))
    assert not check("unsafe_load", call(LOAD, *whole))
    assert not check("unsafe_load", call(LOAD, arg("model.pt"), arg(text="kw", star="**")))
    assert check("unsafe_load", call(LOAD, arg("model.pt"), named("pickle_module", text="dill")))
    assert not check(
        "unsafe_load", call(LOAD, arg("model.pt"), named("pickle_module", text="dill"), named("weights_only", True))
    )
    assert not check("unsafe_load", call("numpy.load", arg("model.npz")))


@pytest.mark.parametrize(
    ("use", "expected"),
    [
        (call("torch.chain_matmul", arg(text="a"), arg(text="b")), "torch.linalg.multi_dot([a, b])"),
        (call("torch.lu_solve", arg(text="b"), arg(text="l"), arg(text="p")), "torch.linalg.lu_solve(l, p, b)"),
        (call("torch.add", arg(text="x"), arg(2), arg(text="y")), "torch.add(x, y, alpha=2)"),
        (call("torch.add", arg(text="x"), arg(text="z", star="*")), ""),
        (call("torch.meshgrid", arg(text="x"), arg(text="y")), 'indexing="ij"'),
        (call("torch.ger", arg(text="x"), arg(text="y")), "torch.outer"),
        (call("torch.utils.data.DataLoaderIter.next", receiver_site=Place("it"), written="it.next"), "next(it)"),
        (call("torch.Tensor.ger", arg(text="y"), receiver_site=Place("x"), written="x.ger"), "x.outer"),
        (call("torch.symeig", arg(text="a")), None),
        (call("torch.optim.lr_scheduler.StepLR", named("verbose", True)), ""),
        (call("torch.legacy.nn.Linear"), None),
        (call("functorch.vmap", arg(text="f"), imports=TORCH_IS_THERE), "torch.func.vmap"),
    ],
)
def test_removed_api(use: ApiUse, expected: str | None) -> None:
    if expected == "" and use.name == "torch.add":
        assert not check("removed_api", use)
        return
    finding = only("removed_api", use)
    assert (edits(finding)[0][2] if finding.fix else None) == expected


def test_removed_api_near_misses() -> None:
    assert not check("removed_api", call("torch.add", arg(text="x"), arg(text="y")))
    assert not check("removed_api", call("torch.meshgrid", arg(text="x"), named("indexing", "xy")))
    assert not check("removed_api", call("torch.meshgrid", arg(text="axes", star="*"), arg(text="kw", star="**")))
    mask = arg(TensorFacts(dtype=DType.BOOL), "mask")
    assert not check("removed_api", call("torch.Tensor.masked_fill", mask, arg(0)))
    assert only("removed_api", call("torch.Tensor.masked_fill", arg(TensorFacts(dtype=DType.INT), "mask"), arg(0)))


def test_every_row_is_reported_by_its_rule() -> None:
    modules = {
        "LR603": "functional_activation", "LR606": "pre_0_4", "LR608": "renamed_without_underscore",
        "LR610": "torchvision_removed", "LR611": "cuda_amp", "LR619": "removed_api",
    }  # fmt: skip
    for row in DEPRECATIONS:
        arguments: tuple[Argument, ...] = ()
        if row.kind is Kind.KEYWORD:
            arguments = (named(row.keyword, text="value"),)
        elif row.kind is Kind.POSITIONAL:
            arguments = tuple(arg(text=f"a{index}") for index in range((row.position or 0) + 1))
        elif row.kind is Kind.VALUE:
            value = TensorFacts(dtype=row.value) if isinstance(row.value, DType) else row.value
            arguments = (named(row.keyword, value, "value"),)
        use = call(row.name, *arguments, receiver_site=Place("it"), imports=TORCH_IS_THERE)
        assert any(f.level for f in check(modules[row.rule], use)), row.name
        assert row.name in INTERESTING


def test_observers_are_told_about_methods() -> None:
    assert "torch.Tensor.cuda" in INTERESTING_METHODS
    assert {DATA, DATA + ".__getitem__", "torch.Tensor.volatile"} <= INTERESTING_ATTRIBUTES
    assert not INTERESTING_METHODS & INTERESTING_ATTRIBUTES


def test_targets() -> None:
    assert target.companion("2.4") == "0.19"
    assert target.companion("1.13.1") == "0.14"
    assert target.companion("1.2") == "0.4"
    assert target.companion("0.4.1") == "0.2"
    assert target.version("2.6.0rc1+cu126") == (2, 6, 0)
    with target.using("1.9"):
        assert only("removed_api", call("torch.symeig", arg(text="a"))).level is Level.WARNING
        target.use("2.0")
        assert target.get() == target.Target("2.0", "0.15")
    assert target.get() == target.Target()
