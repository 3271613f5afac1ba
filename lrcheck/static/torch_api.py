"""Functions and classes of torch, torchvision and their companions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lrcheck.events import FrameworkBackward, GradientAccess
from lrcheck.facts import Form, LossFacts, TensorFacts
from lrcheck.knowledge import vision_models
from lrcheck.knowledge.datasets import BUNCHES, CLASSIFIERS, DATASETS, GENERATORS, SCALERS
from lrcheck.knowledge.frameworks import PREPARING
from lrcheck.knowledge.losses import BY_FUNCTION
from lrcheck.knowledge.operations import ACTIVATIONS, KEEPING, WRAPPER_LAYERS
from lrcheck.static import (
    api_uses,
    arrays,
    builtins_api,
    calls,
    data,
    definitions,
    gradients,
    hooks,
    initialisation,
    layers,
    making,
    meters,
    module_making,
    modules,
    operators,
    reports,
    snapshots,
    tensor_ops,
    tensors,
    training_kit,
    units,
)
from lrcheck.static.arguments import Args, of
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    PREPARED_BY,
    UNKNOWN,
    Api,
    Const,
    Function,
    Instance,
    Layer,
    Scalar,
    Seq,
    Tool,
    Unknown,
    new_identity,
)

Handler = Callable[[Run, str, Args, Any], Any]

_MADE = frozenset({"zeros", "ones", "full", "empty", "rand", "randn", "arange", "linspace", "eye", "normal", "randperm",
                   "bernoulli", "multinomial"})  # fmt: skip
_LIKE = frozenset({"zeros_like", "ones_like", "rand_like", "randn_like", "full_like", "empty_like"})
_FROM_DATA = frozenset({"tensor", "as_tensor", "from_numpy", "asarray", "Tensor", "FloatTensor", "LongTensor", "DoubleTensor",
                        "IntTensor", "ByteTensor", "HalfTensor", "ShortTensor", "BoolTensor"})  # fmt: skip
_TRANSPARENT = frozenset({"builtins", "logging", "warnings", "os", "sys", "time", "math", "random", "numpy", "json", "argparse",
                          "pathlib", "collections", "datetime", "matplotlib", "torchvision", "pandas", "itertools", "functools",
                          "copy", "typing", "tqdm", "torchsummary", "torchinfo", "sklearn", "re", "glob", "shutil", "csv",
                          "pickle", "string", "io", "gc", "wandb", "visdom", "tensorboardX", "seaborn", "PIL", "cv2",
                          "IPython", "scipy", "yaml"})  # fmt: skip
_QUIET = (
    "torch.save",
    "torch.cuda.",
    "torch.jit.",
    "torch.onnx.",
    "torch.utils.data.",
    "torch.distributed.",
    "torch.distributions.",
    "torch.profiler.",
)
"""Packages whose functions never touch an optimizer or the gradients of a model that they are handed."""


def is_known(name: str) -> bool:
    """Whether `name` is something of torch that `from package import *` would bring in."""
    short = name.rpartition(".")[2]
    if name.startswith("torch.nn.functional."):
        return short in tensor_ops.HANDLERS or name in BY_FUNCTION
    if name.startswith("torch.nn."):
        return short[:1].isupper() or short in ("functional", "init", "utils", "parallel")
    if name.startswith("torch."):
        return short in tensor_ops.HANDLERS or name in _EXACT or short in _MADE | _LIKE | _FROM_DATA or short in (
            "nn", "optim", "utils", "cuda", "autograd", "device", "no_grad",
        )  # fmt: skip
    return name in DATASETS or name.startswith("torchvision.transforms.")


def call(run: Run, name: str, args: Args, node: Any, statement: bool = False) -> Any:
    """Call a function or class of another package by its canonical name."""
    builtin = builtins_api.HANDLERS.get(name)
    if builtin is not None:
        return builtin(run, args, node)
    api_uses.called(run, name, args, node, statement)
    if (
        name.endswith("_")
        and run.ledger.gradients
        and any(gradients.is_gradient(run, value) for value in args.values())
    ):
        gradients.written(run, node)
    layers.api_called(run, name, args, node, statement)
    exact = _EXACT.get(name)
    if exact is not None:
        return exact(run, name, args, node)
    if name in BY_FUNCTION:
        return call_loss_function(run, name, args, node)
    if name.startswith("torch."):
        found = _torch(run, name, args, node)
        if found is not None:
            return found
    elif name.startswith("torchvision."):
        return _torchvision(run, name, args, node)
    elif name in BUNCHES:
        return data.bunch(run, name, args, node)
    elif name in GENERATORS:
        return data.generated(name, args)
    elif name.startswith("numpy."):
        return _numpy(run, name, args, node)
    return _other(run, name, args, node)


def _other(run: Run, name: str, args: Args, node: Any) -> Any:
    reported = reports.called(run, name, args, node)
    if reported is None:
        reported = meters.called(run, name, args, node)
    if reported is not None:
        return reported
    for value in args.values():
        operators.mark_used(value, "data", run.site(node))
    if name.partition(".")[0] not in _TRANSPARENT and not name.startswith(_QUIET):
        run.ledger.foreign = run.ledger.foreign or not name.startswith("torch.")
        hooks.opaque(run, args, node)
    made = Unknown(f"the result of `{'.'.join(name.split('.')[-2:])}` is not known")
    if name in PREPARING:
        made.attrs = {PREPARED_BY: Const(PREPARING[name])}
    elif name in arrays.TABLES and arrays.SEVERAL.isdisjoint(args.keywords):
        return arrays.table(made.why)
    elif name in SCALERS:
        made.attrs = dict.fromkeys(("transform", "fit_transform", "inverse_transform"), Api(SCALED))
    elif name.startswith("torch.distributions.") and _plain_numbers(args):
        made.attrs = {"sample": Api("torch.normal")}  # numbers of no model
    return made


def _plain_numbers(args: Args) -> bool:
    return (
        bool(args.positional) and not args.open and all(isinstance(value, (Const, Scalar)) for value in args.values())
    )


def _torch(run: Run, name: str, args: Args, node: Any) -> Any:
    short = name.rpartition(".")[2]
    if name.startswith("torch.nn.") and name.count(".") == 2 and short[:1].isupper():
        if definitions.called_on_tensor(run, name, args, node):
            return TensorFacts(why_unknown="a class was called on data")
        return module_making.construct(run, name, args, node)
    if name in WRAPPER_LAYERS:
        return module_making.construct(run, name, args, node)
    if name.startswith("torch.optim.lr_scheduler."):
        return training_kit.scheduler(run, name, args, node)
    if name.startswith("torch.optim.") and short[:1].isupper():
        return training_kit.optimizer(run, name, args, node)
    if name == "torch.save":
        snapshots.state_used(run, args.get(0, "obj"), node)
    if name in ("torch.autograd.grad", "torch.autograd.backward"):
        run.trace.append(GradientAccess(run.site(node), True) if short == "grad" else FrameworkBackward(run.site(node)))
        return Unknown("gradients")
    if name.startswith("torch.nn.init."):
        tensor = args.get(0, "tensor")
        initialisation.filled(run, short, args, node, tensor, args.node(0, "tensor"))
        return args.get(0, "tensor") if args.positional else UNKNOWN
    if (short in tensor_ops.HANDLERS or short in ACTIVATIONS or short in KEEPING) and (
        name.startswith(("torch.nn.functional.", "torch.Tensor.")) or name.count(".") == 1
    ):
        return _tensor_function(run, short, args, node)
    if short in _MADE and name.count(".") == 1:
        return making.made(run, short, args, node)
    if short in _LIKE:
        x = tensors.as_tensor(args.get(0, "input"))
        return x.but(form=Form.DATA, made_by=None, attached=False, roots=frozenset({"constant"}), identity=new_identity(),
                     model=None, cut_by=None, classes=None, layer=None, out_features=None)  # fmt: skip
    if short in _FROM_DATA:
        return making.from_data(run, short, args, node)
    if name.startswith("torch.nn.functional."):
        value = args.get(0, "input")
        return tensor_ops.generic(run, short, tensors.as_tensor(value), args.shifted(), node, args.node(0, "input"))
    if name.count(".") == 1 and args.positional and isinstance(args.positional[0], TensorFacts):
        return tensor_ops.generic(run, short, args.positional[0], args.shifted(), node, args.node(0, "input"))
    return None


def _tensor_function(run: Run, short: str, args: Args, node: Any) -> Any:
    value = args.get(0, "input")
    if value is MISSING:
        value = args.keywords.get("self", Unknown())
    if type(value) in (Layer, Instance, Api):
        definitions.module_as_tensor(run, short, value, args.node(0, "input"), node)
    return tensor_ops.apply(run, short, value, args.shifted(), node, args.node(0, "input"))


def call_loss_function(run: Run, name: str, args: Args, node: Any, alternatives: int | None = None) -> Any:
    """`F.cross_entropy(input, target)`."""
    ignore = args.keywords.get("ignore_index", MISSING)
    facts = LossFacts(
        BY_FUNCTION[name],
        name="F." + name.rpartition(".")[2],
        functional=True,
        reduction=module_making.reduction(name, args),
        ignore_index=ignore.value if isinstance(ignore, Const) and isinstance(ignore.value, int) else None,
        weighted="weight" in args.keywords or len(args.positional) > 2 or "pos_weight" in args.keywords,
        argument=run.site(node.func) if hasattr(node, "func") else None,
        reduction_site=run.site(args.keyword_nodes["reduction"]) if "reduction" in args.keyword_nodes else None,
    )
    return modules.call_loss(run, facts, args, node, alternatives)


# -- torchvision and numpy --------------------------------------------------------------------------------------------
def _torchvision(run: Run, name: str, args: Args, node: Any) -> Any:
    short = name.rpartition(".")[2]
    if name in DATASETS:
        return data.torchvision_dataset(run, name, args, node)
    if name.startswith("torchvision.transforms."):
        if short[:1].isupper():
            made = Tool("transform", name, run.site(node), args.get(0, "transforms"))
            made.attrs["__args__"] = args
            return made
        return Unknown()
    if name.startswith("torchvision.models.") and name.count(".") == 2 and short.startswith(CLASSIFIERS):
        return _classifier(run, name, args, node)
    for value in args.values():
        operators.mark_used(value, "data", run.site(node))
    return Unknown(f"the result of `{short}` is not known")


def _classifier(run: Run, name: str, args: Args, node: Any) -> Any:
    """A classification model of torchvision: its parts are not modelled, its output are logits."""
    from lrcheck.facts import ModuleFacts

    short = name.rpartition(".")[2]
    site = run.site(node)
    facts = ModuleFacts(
        f"models.{short}", name, site, has_batchnorm=vision_models.has_batchnorm(short),
        has_dropout=vision_models.has_dropout(short), depth=run.loop_depth,
    )  # fmt: skip
    run.new_in_training(facts)
    layer = Layer(name, site, node, facts, {})
    classes = args.keywords.get("num_classes", MISSING)
    if classes is not MISSING:
        layer.options["num_classes"] = classes
    return layer


_NUMPY_ARGMAX = frozenset({"argmax", "argmin"})
_NUMPY_JOINING = frozenset({"array", "asarray", "concatenate", "stack", "hstack", "vstack"})


def _numpy(run: Run, name: str, args: Args, node: Any) -> Any:
    """Numpy on tensors: values leave the graph."""
    first, short = args.get(0, "a"), name.rpartition(".")[2]
    if short in ("mean", "average", "sum", "nanmean") and len(args.values()) == 1:
        unit = units.total(run, first) if short == "sum" else units.mean(run, first, node)
        if unit is not None:
            return unit
    each = units.each(run, first) if short in ("array", "asarray") else None
    if each is not None:
        return TensorFacts(shape=(None,), attached=False, identity=new_identity(), scalar=each)
    for value in args.values():
        operators.mark_used(value, "data", run.site(node))
    parts = first.items if short in _NUMPY_JOINING and isinstance(first, Seq) else ()
    if parts and all(isinstance(part, TensorFacts) for part in parts):
        joined = tensor_ops.concatenation(run, "cat", list(parts), MISSING, False)
        return joined.but(shape=None, attached=False, scalar=None)
    if isinstance(first, TensorFacts):
        if short in _NUMPY_ARGMAX:
            axis = args.get(1, "axis")
            rest = Args([], [], {} if axis is MISSING else {"dim": axis}, {})
            return tensor_ops.apply(run, short, first, rest, node, args.node(0, "a"))
        if short in ("array", "asarray", "float32", "squeeze"):
            return first.but(attached=False, shape=None if short == "squeeze" else first.shape)
        if short in ("sum", "mean", "round", "count_nonzero") and first.scalar is not None:
            return tensor_ops.apply(run, short, first, args.shifted(), node, args.node(0, "a"))
        return TensorFacts(attached=False, cut_by=tensors.operation(run, "numpy", node, first), identity=new_identity())
    if short in ("array", "asarray") and isinstance(first, Seq):
        shape, kind = making.literal(first)
        return TensorFacts(form=Form.DATA, shape=shape, dtype=kind, attached=False, roots=frozenset({"constant"}),
                           identity=new_identity())  # fmt: skip
    return arrays.of_numpy(short, name, args) or Unknown()


def _spawn(run: Run, name: str, args: Args, node: Any) -> Any:
    """`mp.spawn(work, args=(size,))`: processes call `work(rank, size)`."""
    function, given = args.get(0, "fn"), args.get(1, "args")
    if isinstance(given, Const) or given is MISSING:
        given = Seq([], "tuple")
    if not isinstance(function, Function) or not isinstance(given, Seq) or given.gap is not None:
        return _other(run, name, args, node)
    calls.call(run, function, of([Unknown("the rank of the process is not known"), *given.items]), node)
    return Unknown()


SCALED = "sklearn.preprocessing.transform"
_EXACT: dict[str, Handler] = {
    "torch.no_grad": training_kit.no_grad,
    "torch.inference_mode": training_kit.no_grad,
    "torch.enable_grad": training_kit.enable_grad,
    "torch.set_grad_enabled": training_kit.set_grad,
    "torch.autocast": training_kit.autocast,
    "torch.cuda.amp.autocast": training_kit.autocast,
    "torch.amp.autocast": training_kit.autocast,
    "torch.cuda.amp.GradScaler": training_kit.scaler,
    "torch.amp.GradScaler": training_kit.scaler,
    "torch.GradScaler": training_kit.scaler,
    "torch.device": training_kit.device,
    "torch.load": training_kit.load,
    "torch.multiprocessing.spawn": _spawn,
    "torch.multiprocessing.start_processes": _spawn,
    "torch.randint": making.randint,
    "torch.nn.Parameter": making.parameter,
    "torch.autograd.Variable": making.variable,
    "torch.cat": making.cat,
    "torch.concat": making.cat,
    "torch.concatenate": making.cat,
    "torch.stack": making.cat,
    "torch.where": making.where,
    "torch.einsum": making.einsum,
    "torch.compile": training_kit.parallel,
    "torch.jit.script": training_kit.scripted,
    "torch.nn.parallel.data_parallel": training_kit.data_parallel,
    "torch.nn.utils.clip_grad_norm_": training_kit.clip,
    "torch.nn.utils.clip_grad_value_": training_kit.clip,
    "torch.nn.utils.clip_grad_norm": training_kit.clip,
    "torch.nn.utils.parametrizations.spectral_norm": training_kit.parallel,
    "torch.nn.utils.spectral_norm": training_kit.parallel,
    "torch.nn.utils.weight_norm": training_kit.parallel,
    "torch.utils.data.DataLoader": lambda run, name, args, node: data.loader(run, args, node),
    "torch.utils.data.TensorDataset": lambda run, name, args, node: data.tensor_dataset(run, args, node),
    **{
        f"torch.utils.data.{inner}{name}": lambda run, name, args, node: Tool("sampler", name, run.site(node))
        for inner in ("", "sampler.")
        for name in ("SubsetRandomSampler", "WeightedRandomSampler", "RandomSampler")
    },
    "torch.utils.data.random_split": lambda run, name, args, node: data.random_split(run, args, node),
    "torch.utils.data.Subset": lambda run, name, args, node: data.subset(run, args.get(0, "dataset"), node),
    "torch.utils.data.ConcatDataset": lambda run, name, args, node: data.concatenated(run, args, node),
    SCALED: lambda run, name, args, node: data.scaled(args),
    "sklearn.model_selection.train_test_split": lambda run, name, args, node: data.train_test_split(run, args, node),
}
