"""Edits: what a rule asks for, as characters; refused where it is not certain."""

from __future__ import annotations

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrcheck.diagnostics import merge
from lrcheck.findings import Edit, EditKind, TextEdit
from lrcheck.fixes import apply_edits
from lrcheck.static.document import Document, NodeSite, read_document

K = EditKind


def every_node(document: Document) -> list[cst.CSTNode]:
    nodes: list[cst.CSTNode] = [document.module]
    for node in nodes:
        nodes.extend(node.children)
    return nodes


def site_of(document: Document, code: str) -> NodeSite:
    """The expression, argument or compound statement whose text is `code`."""
    kinds = cst.BaseExpression | cst.Arg | cst.BaseCompoundStatement | cst.Decorator
    return document.site(next(n for n in every_node(document) if isinstance(n, kinds) and document.code(n) == code))


def edited(source: str, kind: EditKind, at: str, text: str = "", other: str = "") -> str | None:
    document = read_document("p.py", data=source.encode())
    edit = Edit(kind, site_of(document, at), text, site_of(document, other) if other else None)
    edits = edit.site.edits(edit)  # type: ignore[attr-defined]
    if edits is None:
        return None
    result = apply_edits(source, merge(edits) or ())
    cst.parse_module(result)
    return result


CASES = [
    # replace
    ("y = f(softmax(x))\n", K.REPLACE, "softmax(x)", "x", "y = f(x)\n"),
    ("y = softmax(x) * 2\n", K.REPLACE, "softmax(x)", "a + b", "y = (a + b) * 2\n"),
    ("y = f(softmax(x))\n", K.REPLACE, "softmax(x)", "a + b", "y = f(a + b)\n"),
    ("y = (softmax(x)).mean()\n", K.REPLACE, "softmax(x)", "a + b", "y = (a + b).mean()\n"),
    ("y = f(z(x), 1)\n", K.REPLACE, "z(x)", "a, b", "y = f((a, b), 1)\n"),
    # remove-argument
    ("f(a, b)\n", K.REMOVE_ARGUMENT, "a", "", "f(b)\n"),
    ("f(a, b)\n", K.REMOVE_ARGUMENT, "b", "", "f(a)\n"),
    ("f(a, b,)\n", K.REMOVE_ARGUMENT, "b", "", "f(a,)\n"),
    ("f(a)\n", K.REMOVE_ARGUMENT, "a", "", "f()\n"),
    ("f(a, k=b)\n", K.REMOVE_ARGUMENT, "k=b", "", "f(a)\n"),
    ("f(a, k=b)\n", K.REMOVE_ARGUMENT, "b", "", "f(a)\n"),
    ("f(\n    a,  # one\n    b,  # two\n    c,\n)\n", K.REMOVE_ARGUMENT, "b", "", "f(\n    a,  # one\n    c,\n)\n"),
    ("f(\n    a,\n    b\n)\n", K.REMOVE_ARGUMENT, "b", "", "f(\n    a\n)\n"),
    ("f(\n    a,\n    b,\n)\n", K.REMOVE_ARGUMENT, "a", "", "f(\n    b,\n)\n"),
    ("x = [a, b]\n", K.REMOVE_ARGUMENT, "b", "", "x = [a]\n"),
    ("x = (a, b)\n", K.REMOVE_ARGUMENT, "b", "", "x = (a,)\n"),
    ("x = (a, b)\n", K.REMOVE_ARGUMENT, "a", "", None),
    ("x = {a}\n", K.REMOVE_ARGUMENT, "a", "", None),
    # remove-statement
    ("a()\nb()  # why\nc()\n", K.REMOVE_STATEMENT, "b()", "", "a()\nc()\n"),
    ("a(); b(); c()\n", K.REMOVE_STATEMENT, "b()", "", "a(); c()\n"),
    ("a(); b()\n", K.REMOVE_STATEMENT, "b()", "", "a()\n"),
    ("if x:\n    b()\n", K.REMOVE_STATEMENT, "b()", "", "if x:\n    pass\n"),
    ("if x: b()\n", K.REMOVE_STATEMENT, "b()", "", "if x: pass\n"),
    ("f(\n    1,\n)\nb()", K.REMOVE_STATEMENT, "1", "", "b()"),
    # insert
    ("if x:\n    b()\n", K.INSERT_BEFORE, "b()", "a()", "if x:\n    a()\n    b()\n"),
    ("if x:\n    b()", K.INSERT_AFTER, "b()", "a()", "if x:\n    b()\n    a()"),
    ("if x:\r\n\tb()  # c\r\n", K.INSERT_AFTER, "b()", "a()\nc()", "if x:\r\n\tb()  # c\r\n\ta()\r\n\tc()\r\n"),
    ("if x: b()\n", K.INSERT_BEFORE, "b()", "a()", "if x: a(); b()\n"),
    ("if x: b()\n", K.INSERT_AFTER, "b()", "with a:\n    pass", None),
    ("@d\ndef f():\n    pass\n", K.INSERT_BEFORE, "d", "x = 1", "x = 1\n@d\ndef f():\n    pass\n"),
    ("if x:\n    pass\nelif y:\n    pass\n", K.INSERT_BEFORE, "y", "z = 1", None),
    # arguments
    ("f()\n", K.ADD_ARGUMENT, "f()", "dim=1", "f(dim=1)\n"),
    ("f(a)\n", K.ADD_ARGUMENT, "f(a)", "dim=1", "f(a, dim=1)\n"),
    ("f(a,)\n", K.ADD_ARGUMENT, "f(a,)", "dim=1", "f(a, dim=1,)\n"),
    ("f(a, k=1)\n", K.ADD_ARGUMENT, "f(a, k=1)", "b", "f(a, b, k=1)\n"),
    ("f(a, dim=0)\n", K.ADD_ARGUMENT, "f(a, dim=0)", "dim=1", None),
    ("f(x for x in y)\n", K.ADD_ARGUMENT, "f(x for x in y)", "dim=1", None),
    ("f(\n    a,\n)\n", K.ADD_ARGUMENT, "f(\n    a,\n)", "k=1", "f(\n    a,\n    k=1,\n)\n"),
    ("f(\n    a  # c\n)\n", K.ADD_ARGUMENT, "f(\n    a  # c\n)", "k=1", "f(\n    a,\n    k=1  # c\n)\n"),
    ("f(old=1)\n", K.RENAME_KEYWORD, "old=1", "new", "f(new=1)\n"),
    ("f(1)\n", K.RENAME_KEYWORD, "1", "new", None),
    # append
    ("f(y)\n", K.APPEND, "y", ".float()", "f(y.float())\n"),
    ("f(a + b)\n", K.APPEND, "a + b", ".float()", "f((a + b).float())\n"),
    ("f((a + b))\n", K.APPEND, "a + b", ".float()", "f((a + b).float())\n"),
    ("f(1)\n", K.APPEND, "1", ".real", "f((1).real)\n"),
    # wrap
    (
        "def f():\n    for x in y:\n        s = '''\na'''\n\n        g(x)\n",
        K.WRAP_STATEMENT,
        "for x in y:\n        s = '''\na'''\n\n        g(x)",
        "with torch.no_grad():",
        "def f():\n    with torch.no_grad():\n        for x in y:\n            s = '''\na'''\n\n            g(x)\n",
    ),
    ("if x: a()\n", K.WRAP_STATEMENT, "a()", "with y:", None),
]


