"""Reports: numbers that a program shows, and what the text next to them claims."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import Any

import libcst as cst

from lrcheck.events import Measure, ScoreCall, Selection
from lrcheck.facts import Quantity, TensorFacts
from lrcheck.static import accumulators, units
from lrcheck.static.arguments import Args
from lrcheck.static.values import Mapping, Scalar, Seq, Tool, const

LOGGING = frozenset({"info", "debug", "warning", "error", "critical", "log"})
WRITERS = frozenset(
    {"visdom.Visdom", "tensorboardX.SummaryWriter", "torch.utils.tensorboard.SummaryWriter",
     "torch.utils.tensorboard.writer.SummaryWriter"}
)  # fmt: skip
SCORES = frozenset(
    {"accuracy_score", "roc_auc_score", "average_precision_score", "f1_score", "precision_score", "recall_score",
     "balanced_accuracy_score", "matthews_corrcoef", "cohen_kappa_score", "jaccard_score"}
)  # fmt: skip
_METHODS = frozenset({"add_scalar", "add_scalars", "set_postfix", "log_metric", "log_scalar"})
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?[hlL]?([a-zA-Z%])")


# -- text -------------------------------------------------------------------------------------------------------------
def formatted(run: Any, node: Any, values: list[tuple[Any, Any]]) -> None:
    """An f-string: `values` are its expressions with their values, in order."""
    if not any(_has_unit(value) for _, value in values):
        return
    found = {id(expression): value for expression, value in values}
    parts = list(node.parts)
    for index, part in enumerate(parts):
        expression = getattr(part, "expression", None)
        if expression is None or not _has_unit(found.get(id(expression))):
            continue
        before = parts[index - 1].value if index and hasattr(parts[index - 1], "value") else ""
        after = parts[index + 1].value if index + 1 < len(parts) and hasattr(parts[index + 1], "value") else ""
        spec = "".join(getattr(each, "value", "") for each in part.format_spec or ())
        show(run, found[id(expression)], run.site(expression), before, after, spec)


def by_percent(run: Any, node: Any, template: str, right: Any, right_node: Any) -> None:
    """`"loss %.2f" % value`."""
    single = not isinstance(right, Seq)
    values = [right] if single else list(right.items)
    if (not single and right.gap is not None) or not any(_has_unit(value) for value in values):
        return
    nodes: list[Any] = [right_node]
    if not single:
        nodes = [element.value for element in right_node.elements] if isinstance(right_node, cst.Tuple) else []
    if len(nodes) != len(values):
        return
    _template(run, _percent_parts(template), values, nodes)


def _percent_parts(template: str) -> Iterator[tuple[str, str]]:
    """The literal text before each placeholder and its format; at the end the rest of the text."""
    text, position = "", 0
    for match in _PERCENT.finditer(template):
        text += template[position : match.start()]
        position = match.end()
        if match.group(2) == "%":
            text += "%"
            continue
        yield text, match.group(0)[1:]
        text = ""
    yield text + template[position:], "\0"


def by_format(run: Any, template: str, args: Args) -> None:
    """`"loss {:.2f}".format(value)`."""
    if args.open or not any(_has_unit(value) for value in args.values()):
        return
    values: list[Any] = []
    nodes: list[Any] = []
    parts: list[tuple[str, str]] = []
    counter = 0
    try:
        fields = list(string.Formatter().parse(template))
    except ValueError:
        return
    text = ""
    for literal, name, spec, _ in fields:
        text += literal
        if name is None:
            continue
        key: int | str = name or counter
        counter += 0 if name else 1
        key = int(key) if isinstance(key, str) and key.isdigit() else key
        index = key if isinstance(key, int) else -1
        values.append(args.get(index, str(key)))
        nodes.append(args.node(index, str(key)))
        parts.append((text, spec or ""))
        text = ""
    _template(run, iter([*parts, (text, "\0")]), values, nodes)


def _template(run: Any, parts: Iterator[tuple[str, str]], values: list[Any], nodes: list[Any]) -> None:
    found = list(parts)
    for index, (before, spec) in enumerate(found[:-1]):
        if index < len(values) and nodes[index] is not None and _has_unit(values[index]):
            show(run, values[index], run.site(nodes[index]), before, found[index + 1][0], spec)


def printed(run: Any, args: Args) -> None:
    """`print("loss", value)`."""
    values = args.positional
    if not any(_has_unit(value) for value in values):
        return
    for index, value in enumerate(values):
        if _has_unit(value) and args.nodes[index] is not None:
            before = const(values[index - 1]) if index else ""
            after = const(values[index + 1]) if index + 1 < len(values) else ""
            if index and not isinstance(before, str):
                before = _last_text(args.nodes[index - 1])
            show(run, value, run.site(args.nodes[index]), before if isinstance(before, str) else "",
                 after if isinstance(after, str) else "", "")  # fmt: skip


def _last_text(node: Any) -> str:
    """The text at the end of a string that is not constant: `f"epoch {epoch} loss"`."""
    parts = getattr(node, "parts", None)
    return parts[-1].value if parts and hasattr(parts[-1], "value") else ""


# -- loggers ----------------------------------------------------------------------------------------------------------
def called(run: Any, name: str, args: Args, node: Any) -> Any:
    """A function of another package: a logger, a plotter, a metric. None where it is nothing of that kind."""
    short = name.rpartition(".")[2]
    if name in WRITERS:
        return Tool("writer", name, run.site(node))
    if short in SCORES and name.startswith("sklearn.metrics"):
        return _score(run, short, args, node)
    if name in ("statistics.mean", "statistics.fmean"):
        return units.mean(run, args.get(0, "data"), node)
    if short == "exp" and name in ("math.exp", "numpy.exp"):
        unit = units.exponential(run, units.quantity(run, args.get(0, "x")), node)
        return Scalar(unit) if unit is not None else None
    if name.startswith("logging.") and short in LOGGING:
        logged(run, args)
    elif name == "wandb.log":
        _named(run, args.get(0, "data"), args.node(0, "data"))
    return None


def _score(run: Any, short: str, args: Args, node: Any) -> Scalar:
    predictions = args.get(1, "y_score" if short in ("roc_auc_score", "average_precision_score") else "y_pred")
    facts = predictions
    if isinstance(facts, Seq) and facts.items:
        facts = facts.items[0]
    given = args.node(1, "y_score" if short in ("roc_auc_score", "average_precision_score") else "y_pred")
    call = ScoreCall(
        run.site(node), short, facts if isinstance(facts, TensorFacts) else None,
        run.site(given) if given is not None else None,
    )  # fmt: skip
    run.trace.append(call)
    if not run.quick:
        run.events.append(call)
    return units.scored(run, short, run.site(node))


def logged(run: Any, args: Args) -> None:
    """`logging.info("loss %.2f", value)`."""
    template = const(args.get(0, "msg"))
    if isinstance(template, str) and len(args.positional) > 1 and any(_has_unit(value) for value in args.positional):
        _template(run, _percent_parts(template), args.positional[1:], args.nodes[1:])


def method(run: Any, name: str, args: Args, node: Any, writer: bool = False) -> None:
    """A method of an object that is not the program's own: TensorBoard, Visdom, a progress bar, a logger."""
    if name in LOGGING:
        logged(run, args)
    if name in _METHODS:
        for key, value in args.keywords.items():
            if _has_unit(value):
                show(run, value, run.site(args.keyword_nodes[key]), key, "", "", "log")
        _tagged(run, args)
        _named(run, args.get(0, "ordered_dict"), args.node(0, "ordered_dict"))
    elif writer and name == "line":
        for value, given in _drawn(args):
            if _has_unit(value):
                show(run, value, run.site(given), "", "", "", "plot")


