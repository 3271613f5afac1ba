"""Datasets, their transforms, and the loaders that read them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

from lrcheck.events import DatasetUse, LoaderStart, MachinePath
from lrcheck.facts import DatasetFacts
from lrcheck.knowledge.pipelines import IMAGE, RANDOM, SCALING, TENSORS, TRANSFORM_POSITION
from lrcheck.static.values import MISSING, Const, Dataset, Loader, Mapping, Seq, Tool, const, number


def steps_of(transform: Any) -> list[Any] | None:
    """The parts of a transform, nested `Compose` included; None where they are not known."""
    if transform is MISSING or const(transform) is None:
        return []
    if not isinstance(transform, Tool) or transform.kind != "transform":
        return None
    if not transform.name.endswith((".Compose", ".Sequential")):
        return [transform]
    inner = transform.of
    if not isinstance(inner, Seq) or inner.gap is not None:
        return None
    found: list[Any] = []
    for item in inner.items:
        steps = steps_of(item)
        found.extend([item] if steps is None else steps)
    return found


def transform_of(name: str, args: Any) -> Any:
    """The transform that a dataset of torchvision is given."""
    return args.get(TRANSFORM_POSITION.get(name.rpartition(".")[2], 2), "transform")


def described(run: Any, facts: DatasetFacts, args: Any, transform: Any, node: Any, train_node: Any) -> DatasetFacts:
    """A dataset of torchvision with what its transforms do."""
    steps = steps_of(transform)
    transform_node = args.node(TRANSFORM_POSITION.get(facts.name.rpartition(".")[2], 2), "transform")
    modules = tuple(
        name for name, value in run.scope.top.vars.items() if getattr(value, "name", "") == "torchvision.transforms"
    )
    known = dataclasses.replace(
        facts,
        modules=modules,
        train_site=run.site(train_node) if train_node is not None else None,
        transform_site=run.site(transform_node) if transform_node is not None else None,
    )
    one_of_several = bool(run.ledger.choices)  # the transform may belong to another one
    if steps is None or args.open or "transforms" in args.keywords or one_of_several:
        return known
    names = [step.name if isinstance(step, Tool) else "" for step in steps]
    random = tuple(
        (step.name.rpartition(".")[2], step.site) for step in steps if _is_random(step) and step.site is not None
    )
    tensors = True if any(name in TENSORS for name in names) else None
    if all(name.rpartition(".")[2] in IMAGE for name in names):
        tensors = False
    channels, scaled, normalise = _statistics(steps, facts)
    return dataclasses.replace(
        known, tensors=tensors, random=random, normalise=normalise, channels=channels, scaled=scaled
    )


def _is_random(step: Any) -> bool:
    return isinstance(step, Tool) and step.name.rpartition(".")[2] in RANDOM


def _statistics(steps: list[Any], facts: DatasetFacts) -> tuple[int | None, bool | None, Any]:
    """The channels and the range of the values that meet `Normalize`, and its arguments."""
    shape = facts.sample_shape
    channels = shape[0] if shape and isinstance(shape[0], int) else None
    scaled: bool | None = None
    for step in steps:
        if not isinstance(step, Tool):
            return None, None, None
        short = step.name.rpartition(".")[2]
        args = step.attrs.get("__args__")
        if step.name in SCALING:
            scaled = True
        elif short == "Grayscale":
            given = args.get(0, "num_output_channels") if args is not None else MISSING
            channels = 1 if given is MISSING else number(given) if isinstance(number(given), int) else None  # type: ignore[assignment]
        elif short == "Normalize" and args is not None:
            mean, std = _numbers(args.get(0, "mean")), _numbers(args.get(1, "std"))
            return channels, scaled, (mean, std, step.site) if mean and std else None
        elif short not in IMAGE and step.name not in TENSORS:
            return None, None, None
    return channels, scaled, None


def _numbers(value: Any) -> tuple[float, ...]:
    if not isinstance(value, Seq) or value.gap is not None:
        found = number(value)
        return (float(found),) if found is not None else ()
    numbers = [number(item) for item in value.items]
    return tuple(float(n) for n in numbers if n is not None) if None not in numbers else ()


def started(run: Any, loader: Loader) -> None:
    """A loader begins to iterate."""
    ledger = run.ledger
    ledger.last_loader = loader
    ledger.idle.pop(id(loader), None)
    if (
        not loader.facts.workers
        or loader.facts.site is None
        or id(loader) in ledger.started
        or run.active
        or not ledger.script
    ):
        return
    document = run.document
    if (
        run.scope.document is not document
        or document.path.endswith((".ipynb", ".md", ".markdown"))
        or "__name__" in document.text
    ):
        return
    ledger.started[id(loader)] = loader
    run.emit(LoaderStart(loader.facts.site, loader.facts, True, loader.facts.workers_site))


def handed_on(run: Any, value: Any) -> None:
    """A call that cannot be seen into gets a value: it may go through a loader."""
    if isinstance(value, Loader):
        run.ledger.idle.pop(id(value), None)
    elif isinstance(value, Seq):
        for item in value.items:
            handed_on(run, item)
    elif isinstance(value, Mapping):
        for item in value.items.values():
            handed_on(run, item)


def path_written(run: Any, node: Any, body: str) -> None:
    """A text that begins like an absolute path."""
    if run.scope.document is run.document and "\n" not in body:
        run.events.append(MachinePath(run.site(node), body, node.value))


def finish(run: Any) -> None:
    """What becomes of each dataset."""
    ledger = run.ledger
    reassigned = re.search(r"\.transforms?\s*=(?!=)", run.document.text) is not None
    for loader in ledger.loaders:
        dataset = loader.dataset
        if isinstance(dataset, Dataset) and not reassigned and "transform" not in dataset.attrs:
            idle = id(loader) in ledger.idle
            run.emit(DatasetUse(loader.facts.site, dataset.facts, loader.facts, idle=idle))
    for dataset in ledger.datasets:
        if not reassigned and "transform" not in dataset.attrs:
            run.emit(DatasetUse(dataset.facts.site, dataset.facts, None, _sibling(ledger, dataset)))
    _same_split(run)
    for dataset, parts, site in (*ledger.splits, *_by_indices(ledger)):
        loaders = tuple(loader.facts for loader in ledger.loaders if any(loader.dataset is part for part in parts))
        if isinstance(dataset, Dataset) and not reassigned:
            run.emit(DatasetUse(site, dataset.facts, None, None, loaders))


def _by_indices(ledger: Any) -> Iterator[tuple[Any, list[Any], Any]]:
    """Datasets of which several `Subset`s are made, each at the first that is not shuffled."""
    parts_of: dict[int, tuple[Any, list[Any]]] = {}
    for dataset, part in ledger.parts:
        parts_of.setdefault(id(dataset), (dataset, []))[1].append(part)
    for dataset, parts in parts_of.values():
        plain = [
            loader.dataset for loader in ledger.loaders if loader.facts.shuffle is False and loader.dataset in parts
        ]
        if plain and len({part.facts.site.key() for part in parts}) > 1:
            yield dataset, parts, plain[0].facts.site


def _sibling(ledger: Any, dataset: Dataset) -> DatasetFacts | None:
    """The other split of the same data."""
    for other in ledger.datasets:
        if other.facts.name == dataset.facts.name and other.facts.train is True and dataset.facts.train is False:
            facts: DatasetFacts = other.facts
            return facts
    return None


def _same_split(run: Any) -> None:
    """Two loaders, one shuffled and one not, over two datasets that are both the training split."""
    ledger = run.ledger
    if any(dataset.facts.train is not True for dataset in ledger.datasets) or ledger.splits or ledger.parts:
        return
    whole = [loader for loader in ledger.loaders if isinstance(loader.dataset, Dataset) and not loader.facts.sampler]
    if len(whole) != 2 or len(ledger.datasets) != 2 or len(ledger.loaders) != 2:
        return
    first, second = (loader.dataset for loader in whole)
    if first is second or first.facts.name != second.facts.name or first.facts.train is not second.facts.train:
        return
    if whole[0].facts.shuffle is True and whole[1].facts.shuffle is False:
        run.emit(DatasetUse(second.facts.site, second.facts, whole[1].facts, first.facts))


def is_path(body: str) -> bool:
    """A quick look: may the text be an absolute path?"""
    return body[1:2] == ":" or body[:1] == "/"


def constant(value: Any) -> Any:
    return value.value if isinstance(value, Const) else None