@pytest.mark.parametrize(("source", "kind", "at", "text", "expected"), CASES)
def test_edit(source: str, kind: EditKind, at: str, text: str, expected: str | None) -> None:
    assert edited(source, kind, at, text) == expected


MOVES = [
    (K.MOVE_BEFORE, "c()", "a()", "c()\na()\nb()\n"),
    (K.MOVE_AFTER, "a()", "c()", "b()\nc()\na()\n"),
    (K.MOVE_AFTER, "a()", "b()", "b()\na()\nc()\n"),
    (K.MOVE_AFTER, "a()", "a()", None),
]


@pytest.mark.parametrize(("kind", "at", "other", "expected"), MOVES)
def test_move(kind: EditKind, at: str, other: str, expected: str | None) -> None:
    assert edited("a()\nb()\nc()\n", kind, at, other=other) == expected


def test_a_move_into_a_block_takes_its_indentation() -> None:
    source = "a()\nfor x in y:\n    b()\n"
    assert edited(source, K.MOVE_BEFORE, "a()", other="b()") == "for x in y:\n    a()\n    b()\n"
    assert edited(source, K.MOVE_BEFORE, "b()", other="a()") == "b()\na()\nfor x in y:\n    pass\n"


def test_overlapping_deletions_become_one() -> None:
    assert merge([TextEdit(0, 4, ""), TextEdit(2, 6, "")]) == (TextEdit(0, 6, ""),)
    assert merge([TextEdit(0, 4, ""), TextEdit(2, 6, "x")]) is None
    assert merge([TextEdit(1, 1, "x"), TextEdit(1, 1, "x")]) == (TextEdit(1, 1, "x"),)


SOURCE = '''\
import torch


class Net(torch.nn.Module):
    """A net."""

    def forward(self, x, *args, k=1):
        if x: return x
        for i in range(3): x = x + i; y = [i, 2, (3,)]
        with torch.no_grad():
            z = f(
                x,  # first
                k=k,
                **{"a": 1},
            )
        text = f"""
{x!r} and {z:>{k}}
"""
        try:
            return lambda: (yield), {x for x in y}
        except (ValueError, TypeError) as e:
            raise RuntimeError("x") from e
        finally:
            del z


@property
def g(): ...
x = 1 if torch else (2)
'''


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_edit_breaks_a_program(data: st.DataObject) -> None:
    """Whatever is asked for, wherever: the result is a program, or the edit is refused."""
    document = read_document("p.py", data=SOURCE.encode())
    kinds_of_node = cst.BaseExpression | cst.BaseSmallStatement | cst.BaseCompoundStatement | cst.Arg
    nodes = [node for node in every_node(document) if isinstance(node, kinds_of_node)]
    node = data.draw(st.sampled_from(nodes))
    other = data.draw(st.sampled_from(nodes))
    kinds = [K.REMOVE_STATEMENT, K.INSERT_BEFORE, K.INSERT_AFTER, K.WRAP_STATEMENT, K.MOVE_BEFORE, K.MOVE_AFTER]
    kinds += [K.REMOVE_ARGUMENT, K.ADD_ARGUMENT, K.RENAME_KEYWORD]
    kind = data.draw(st.sampled_from(kinds))
    text = {K.WRAP_STATEMENT: "with a:", K.ADD_ARGUMENT: "new=1", K.RENAME_KEYWORD: "new"}.get(kind, "call()")
    edits = document.site(node).edits(Edit(kind, document.site(node), text, document.site(other)))
    merged = None if edits is None else merge(edits)
    if merged is not None:
        cst.parse_module(apply_edits(SOURCE, merged))
