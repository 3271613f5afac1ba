"""Arguments of a call: values with the nodes that they came from."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lrcheck.events import Argument
from lrcheck.facts import TensorFacts
from lrcheck.static.evaluation import EVALUATORS
from lrcheck.static.run import Run
from lrcheck.static.values import MISSING, UNKNOWN, Const, Mapping, Seq


class Args:
    """Positional and keyword arguments; `open` is true where `*args`, `**kwargs` of unknown content or `...` were given."""

    __slots__ = ("keyword_nodes", "keywords", "nodes", "open", "positional")

    def __init__(self, positional: list[Any], nodes: list[Any], keywords: dict[str, Any], keyword_nodes: dict[str, Any],
                 open_: bool = False) -> None:  # fmt: skip
        self.positional = positional
        self.nodes = nodes
        self.keywords = keywords
        self.keyword_nodes = keyword_nodes
        self.open = open_

    def get(self, index: int, name: str) -> Any:
        """The argument at a position or under a keyword, or MISSING."""
        if 0 <= index < len(self.positional):
            return self.positional[index]
        return self.keywords.get(name, MISSING)

    def node(self, index: int, name: str) -> Any:
        """The expression of that argument, or None."""
        if 0 <= index < len(self.nodes):
            return self.nodes[index]
        return self.keyword_nodes.get(name)

    def shifted(self) -> Args:
        """The arguments behind the first: `F.softmax(x, 1)` seen as `x.softmax(1)`."""
        if self.positional:
            return Args(self.positional[1:], self.nodes[1:], self.keywords, self.keyword_nodes, self.open)
        keywords = {name: value for name, value in self.keywords.items() if name not in ("input", "self")}
        return Args([], [], keywords, self.keyword_nodes, self.open)

    def renamed(self, alias: str, name: str) -> Args:
        """With the name that torch documents for a keyword, where another one was given: `axis` for `dim`."""
        keywords = {name if key == alias else key: value for key, value in self.keywords.items()}
        nodes = {name if key == alias else key: node for key, node in self.keyword_nodes.items()}
        return Args(self.positional, self.nodes, keywords, nodes, self.open)

    def values(self) -> list[Any]:
        return [*self.positional, *self.keywords.values()]


NO_ARGS = Args([], [], {}, {})


def of(values: list[Any], node: Any = None) -> Args:
    """Arguments made by the interpreter itself."""
    return Args(values, [node] * len(values), {}, {})


def evaluate_arguments(run: Run, arguments: Any) -> Args:
    """Evaluate the arguments of a call from left to right."""
    positional: list[Any] = []
    nodes: list[Any] = []
    keywords: dict[str, Any] = {}
    keyword_nodes: dict[str, Any] = {}
    open_ = False
    for argument in arguments:
        node = argument.value
        kind = type(node)
        evaluator = EVALUATORS.get(kind)  # `evaluate`, without a call: most of what a program holds are arguments
        value = UNKNOWN if evaluator is None else evaluator(run, node)
        star = argument.star
        if not star:
            name = argument.keyword
            if name is not None:
                keywords[name.value] = value
                keyword_nodes[name.value] = node
            elif kind is cst.Ellipsis:
                open_ = True  # `Net(..., device=device)` in documentation: the rest is left to the reader
            elif not open_:
                positional.append(value)
                nodes.append(node)
        elif star == "*":
            if isinstance(value, Seq) and value.gap is None:
                positional.extend(value.items)
                nodes.extend([argument.value] * len(value.items))
            else:
                open_ = True
        else:
            if isinstance(value, Mapping):
                keywords.update({key: item for key, item in value.items.items() if isinstance(key, str)})
                keyword_nodes.update(dict.fromkeys(value.items, argument.value))
            open_ = open_ or not isinstance(value, Mapping) or value.cell["open"]
    return Args(positional, nodes, keywords, keyword_nodes, open_)


def described(run: Run, node: cst.Call, args: Args) -> tuple[Argument, ...]:
    """The arguments as an event carries them: with places, and values where these are constants or tensors."""
    by_node = {id(n): value for n, value in zip(args.nodes, args.positional, strict=False)}
    by_node.update(
        {id(args.keyword_nodes[name]): value for name, value in args.keywords.items() if name in args.keyword_nodes}
    )
    found = []
    for argument in node.args:
        value = by_node.get(id(argument.value), MISSING)
        known = isinstance(value, (Const, TensorFacts))
        plain = value.value if isinstance(value, Const) else value if known else None
        keyword = run.scope.document.as_written(argument.keyword.value) if argument.keyword is not None else None
        found.append(Argument(keyword, run.site(argument), plain, known, argument.star))
    return tuple(found)
