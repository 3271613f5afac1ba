"""Documents: every position leads back to the user's file."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrcheck.sources import UnreadableError, decode, find_files
from lrcheck.static.document import Document, Lines, read_document

SOURCES = sorted(Path(cst.__file__).parent.glob("metadata/*.py"))[:8]


def every_node(document: Document) -> list[cst.CSTNode]:
    nodes: list[cst.CSTNode] = []
    pending: list[cst.CSTNode] = [document.module]
    while pending:
        node = pending.pop()
        nodes.append(node)
        pending.extend(node.children)
    return nodes


def offset_of(lines: Lines, line: int, column: int) -> int:
    return lines.starts[line - 1] + column - 1


def assert_spans_hold(document: Document) -> None:
    lines = Lines(document.text)
    for node in every_node(document):
        span = document.span(node)
        start = offset_of(lines, span.line, span.column)
        end = offset_of(lines, span.end_line, span.end_column)
        assert document.text[start:end] == document.code(node)
        if isinstance(node, cst.Name | cst.SimpleString | cst.Comment | cst.Float):
            assert document.code(node) == node.value


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_spans_name_the_text_of_every_node(path: Path) -> None:
    document = read_document(str(path))
    assert document.layout.exact
    assert_spans_hold(document)


names = st.sampled_from(["x", "é", "漢字", "model", "_"])
expressions = st.recursive(
    names | st.sampled_from(["1", "2.5", "'a\\n'", '"""two\nlines"""', "f'{x}'"]),
    lambda inner: st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("f({}, key={})".format, inner, inner),
        st.builds("[{},\n    {}]".format, inner, inner),
        st.builds("({}).attr".format, inner),
        st.builds("(lambda a: {})".format, inner),
    ),
    max_leaves=8,
)
statements = st.one_of(
    st.builds("{} = {}\n".format, names, expressions),
    st.builds("{}  # comment ü\n".format, expressions),
    st.builds(
        "if {}:\n    {} = {}\n\telse_ = 1\n".replace("\telse_ = 1\n", "").format, expressions, names, expressions
    ),
    st.builds("def {}(a, *, b=1):\n\treturn {}\n".format, names, expressions),
    st.just("\n"),
    st.just("\f\n"),
    st.builds("a = 1; b = {}\n".format, expressions),
)
programs = st.lists(statements, max_size=6).map("".join)


@settings(max_examples=60, deadline=None)
@given(programs, st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_spans_hold_in_every_program(program: str, newline: str, end: bool) -> None:
    text = program.replace("\n", newline)
    document = read_document("p.py", data=(text if end else text.rstrip("\r\n")).encode())
    assert_spans_hold(document)


def test_a_site_costs_nothing_until_it_is_asked() -> None:
    document = read_document("p.py", data=b"import torch\nx = (torch.ones(2))\n")
    (assign,) = [node for node in every_node(document) if isinstance(node, cst.Assign)]
    site = document.site(assign.value)
    assert site.key() == ("p.py", id(assign.value))
    assert document._layout is None  # nothing was computed yet
    assert site.text == "(torch.ones(2))"
    span = site.span()
    assert (span.line, span.column, span.end_column) == (2, 6, 19)
    assert document.parent(assign.value) is assign


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"x = '\xff'\n", "is not utf-8 text (byte 0xff); its first line may name another encoding"),
        (b"# coding: klingon\n", "declares the unknown encoding 'klingon'"),
        (b"# coding: rot13\n", "declares 'rot13', which is no text encoding"),
        (b"x = 1\0\n", "contains null bytes"),
    ],
)
def test_what_is_no_text_is_said_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(data)
    assert caught.value.message == message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252"])
def test_encodings_survive_a_round_trip(encoding: str) -> None:
    data = f"# -*- coding: {encoding.removesuffix('-sig')} -*-\nname = 'ä'\n".encode(encoding)
    source = decode(data)
    assert "ä" in source.text
    assert source.encode(source.text) == data


CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": ["source: x\n"]},
    {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": ["%time\n", "import torch\n"],
    },
    {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": 'x = "é\\t"\ny = torch.f(x)',
    },
    {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "%%bash\nls torch"},
    {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": ["if y:\n", "    !ls\n"]},
    {
        "cell_type": "code",
        "metadata": {},
        "outputs": [],
        "execution_count": None,
        "source": ["%time z = y\n", "w = !ls\n"],
    },
    {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": "def broken(:"},
]


def notebook(ascii_only: bool = True) -> bytes:
    content = {"cells": CELLS, "metadata": {"source": ["no cell"]}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1, ensure_ascii=ascii_only).encode()


@pytest.mark.parametrize("ascii_only", [True, False])
def test_the_cells_of_a_notebook_are_one_program(ascii_only: bool) -> None:
    document = read_document("n.ipynb", data=notebook(ascii_only))
    assert document.text.splitlines()[:4] == ["_    ", "import torch", 'x = "é\\t"', "y = torch.f(x)"]
    assert "_;    z = y" in document.text
    assert [note.message for note in document.notes] == ["block 7 is no program of its own and was skipped"]
    assert document.module


@pytest.mark.parametrize("ascii_only", [True, False])
def test_positions_in_a_notebook_name_cell_and_line(ascii_only: bool) -> None:
    data = notebook(ascii_only)
    document = read_document("n.ipynb", data=data)
    start = document.text.index("torch.f(x)")
    span = document.span_of(start, start + len("torch.f(x)"))
    assert (span.cell, span.cell_line, span.column, span.end_column) == (3, 2, 5, 15)
    assert "torch.f(x)" in data.decode().splitlines()[span.line - 1]


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize(
    ("old", "new"), [("torch.f(x)", 'g("ü")'), ('"é\\t"', "1"), ("import torch\n", ""), ("y =", "y\n=")]
)
def test_an_edit_of_a_notebook_changes_nothing_else(ascii_only: bool, old: str, new: str) -> None:
    from lrcheck.fixes import apply_edits

    data = notebook(ascii_only)
    document = read_document("n.ipynb", data=data)
    start = document.text.index(old)
    edits = document.edits(start, start + len(old), new)
    assert edits is not None
    text = apply_edits(data.decode(), edits)
    before, after = json.loads(data), json.loads(text)
    joined = [["".join(cell["source"]) for cell in content["cells"]] for content in (before, after)]
    assert sum(one != other for one, other in zip(*joined, strict=True)) == 1
    assert "".join(joined[0]).replace(old, new) == "".join(joined[1])
    low, high = min(edit.start for edit in edits), max(edit.end for edit in edits)
    assert text[:low] == data.decode()[:low]
    assert text[len(text) - (len(data.decode()) - high) :] == data.decode()[high:]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{torch", "is no notebook: invalid JSON"),
        (b'["torch"]', "is no notebook: it has no cells"),
        (b"[" * 100_000, "is no notebook"),
    ],
)
def test_what_is_no_notebook_is_said_in_one_line(data: bytes, message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        read_document("n.ipynb", data=data)
    assert message in caught.value.message


def test_old_notebooks_have_worksheets() -> None:
    cells = [{"cell_type": "code", "input": ["import torch\n", "x = 1"]}]
    document = read_document("n.ipynb", data=json.dumps({"worksheets": [{"cells": cells}]}).encode())
    assert document.text == "import torch\nx = 1\n"


def test_notebooks_of_other_languages_are_no_programs() -> None:
    content = {"cells": CELLS, "metadata": {"kernelspec": {"language": "R"}}}
    assert read_document("n.ipynb", data=json.dumps(content).encode()).text == ""


PAGE = """\
# Title

