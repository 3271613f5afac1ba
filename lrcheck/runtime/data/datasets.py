"""Datasets and their loaders: what the transforms leave, which split is read.

The values are those of the run; the places are found in the source.
"""

from __future__ import annotations

import ast
import dataclasses
import sys
import weakref
from typing import TYPE_CHECKING, Any

from torch.utils.data import BatchSampler, RandomSampler, SequentialSampler, Subset

from lrcheck.events import DatasetUse
from lrcheck.facts import DatasetFacts, LoaderFacts
from lrcheck.knowledge.datasets import DATASETS
from lrcheck.runtime.places.sites import FrameSite, made_at
from lrcheck.runtime.places.source import SourceSite, calls_of, node_of, value_of

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine

LOADERS = 256  # loaders that are remembered, at most
_MODULE = "torchvision.datasets"


class Datasets:
    """Remembers where the loader of each dataset was constructed."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.loaders: dict[int, tuple[int, FrameSite]] = {}  # identity of a dataset -> that of its loader, place
        self.samplers: dict[int, tuple[weakref.ref[Any], LoaderFacts]] = {}
        self.said: set[tuple[int, int]] = set()
        self.loaded: list[int] = []  # identities of the data sets of all loaders

    def loader(self, loader: Any) -> None:
        """A loader has been constructed."""
        site = made_at(loader)
        dataset = getattr(loader, "dataset", None)
        if len(self.loaded) < LOADERS:
            self.loaded.append(id(dataset))
        sampler = getattr(loader, "batch_sampler", None)
        if site is not None and sampler is not None and len(self.samplers) < LOADERS:
            self.samplers[id(sampler)] = (weakref.ref(sampler), _loader_facts(loader, site))
        if site is None or dataset is None or len(self.loaders) >= LOADERS or not _is_known(dataset):
            return
        self.loaders[id(dataset)] = (id(loader), site)
        facts = self._facts(dataset)
        if facts is not None and facts.normalise is not None and facts.site is not None:
            self.engine.judge(DatasetUse(facts.site, facts))

    def recent(self) -> LoaderFacts | None:
        """The loader that gave the last batch."""
        return self.of(self.engine.batches.sampler)

    def of(self, sampler: Any) -> LoaderFacts | None:
        """The loader whose batches a sampler draws."""
        reference, facts = self.samplers.get(id(sampler), (None, None))
        return facts if reference is not None and reference() is sampler else None

    def failed(self, dataset: Any, error: Exception) -> None:
        """A batch could not be made: of images, where tensors are needed?"""
        if not _is_known(dataset) or "PIL" not in str(error):
            return
        facts, entry = self._facts(dataset), self.loaders.get(id(dataset))
        if facts is not None and entry is not None:
            facts = dataclasses.replace(facts, tensors=False)
            self.engine.judge(DatasetUse(entry[1], facts, LoaderFacts(entry[1], facts, collate=False)))

    def evaluated(self, dataset: Any, trained: Any) -> None:
        """A dataset is evaluated that was not trained on: another object, but the same split?"""
        key = (id(dataset), id(trained))
        if key in self.said or dataset is trained or type(dataset) is not type(trained) or not _is_known(dataset):
            return
        self.said.add(key)
        facts, other = self._facts(dataset), self._facts(trained)
        entry = self.loaders.get(id(dataset))
        if facts is not None and other is not None and entry is not None and _root(dataset) == _root(trained):
            self.engine.judge(DatasetUse(entry[1], facts, LoaderFacts(entry[1], facts), sibling=other))

    def _facts(self, dataset: Any) -> DatasetFacts | None:
        """What is known of a dataset whose construction stands where its loader can be followed to."""
        entry = self.loaders.get(id(dataset))
        call = _construction(entry[1]) if entry is not None else None
        if entry is None or call is None:
            return None
        filename, name = entry[1].filename, f"{_MODULE}.{type(dataset).__name__}"
        keywords = {each.arg: SourceSite.of(filename, each.value) for each in call.keywords if each.arg}
        known = DATASETS.get(name)
        shape = known.shape if known is not None else None
        channels = shape[0] if shape else None
        mean, scaled = _normalisation(dataset)
        found = _literal(filename, mean) if mean else None
        train = getattr(dataset, "train", None)
        return DatasetFacts(
            name,
            site=SourceSite.of(filename, call),
            train=train if isinstance(train, bool) else None,
            train_site=keywords.get("train"),
            transform_site=keywords.get("transform"),
            normalise=(mean, (), found) if mean and found is not None else None,
            channels=channels,
            scaled=scaled,
        )


def _loader_facts(loader: Any, site: FrameSite) -> LoaderFacts:
    try:
        samples = len(loader.dataset)
    except TypeError:  # a stream
        return LoaderFacts(site)
    plain = type(loader.sampler) in (RandomSampler, SequentialSampler) and len(loader.sampler) == samples
    dataset = DatasetFacts(type(loader.dataset).__name__, samples=samples)
    size = loader.batch_size
    return LoaderFacts(site, dataset, size, drop_last=loader.drop_last, sampler=False if plain else None)


def _is_known(dataset: Any) -> bool:
    return type(dataset).__module__.startswith(_MODULE) and "torchvision" in sys.modules


def _root(dataset: Any) -> str:
    return str(getattr(dataset, "root", ""))


def _construction(loader: FrameSite) -> ast.Call | None:
    """The call that constructs the dataset, followed from the call that constructs its loader."""
    call = node_of(loader.code, loader.instruction)
    if not isinstance(call, ast.Call):
        return None
    given = next((each.value for each in call.keywords if each.arg == "dataset"), call.args[0] if call.args else None)
    if given is None or isinstance(given, ast.Starred):
        return None
    value = value_of(loader.filename, given)
    return value if isinstance(value, ast.Call) else None


def _normalisation(dataset: Any) -> tuple[tuple[float, ...], bool | None]:
    """The means of the last `Normalize` of the dataset's transforms, and whether `ToTensor` stands before it."""
    transform = getattr(dataset, "transform", None)
    steps = list(getattr(transform, "transforms", [transform]))
    names = [type(each).__name__ for each in steps]
    if "Normalize" not in names:
        return (), None
    index = names.index("Normalize")
    mean = getattr(steps[index], "mean", ())
    numbers = tuple(float(each) for each in mean) if isinstance(mean, list | tuple) else ()
    return numbers, True if "ToTensor" in names[:index] else None


def _literal(filename: str, mean: tuple[float, ...]) -> SourceSite | None:
    """The call of `Normalize` with these means."""
    for call in calls_of(filename, "Normalize"):
        given = next((each.value for each in call.keywords if each.arg == "mean"), call.args[0] if call.args else None)
        try:
            value = ast.literal_eval(given) if given is not None else None
        except ValueError:
            continue
        values = value if isinstance(value, list | tuple) else (value,)
        if tuple(values) == mean:
            return SourceSite.of(filename, call)
    return None


def is_in_order(drawn: Any) -> bool:
    """Does a loader's sampler go through the data set from the first sample to the last?"""
    return type(drawn) is BatchSampler and type(drawn.sampler) is SequentialSampler


def below_splits(dataset: Any) -> Any:
    """The data set that the parts of a split are taken from."""
    while isinstance(dataset, Subset):
        dataset = dataset.dataset
    return dataset
