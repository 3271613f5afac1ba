"""Where every node of a syntax tree stands in the text, and what its parent is.

libcst's own position provider copies the tree and costs a multiple of the parse. This one renders the tree once, counting
characters, and is only asked for programs that have findings.
"""

from __future__ import annotations

import sys
from types import TracebackType

import libcst as cst
from libcst._nodes.internal import CodegenState

DEEP = 20_000


class Layout:
    """Ranges of characters: `inner` without the white space and parentheses around a node, `outer` with them."""

    __slots__ = ("comments", "exact", "inner", "nodes", "outer", "parents")

    def __init__(self, module: cst.Module, text: str) -> None:
        self.inner: dict[int, tuple[int, int]] = {}
        self.outer: dict[int, tuple[int, int]] = {}
        self.parents: dict[int, cst.CSTNode] = {}
        self.comments: list[tuple[int, str]] = []
        state = _Ruler(module, self)
        with _DeepRecursion():
            module._codegen(state)
        rendered = "".join(state.tokens)
        rest = text[len(rendered) :]  # libcst drops a last carriage return
        self.exact = text.startswith(rendered) and not rest.strip()  # else no edit may rely on these numbers

    def range(self, node: cst.CSTNode) -> tuple[int, int]:
        key = id(node)
        return self.inner.get(key) or self.outer.get(key) or (0, 0)


class _Ruler(CodegenState):
    """Renders a tree and notes where each node begins and ends. A node object that occurs twice keeps its first place."""

    __slots__ = ("layout", "offset", "stack")

    def __init__(self, module: cst.Module, layout: Layout) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.layout = layout
        self.offset = 0
        self.stack: list[tuple[cst.CSTNode | None, int]] = [(None, 0)]

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.tokens.append(token)
            self.offset += len(token)

    def add_token(self, value: str) -> None:
        self.tokens.append(value)
        self.offset += len(value)

    def pop_trailing_newline(self) -> None:
        if self.tokens:
            self.offset -= len(self.tokens.pop())

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.stack.append((node, self.offset))
        if type(node) is cst.Comment:
            self.layout.comments.append((self.offset, node.value))

    def after_codegen(self, node: cst.CSTNode) -> None:
        _, start = self.stack.pop()
        key = id(node)
        if key not in self.layout.outer:
            self.layout.outer[key] = (start, self.offset)
            parent = self.stack[-1][0]
            if parent is not None:
                self.layout.parents[key] = parent

    def record_syntactic_position(  # type: ignore[override]  # a class instead of a generator: twice as fast
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Record:
        return _Record(self, node, start_node, end_node)


class _Record:
    __slots__ = ("end_node", "node", "ruler", "start", "start_node")

    def __init__(
        self, ruler: _Ruler, node: cst.CSTNode, start_node: cst.CSTNode | None, end_node: cst.CSTNode | None
    ) -> None:
        self.ruler = ruler
        self.node = node
        self.start_node = start_node
        self.end_node = end_node
        self.start = ruler.offset

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        layout = self.ruler.layout
        key = id(self.node)
        if key in layout.outer:
            return
        start, end = self.start, self.ruler.offset
        if self.start_node is not None:
            start = layout.range(self.start_node)[0]
        if self.end_node is not None:
            end = layout.range(self.end_node)[1]
        layout.inner[key] = (start, end)


class _DeepRecursion:
    """Rendering is recursive: a few frames for each level of a long chain such as `a + b + c + ...`."""

    def __enter__(self) -> None:
        self.limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(self.limit, DEEP))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        sys.setrecursionlimit(self.limit)