```python
import torch
x = 1
```

- item

  ```py
  if x:
      y = torch.f(x)
  ```

~~~ {.python}
>>> z = y
1
~~~

```python
y = ...(
```

```bash
torch
```
"""


def test_the_blocks_of_a_page_are_one_program() -> None:
    document = read_document("p.md", data=PAGE.encode())
    assert document.text.startswith("import torch\nx = 1\nif x:\n    y = torch.f(x)\nz = y\n\n")
    assert [note.message for note in document.notes] == ["block 4 is no program of its own and was skipped"]
    start = document.text.index("torch.f(x)")
    span = document.span_of(start, start + 10)
    assert (span.line, span.column, span.cell) == (12, 11, 2)
    assert PAGE.splitlines()[span.line - 1][span.column - 1 : span.end_column - 1] == "torch.f(x)"


def test_folders_are_searched_in_order_and_loops_end(tmp_path: Path) -> None:
    for name in (
        "b.py",
        "a.py",
        "c.txt",
        ".hidden/x.py",
        "node_modules/y.py",
        "sub/z.ipynb",
        "env/pyvenv.cfg",
        "env/e.py",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    found = [str(Path(path).relative_to(tmp_path)) for path in find_files(str(tmp_path))]
    assert found == ["a.py", "b.py", "sub/z.ipynb"]


def test_pages_with_a_tab_for_each_framework() -> None:
    """Only the program of one tab is read: `#@tab` names the frameworks that a block is for."""
    blocks = ("from mxnet import np", "#@tab pytorch\nimport torch", "#@tab all\nn = 1", "#@tab jax, mxnet\nk = 2")
    page = "".join(f"```{{.python .input}}\n{block}\n```\n\n" for block in blocks)
    text = read_document("p.md", data=page.encode()).text
    assert "import torch" in text
    assert "n = 1" in text
    assert "from mxnet" not in text
    assert "k = 2" not in text
    plain = read_document("p.md", data=page.replace("pytorch", "tensorflow").encode()).text
    assert "from mxnet" in plain


def test_pictures_in_a_notebook_cost_no_memory_for_each_character() -> None:
    code = {"cell_type": "code", "source": ["import torch\n"], "outputs": [{"data": {"image/png": "A" * 1_000_000}}]}
    data = json.dumps({"cells": [code], "metadata": {}}).encode()
    tracemalloc.start()
    read_document("pictures.ipynb", data=data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20 * len(data)


def test_an_example_that_imports_torch_again_is_a_program_of_its_own() -> None:
    from lrcheck.check import Checker
    from lrcheck.rule import discover

    first = "class Net(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.layer = nn.Linear(9, n)\n"
    loss = "    def forward(self, x):\n        return self.layer(x).relu()\n\nmodel, criterion = Net(4), nn.CrossEntropyLoss()\n"
    again = "{}for x, y in batches:\n    criterion(model(x), y).backward()\n"
    page = (
        "```python\nimport torch\nfrom torch import nn\n\n"
        + first
        + "\n"
        + loss
        + "```\n\n```python\n"
        + again
        + "```\n"
    )
    checker = Checker(discover())

    def said(text: str) -> set[str]:
        return {d.name for d in checker.check_bytes("p.md", text.encode()).diagnostics if d.level.name == "ERROR"}

    assert "activation-on-logits" in said(page.replace("{}", ""))
    assert said(page.replace("{}", "import torch\n")) == set()
    assert said(page.replace("{}", "model = Net()\n")) == {
        "activation-on-logits"
    }  # another class of that name is meant
    assert said(page.replace("```\n\n```python\n{}", "model = Net()\n")) == {
        "constructor-arguments",
        "activation-on-logits",
    }


@pytest.mark.parametrize(("kinds", "said"), [(1, 1), (2, 2), (3, 0)])
def test_a_list_of_schedulers_is_not_asked_for_steps(kinds: int, said: int) -> None:
    from lrcheck.check import Checker
    from lrcheck.rule import discover

    made = "".join(f"scheduler = torch.optim.lr_scheduler.StepLR(optimizer, {n + 2})\n" for n in range(kinds))
    start = "import torch\nnet = torch.nn.Linear(9, 4)\noptimizer = torch.optim.SGD(net.parameters(), lr=0.1)\n"
    loop = "for x, y in batches:\n    optimizer.zero_grad()\n    (net(x) - y).square().mean().backward()\n    optimizer.step()\n"
    found = Checker(discover()).check_bytes("p.py", (start + made + loop).encode()).diagnostics
    assert [d.name for d in found] == ["scheduler-misuse"] * said
