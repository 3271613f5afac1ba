"""Whatever program it is given, the observer ends, within bounds, and without an internal error."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lrcheck.check import Checker
from lrcheck.findings import Result
from lrcheck.rule import discover

ROOT = Path(__file__).parent.parent
CHECKER = Checker(discover())
PROGRAMS = sorted((ROOT / "fixtures").rglob("bad.py")) + sorted((ROOT / "tests" / "idioms").rglob("*.py"))
RELAXED = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def check(text: str, path: str = "program.py") -> Result:
    return CHECKER.check_bytes(path, ("import torch\n" + text).encode())


def internal_errors(result: Result) -> list[str]:
    return [error.message for error in result.errors if error.internal]


def mutated(text: str, chance: random.Random) -> str:
    """A program with a few of its lines and words changed."""
    lines = text.splitlines()
    words = [word for line in lines for word in line.replace("(", " ").replace(")", " ").split() if word.isidentifier()]
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines[at] = ""
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                lines[at] = lines[at].replace(chance.choice(words), chance.choice(words), 1)
            case 3:
                lines[at] = lines[at].replace(",", ", *", 1)
            case 4:
                lines[at] = "    " + lines[at]
            case _:
                lines[at] = lines[at].replace("=", "+=", 1)
    return "\n".join(lines) + "\n"


@RELAXED
@given(st.sampled_from(PROGRAMS), st.integers(0, 2**32))
def test_mutated_programs_have_no_internal_error(path: Path, seed: int) -> None:
    text = mutated(path.read_text(encoding="utf-8"), random.Random(seed))  # noqa: S311  # no secret
    assert internal_errors(check(text)) == []


NAMES = st.sampled_from(["x", "y", "net", "loss", "opt", "self", "torch", "F", "nn", "layers", "loader"])
ATOMS = st.one_of(
    NAMES,
    st.sampled_from(
        ["1", "0.5", "None", "True", "'a'", "...", "[]", "{}", "()", "nn.Linear(2, 3)", "torch.randn(4, 2)"]
    ),
)


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    attributes = st.sampled_from(["shape", "data", "T", "fc", "parameters", "backward", "size", "item", "view", "grad"])
    functions = st.sampled_from(
        ["torch.softmax", "F.cross_entropy", "net", "nn.Sequential", "len", "zip", "torch.cat", "print", "nn.BCELoss()",
         "enumerate", "torch.optim.SGD", "F.one_hot", "torch.max", "super", "sum", "lambda a, *b: a", "range"]
    )  # fmt: skip
    return st.one_of(
        st.builds("{}.{}".format, inner, attributes),
        st.builds("({})({}, {})".format, functions, inner, inner),
        st.builds("{}(*{}, **{})".format, NAMES, inner, inner),
        st.builds("{}[{}]".format, inner, inner),
        st.builds("{}[:, {}:]".format, inner, inner),
        st.builds("({} + {})".format, inner, inner),
        st.builds("({} @ {})".format, inner, inner),
        st.builds("({} == {})".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{} for x in {} if {}]".format, inner, inner, inner),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("(y := {})".format, inner),
        st.builds("({}, *{})".format, inner, inner),
        st.builds("{{'k': {}, **{}}}".format, inner, inner),
    )


EXPRESSIONS = st.recursive(ATOMS, combined, max_leaves=8)


def indented(body: list[str]) -> str:
    return "\n".join("    " + line for part in body or ["pass"] for line in part.split("\n"))


def nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    bodies = st.lists(inner, min_size=1, max_size=3).map(indented)
    return st.one_of(
        st.builds("for {} in {}:\n{}".format, NAMES, EXPRESSIONS, bodies),
        st.builds("while {}:\n{}\nelse:\n{}".format, EXPRESSIONS, bodies, bodies),
        st.builds("if {}:\n{}\nelse:\n{}".format, EXPRESSIONS, bodies, bodies),
        st.builds("with {} as {}:\n{}".format, EXPRESSIONS, NAMES, bodies),
        st.builds("try:\n{}\nexcept Exception as y:\n{}\nfinally:\n{}".format, bodies, bodies, bodies),
        st.builds("def {}(x, *y, net=None, **loss):\n{}".format, NAMES, bodies),
        st.builds("class {}(nn.Module):\n{}".format, NAMES, bodies),
        st.builds("class net:\n    def __init__(self, x):\n{}".format, bodies.map(lambda body: indented([body]))),
        st.builds("match {}:\n    case [x, *y]:\n{}".format, EXPRESSIONS, bodies.map(lambda body: indented([body]))),
    )


SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, EXPRESSIONS),
    st.builds("{}, {} = {}".format, NAMES, NAMES, EXPRESSIONS),
    st.builds("{}.fc = {}".format, NAMES, EXPRESSIONS),
    st.builds("{}[0] = {}".format, NAMES, EXPRESSIONS),
    st.builds("{} += {}".format, NAMES, EXPRESSIONS),
    st.builds("return {}".format, EXPRESSIONS),
    EXPRESSIONS,
    st.sampled_from(
        ["break", "continue", "global x", "pass", "del x", "raise", "import torch.nn as nn", "from torch import *"]
    ),
)
STATEMENTS = st.recursive(SIMPLE, nested, max_leaves=10)


@RELAXED
@given(st.lists(STATEMENTS, min_size=1, max_size=6))
def test_made_up_programs_have_no_internal_error(statements: list[str]) -> None:
    assert internal_errors(check("\n".join(statements) + "\n")) == []


CHAIN = "def f0(x):\n    return torch.softmax(x, 1)\n" + "".join(
    f"def f{i}(x):\n    return f{i - 1}(x) + f{i - 1}(x)\n" for i in range(1, 40)
)


@pytest.mark.parametrize(
    "text",
    [
        CHAIN + "f39(torch.randn(2, 2))\n",
        "".join("    " * i + f"for i{i} in range(9):\n" for i in range(15)) + "    " * 15 + "torch.exp(x)\n",
        "def f(x):\n    return f(x)\nf(1)\n",
        "def f(x):\n    return g(x)\ndef g(x):\n    return f(x)\nf(1)\n",
        "while True:\n    x = [x, x]\n    y = lambda: y()\n    y()\n",
        "x = 10 ** 10 ** 10\ny = 'a' * 10 ** 10\nz = [0] * 10 ** 10\nw = 1 << 10 ** 9\n",
        "class A(A):\n    pass\nA()()\n",
        "class A:\n    def __getattr__(self, name):\n        return getattr(self, name)\nA().x.y()\n",
        "def f():\n    yield from f()\nlist(f())\n",
        "x = []\nx.append(x)\nfor a in x:\n    torch.stack(a)\nnet = torch.nn.Sequential(*x)\nnet(x)\n",
        "net = torch.nn.Sequential()\nnet.add_module('a', net)\nnet.train()\nnet(net)\n",
        "x = 1\n" + "x = x + x\n" * 500,
        "x = torch.ones(1)\n" + "x = torch.softmax(x, 0)\n" * 500,
    ],
    ids=["exponential-calls", "deep-loops", "recursion", "mutual-recursion", "endless", "huge-constants", "own-base", "getattr",
         "generator", "list-in-itself", "module-in-itself", "doubling", "long-chain"],
)  # fmt: skip
def test_every_program_ends(text: str) -> None:
    assert internal_errors(check(text)) == []


def test_an_import_cycle_ends(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\nfrom b import g\ndef f(x):\n    return torch.softmax(g(x), 1)\n")
    (tmp_path / "b.py").write_text("import torch\nfrom a import f\ndef g(x):\n    return f(x)\n")
    assert internal_errors(CHECKER.check_path(str(tmp_path / "a.py"))) == []
