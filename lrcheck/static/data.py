"""Datasets and loaders: what a sample and what a batch look like."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from lrcheck.facts import BATCH, DatasetFacts, DType, Form, LoaderFacts, TensorFacts
from lrcheck.knowledge.datasets import BUNCHES, DATASETS, GENERATORS
from lrcheck.static import arrays, calls, pipelines, statements, subscripts, tensors
from lrcheck.static.arguments import Args, of
from lrcheck.static.joining import join_all
from lrcheck.static.run import Run
from lrcheck.static.values import (
    MISSING,
    Const,
    Dataset,
    Function,
    Instance,
    Loader,
    Mapping,
    Seq,
    Size,
    Stream,
    Tool,
    Unknown,
    const,
    new_identity,
    number,
)

TENSOR_TRANSFORMS = frozenset({"torchvision.transforms.ToTensor", "torchvision.transforms.PILToTensor",
                               "torchvision.transforms.ToImage"})  # fmt: skip
RESIZING = frozenset({"Resize", "RandomCrop", "CenterCrop", "RandomResizedCrop", "Pad", "Grayscale", "Lambda", "FiveCrop", "TenCrop",
                      "Scale", "RandomSizedCrop", "RandomGrayscale"})  # fmt: skip
MAX_PARTS = 8
SHARE = 0.25  # of the rows that scikit-learn takes for the second part, where nothing is asked for


def torchvision_dataset(run: Run, name: str, args: Args, node: Any) -> Dataset:
    """`torchvision.datasets.MNIST(...)` and its siblings."""
    known = DATASETS[name]
    site = run.site(node)
    train = const(args.get(1, known.split)) if known.split else None
    is_train: bool | None = train is True or train == "train"
    if train is MISSING or not known.split:
        is_train = True if known.split == "train" and args.get(1, "train") is MISSING and not args.open else None
    transform = pipelines.transform_of(name, args)
    target_transform = args.keywords.get("target_transform", MISSING)
    image = TensorFacts(
        form=Form.DATA,
        shape=_image_shape(known.shape, transform),
        dtype=DType.FLOAT if _has_to_tensor(transform) else None,
        attached=False,
        roots=frozenset({"input"}),
        device="cpu",
        identity=new_identity(),
        origin=site,
    )
    label = TensorFacts(
        form=Form.CLASS_INDEX if target_transform is MISSING else None,
        shape=() if target_transform is MISSING else None,
        dtype=DType.INT if target_transform is MISSING else None,
        attached=False,
        roots=frozenset({"target"}),
        device="cpu",
        classes=known.classes if target_transform is MISSING else None,
        identity=new_identity(),
        origin=site,
    )
    samples = known.train if is_train else known.test if is_train is False else None
    facts = DatasetFacts(
        name, site, samples, known.classes, image.shape, is_train if isinstance(is_train, bool) else None, False,
        sorted=known.sorted,
    )  # fmt: skip
    described = dataclasses.replace(facts, sample_shape=known.shape)
    train_node = args.node(1, known.split) if known.split else None
    described = pipelines.described(run, described, args, transform, node, train_node)
    facts = dataclasses.replace(described, sample_shape=facts.sample_shape)
    made = Dataset(facts, Seq([image, label], "tuple"), args)
    run.ledger.datasets.append(made)
    return made


def _steps(transform: Any) -> list[Any] | None:
    """The parts of a `Compose`, or None where they are not known."""
    if isinstance(transform, Tool) and transform.kind == "transform":
        if transform.name.endswith(".Compose"):
            inner = transform.of
            if isinstance(inner, Seq) and inner.gap is None:
                return list(inner.items)
            return None
        return [transform]
    return None


def _has_to_tensor(transform: Any) -> bool:
    steps = _steps(transform)
    return steps is not None and any(isinstance(step, Tool) and step.name in TENSOR_TRANSFORMS for step in steps)


def _image_shape(shape: Any, transform: Any) -> Any:
    steps = _steps(transform)
    if shape is None or steps is None or not _has_to_tensor(transform):
        return None
    for step in steps:
        if not isinstance(step, Tool) or step.name.rpartition(".")[2] in RESIZING:
            return (
                (shape[0], None, None)
                if isinstance(step, Tool) and "ray" not in step.name and "Lambda" not in step.name
                else None
            )
    return shape


def tensor_dataset(run: Run, args: Args, node: Any) -> Dataset:
    """`TensorDataset(samples, labels)`: rows of its tensors."""
    if args.open or any(not isinstance(value, TensorFacts) for value in args.positional):
        parts = [
            subscripts.row(tensors.as_tensor(value)) if isinstance(value, TensorFacts) else Unknown()
            for value in args.positional
        ]
        element: Any = Unknown() if args.open else Seq(parts, "tuple")
        return Dataset(DatasetFacts("torch.utils.data.TensorDataset", run.site(node)), element)
    rows = [_rooted(subscripts.row(value), index) for index, value in enumerate(args.positional)]
    counts = [value.shape[0] for value in args.positional if value.shape]
    samples = next((count for count in counts if isinstance(count, int)), None)
    classes = rows[-1].classes if rows and rows[-1].form is Form.CLASS_INDEX else None
    return Dataset(DatasetFacts("torch.utils.data.TensorDataset", run.site(node), samples, classes), Seq(rows, "tuple"))


def _rooted(row: TensorFacts, index: int) -> TensorFacts:
    """In a dataset, tensors that the program made up are samples and targets."""
    if row.roots <= {"constant"}:
        return row.but(roots=frozenset({"target" if index else "input"}))
    return row


def local_dataset(run: Run, instance: Instance) -> Any:
    """A `Dataset` class of the program: one sample is what `__getitem__` returns."""
    getter = instance.cls.find("__getitem__")
    element: Any = Unknown()
    if isinstance(getter, Function):
        element = calls.invoke(run, getter, of([Size(None)]), getter.node, instance)
    train = const(instance.attrs.get("train", MISSING))
    facts = DatasetFacts(instance.cls.name, instance.site, train=train if isinstance(train, bool) else None)
    return Dataset(facts, element, instance)


def loader(run: Run, args: Args, node: Any) -> Loader:
    """`DataLoader(dataset, batch_size=..., shuffle=...)`."""
    dataset = args.get(0, "dataset")
    size = number(args.get(1, "batch_size")) if args.get(1, "batch_size") is not MISSING else 1
    collate = args.keywords.get("collate_fn", MISSING)
    inner: Any = Unknown("the dataset is not known", frozenset({"input"}))
    if collate is MISSING:
        inner = batch_of(dataset.element if isinstance(dataset, Dataset) else _rows(run, dataset))
    elif isinstance(collate, Function):
        inner = calls.call(
            run, collate, of([Seq([dataset.element], "list", 0) if isinstance(dataset, Dataset) else Unknown()]), node
        )
    workers = number(args.keywords.get("num_workers", Const(0)))
    facts = LoaderFacts(
        run.site(node),
        dataset.facts if isinstance(dataset, Dataset) else None,
        size if isinstance(size, int) else None,
        _flag(args.get(2, "shuffle"), args),
        _flag(args.keywords.get("drop_last", MISSING), args),
        "sampler" in args.keywords or "batch_sampler" in args.keywords or (None if args.open else False),
        workers if isinstance(workers, int) else None,
        "collate_fn" in args.keywords or args.open,
        run.site(args.keyword_nodes["num_workers"]) if "num_workers" in args.keyword_nodes else None,
        shuffle_site=run.site(args.node(2, "shuffle")) if args.node(2, "shuffle") is not None else None,
        sampler_name=_sampler_name(args.keywords.get("sampler", MISSING)),
    )
    made = Loader(facts, dataset if dataset is not MISSING else None, inner)
    run.ledger.loaders.append(made)
    if run.ledger.script and not run.active:
        run.ledger.idle[id(made)] = made
    return made


def _sampler_name(sampler: Any) -> str | None:
    return sampler.name.rpartition(".")[2] if isinstance(sampler, Tool) and sampler.kind == "sampler" else None


def _rows(run: Run, dataset: Any) -> Any:
    """A loader over plain containers: a list of (x, y) pairs, `list(zip(x, y))`."""
    if isinstance(dataset, Seq) and dataset.items:
        return join_all(dataset.items)
    if isinstance(dataset, TensorFacts):
        return subscripts.row(dataset)
    return Unknown("the dataset is not known", frozenset({"input"}))


def _flag(value: Any, args: Args) -> bool | None:
    if value is MISSING:
        return None if args.open else False
    known = const(value)
    return known if isinstance(known, bool) else None


def batch_of(sample: Any) -> Any:
    """What the default collate function makes of samples."""
    if isinstance(sample, TensorFacts):
        return sample.but(
            shape=(BATCH, *sample.shape) if sample.shape is not None else None, identity=new_identity(), uses=None
        )
    if isinstance(sample, Seq):
        return Seq([batch_of(item) for item in sample.items], "list", sample.gap)
    if isinstance(sample, Mapping):
        return Mapping({key: batch_of(value) for key, value in sample.items.items()}, sample.cell["open"])
    if isinstance(sample, Const) and isinstance(sample.value, (int, float)):
        kind = DType.FLOAT if isinstance(sample.value, float) else DType.INT
        return TensorFacts(shape=(BATCH,), dtype=kind, attached=False, identity=new_identity())
    if isinstance(sample, Unknown):
        return Unknown(sample.why or "the dataset is not known", sample.roots or frozenset({"input"}))
    return Unknown()


def subset(run: Run, dataset: Any, node: Any, samples: int | None = None, number: int = 0) -> Any:
    """A part of a dataset: the same samples, fewer of them."""
    if isinstance(dataset, Dataset):
        facts = DatasetFacts(dataset.facts.name, run.site(node), samples, dataset.facts.classes, dataset.facts.sample_shape,
                             dataset.facts.train, part=number, whole=dataset.facts if number else None)  # fmt: skip
        part = Dataset(facts, dataset.element, dataset.source)
        run.ledger.parts.append((dataset, part))
        return part
    return Unknown()


def random_split(run: Run, args: Args, node: Any) -> Any:
    parts = args.get(1, "lengths")
    count = len(parts.items) if isinstance(parts, Seq) and parts.gap is None else None
    dataset = args.get(0, "dataset")
    if count is None or count > MAX_PARTS:
        return Seq([subset(run, dataset, node)], "list", 0)
    sizes = _sizes(dataset, parts)
    pieces = [subset(run, dataset, node, sizes[index], index + 1) for index in range(count)]
    run.ledger.splits.append((dataset, pieces, run.site(node)))
    return Seq(pieces, "list")


def _sizes(dataset: Any, parts: Seq) -> list[int | None]:
    """The lengths of the parts, where all are known: numbers of samples, or shares of them."""
    unknown: list[int | None] = [None] * len(parts.items)
    numbers = [number(item) for item in parts.items]
    if any(size is None or size <= 0 for size in numbers):
        return unknown
    known = [size for size in numbers if size is not None]
    if all(isinstance(size, int) for size in known) and sum(known) > 1:
        return [int(size) for size in known]
    samples = dataset.facts.samples if isinstance(dataset, Dataset) else None
    if samples is None or abs(sum(known) - 1) > 1e-6:
        return unknown
    sizes = [math.floor(samples * size) for size in known]
    for index in range(samples - sum(sizes)):
        sizes[index % len(sizes)] += 1
    return list(sizes)


def concatenated(run: Run, args: Args, node: Any) -> Any:
    parts = args.get(0, "datasets")
    items = parts.items if isinstance(parts, Seq) else ()
    elements = [item.element for item in items if isinstance(item, Dataset)]
    element = join_all(elements) if elements and len(elements) == len(items) else Unknown()
    return Dataset(DatasetFacts("torch.utils.data.ConcatDataset", run.site(node)), element)


def bunch(run: Run, name: str, args: Args, node: Any) -> Any:
    """`sklearn.datasets.load_digits()`: its arrays."""
    known = BUNCHES[name]
    data = TensorFacts(form=Form.DATA, shape=(known.samples, known.features), dtype=DType.FLOAT, attached=False,
                       roots=frozenset({"input"}), identity=new_identity())  # fmt: skip
    target = TensorFacts(
        form=Form.CLASS_INDEX if known.classes else Form.DATA,
        shape=(known.samples,),
        dtype=DType.INT if known.classes else DType.FLOAT,
        attached=False,
        roots=frozenset({"target"}),
        classes=known.classes or None,
        identity=new_identity(),
    )
    if const(args.keywords.get("return_X_y", MISSING)) is True:
        return Seq([data, target], "tuple")
    tool = Tool("bunch", name, run.site(node))
    tool.attrs.update({"data": data, "target": target, "images": data.but(shape=None, identity=new_identity())})
    return tool


def generated(name: str, args: Args) -> Any:
    """`sklearn.datasets.make_moons(1000)`: samples and targets."""
    known = GENERATORS[name]
    if args.open or not {"return_centers", "return_X_y", "coef", "n_targets"}.isdisjoint(args.keywords):
        return Unknown()
    samples = number(args.get(0, "n_samples")) if args.positional or "n_samples" in args.keywords else known.samples
    rows = samples if isinstance(samples, int) else None
    named = known.features if isinstance(known.features, str) else ""
    wide = args.get(1, named) if named else MISSING
    features = number(wide) if wide is not MISSING else known.default or known.features
    counted = args.keywords.get(known.classes, MISSING) if isinstance(known.classes, str) else MISSING
    classes = known.classes if isinstance(known.classes, int) else number(counted) if counted is not MISSING else None
    data = TensorFacts(form=Form.DATA, shape=(rows, features if isinstance(features, int) else None), dtype=DType.FLOAT,
                       attached=False, roots=frozenset({"input"}), identity=new_identity())  # fmt: skip
    target = TensorFacts(
        form=Form.CLASS_INDEX if known.classes else Form.DATA,
        shape=(rows,),
        dtype=DType.INT if known.classes else DType.FLOAT,
        attached=False,
        roots=frozenset({"target"}),
        classes=classes if isinstance(classes, int) else None,
        identity=new_identity(),
    )
    return Seq([data, target], "tuple")


def scaled(args: Args) -> Any:
    """`scaler.transform(x)`: other numbers, in the same places."""
    x = args.get(0, "X")
    if arrays.shape_of(x) is not None:
        return arrays.array(arrays.shape_of(x), x)
    if not isinstance(x, TensorFacts):
        return Unknown("the scaled values are not known", x.roots if isinstance(x, Unknown) else frozenset())
    return TensorFacts(
        form=Form.DATA, shape=x.shape, dtype=DType.FLOAT, attached=False, roots=x.roots, identity=new_identity()
    )


def named_tuple(run: Run, args: Args, node: Any) -> Any:
    """`namedtuple("Result", "loss accuracy")`: the class."""
    names = args.get(1, "field_names")
    plain = const(names)
    if isinstance(plain, str):
        fields = plain.replace(",", " ").split()
    elif isinstance(names, Seq) and names.gap is None:
        fields = [item.value for item in names.items if isinstance(item, Const) and isinstance(item.value, str)]
    else:
        return Unknown()
    return Tool("record", "collections.namedtuple", run.site(node), tuple(fields))


def record(run: Run, made: Tool, args: Args, node: Any) -> Any:
    """A named tuple."""
    if args.open:
        return Unknown()
    found = Tool("bunch", made.name, run.site(node), made.of)
    for index, name in enumerate(made.of):
        value = args.get(index, name)
        run.put(found.attrs, name, Unknown() if value is MISSING else value)
    return found


def train_test_split(run: Run, args: Args, node: Any) -> Any:
    """scikit-learn's split: two parts of each array."""
    parts: list[Any] = []
    for value in args.positional:
        if isinstance(value, TensorFacts):
            rows = _split_rows(value.shape[0], args) if value.shape else (None, None)
            shapes = [(each, *value.shape[1:]) if value.shape else None for each in rows]
            parts.extend(value.but(shape=shape, identity=new_identity()) for shape in shapes)
        elif (shape := arrays.shape_of(value)) is not None:
            parts.extend(arrays.array((None, *shape[1:]), value) for _ in range(2))
        elif isinstance(value, (Stream, Seq)):  # numbers of rows
            parts.extend(Seq([Size(None)], "list", 0) for _ in range(2))
        else:
            parts.extend([Unknown(), Unknown()])
    return Seq(parts, "list")


def _split_rows(rows: Any, args: Args) -> tuple[int | None, int | None]:
    """How many rows the two parts have, where a part of the second is asked for, or nothing is."""
    given = args.keywords.get("test_size", Const(SHARE))
    size = number(given)
    if not isinstance(rows, int) or args.open or "train_size" in args.keywords or size is None or size <= 0:
        return (None, None)
    tested = math.ceil(rows * size) if isinstance(size, float) else size
    return (rows - tested, tested) if tested < rows else (None, None)


def next_of(run: Run, value: Any) -> Any:
    """`next(iter(loader))`."""
    return statements.element_of(run, value)
