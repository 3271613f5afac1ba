"""Metrics of scikit-learn: what they are given, and what they give for one batch.

They are wrapped where the program takes them from: once `sklearn.metrics` is imported, and in modules that had taken them before.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.util
import inspect
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from torch import Tensor

from lrcheck.events import ScoreCall
from lrcheck.facts import Form, Operation, TensorFacts
from lrcheck.runtime.figures.totals import Made
from lrcheck.runtime.places.sites import is_user

if TYPE_CHECKING:
    from lrcheck.runtime.engine import Engine
    from lrcheck.runtime.patches import Patches

MODULE = "sklearn.metrics"
RANKING = frozenset({"roc_auc_score", "average_precision_score"})
SCORES = RANKING | frozenset(
    {"f1_score", "fbeta_score", "precision_score", "recall_score", "balanced_accuracy_score", "matthews_corrcoef",
     "cohen_kappa_score", "jaccard_score"}
)  # fmt: skip
NAMES = SCORES | {"accuracy_score"}
FEW = 10  # samples that say nothing


def install(engine: Engine, patches: Patches) -> None:
    module = sys.modules.get(MODULE)
    if module is None:
        finder = _Finder(lambda found: _wrap(engine, patches, found))
        sys.meta_path.insert(0, finder)
        patches.hook(finder)
        return
    known = {id(vars(module)[name]): name for name in NAMES if name in vars(module)}
    for other in [each for each in sys.modules.values() if is_user(getattr(each, "__file__", None) or "<frozen>")]:
        for name, value in list(vars(other).items()):
            if id(value) in known:
                patches.wrap(other, name, functools.partial(_score, engine, known[id(value)]))
    _wrap(engine, patches, module)


def _wrap(engine: Engine, patches: Patches, module: ModuleType) -> None:
    for name in sorted(NAMES & vars(module).keys()):
        patches.wrap(module, name, functools.partial(_score, engine, name))


def _score(engine: Engine, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
    def score(*args: Any, **kwargs: Any) -> Any:
        value = original(*args, **kwargs)
        if engine.listens():
            engine.quietly(_computed, engine, name, original, (args, kwargs), value)
        return value

    return score


def _computed(engine: Engine, name: str, original: Callable[..., Any], given: tuple[Any, Any], value: Any) -> None:
    """A metric was computed, of one batch perhaps."""
    arguments = list(inspect.signature(original).bind(*given[0], **given[1]).arguments.values())
    site = engine.here()
    if name in RANKING and engine.backwards and len(arguments) > 1 and _is_hard(arguments[1]):
        place = site.argument_site(1, "y_score")
        made = Operation("threshold", place or site)
        facts = TensorFacts(form=Form.THRESHOLDED, made_by=made, roots=frozenset({"model"}))
        engine.judge(ScoreCall(site, name, facts, place))
    current = engine.totals.current
    if current is None or not isinstance(value, float):
        return
    if name in SCORES:
        engine.totals.note(Made("score", float(value), site, name))
    elif len(arguments[0]) == current.size > 1 and given[1].get("normalize", True):
        engine.totals.note(Made("hits", float(value) * current.size, site))


def _is_hard(scores: Any) -> bool:
    """Nothing but zeros and ones, and both of them."""
    numpy = sys.modules.get("numpy")
    values = scores.detach().cpu().numpy() if isinstance(scores, Tensor) else scores
    if numpy is None or len(values) < FEW:
        return False
    found = numpy.unique(numpy.asarray(values))
    return bool(found.size == 2 and found[0] == 0 and found[1] == 1)


class _Finder(importlib.abc.MetaPathFinder):
    """Waits for the import of the metrics."""

    def __init__(self, imported: Callable[[ModuleType], None]) -> None:
        self.imported = imported

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname != MODULE:
            return None
        self.remove()
        spec = importlib.util.find_spec(fullname)
        if spec is None or spec.loader is None:
            return spec
        loader, imported = spec.loader, self.imported
        original = loader.exec_module

        def exec_module(module: ModuleType) -> None:
            original(module)
            imported(module)

        loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec

    def remove(self) -> None:
        """Wait no longer."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