def _tagged(run: Any, args: Args) -> None:
    """`writer.add_scalar("loss/train", value, step)`."""
    tag, value = const(args.get(0, "tag")), args.get(1, "scalar_value")
    given = args.node(1, "scalar_value")
    if isinstance(tag, str) and _has_unit(value) and given is not None:
        show(run, value, run.site(given), tag, "", "", "log")


def _named(run: Any, value: Any, node: Any) -> None:
    """`wandb.log({"loss": value})`."""
    if isinstance(value, Mapping):
        elements = node.elements if isinstance(node, cst.Dict) else ()
        written = {_key(element): element.value for element in elements if isinstance(element, cst.DictElement)}
        for key, item in value.items.items():
            if isinstance(key, str) and _has_unit(item) and not run.quick:
                facts = units.quantity(run, item)
                at = run.site(written[key]) if key in written else facts.made if facts is not None else None
                if at is not None:
                    show(run, item, at, key, "", "", "log")


def _key(element: cst.DictElement) -> str | None:
    key = element.key.evaluated_value if isinstance(element.key, cst.SimpleString) else None
    return key if isinstance(key, str) else None


def _drawn(args: Args) -> Iterator[tuple[Any, Any]]:
    """The numbers of `viz.line([[a, b]], ...)` with the expressions that gave them."""
    stack = [(args.get(0, "Y"), args.node(0, "Y"))]
    while stack:
        value, given = stack.pop()
        if isinstance(value, Seq) and value.gap is None and isinstance(given, (cst.List, cst.Tuple)):
            if len(value.items) == len(given.elements):
                stack.extend((item, element.value) for item, element in zip(value.items, given.elements, strict=True))
        elif given is not None:
            yield value, given


# -- selection --------------------------------------------------------------------------------------------------------
_KEPT = re.compile(r"\b(?:save\w*|state_dict|deepcopy)\(")


def selected(run: Any, node: Any, left: Any, right: Any) -> None:
    """`if accuracy > best: torch.save(...)`: a model is kept because of a number measured on the test split."""
    if run.quick or not run.loops:
        return
    for value in (left, right):
        facts = units.quantity(run, value) if _has_unit(value) else None
        if (
            facts is None
            or facts.loader is None
            or facts.loader.dataset is None
            or facts.loader.dataset.train is not False
        ):
            continue
        if _keeps(run.scope.document, node):
            run.events.append(Selection(run.site(node), facts))
            return


def _keeps(document: Any, test: cst.CSTNode) -> bool:
    """A model is kept where the comparison holds: under it, or under the name that it is given (`is_best = ...`)."""
    parent = document.parent(test)
    if isinstance(parent, cst.If):
        return _KEPT.search(_text(document, parent.body)) is not None
    target = parent.targets[0].target if isinstance(parent, cst.Assign) and len(parent.targets) == 1 else None
    if not isinstance(target, cst.Name):
        return False
    line = document.parent(parent)
    block = getattr(document.parent(line), "body", ())
    behind = list(block)[list(block).index(line) + 1 :] if line in block else []
    for statement in behind:
        if isinstance(statement, cst.If) and isinstance(statement.test, cst.Name):
            if statement.test.value == target.value and _KEPT.search(_text(document, statement.body)):
                return True
        elif isinstance(statement, cst.SimpleStatementLine):
            text = _text(document, statement)
            if _KEPT.search(text) and re.search(rf"\b{target.value}\b", text):
                return True
    return False


def _text(document: Any, node: cst.CSTNode) -> str:
    start, end = document.range(node)
    return str(document.text[start:end])


# -- events -----------------------------------------------------------------------------------------------------------
def _has_unit(value: Any) -> bool:
    return type(value) is Scalar or (type(value) is TensorFacts and value.scalar is not None)


def show(run: Any, value: Any, site: Any, before: str, after: str, spec: str, kind: str = "text") -> None:
    """A number is shown. What the first pass through a loop would show is not what the loop shows."""
    facts = units.quantity(run, value)
    if facts is None or run.quick or (facts.offset and facts.quantity is not Quantity.COUNT):
        return
    facts = accumulators.settled(run, facts)
    frames = [run.frames.get(serial) for serial in (facts.serial, facts.batch) if serial is not None]
    last = run.frames.get(facts.batch) if facts.batch is not None else None
    run.events.append(
        Measure(
            site, facts, kind, before=before, after=after, spec=spec,
            running=any(frame is not None and frame.active for frame in frames),
            last_batch=last is not None and not last.active and not last.broken and (last.trains or last.loader is not None),
            epoch=last is not None and last.parent in run.loops and not last.parent.data,
        )
    )  # fmt: skip
