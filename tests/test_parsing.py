"""Long programs are parsed in parts, and equal white space is one object: the tree is the same as libcst's own."""

from __future__ import annotations

import libcst as cst
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from lrcheck.sources import UnreadableError
from lrcheck.static import parsing

FILL = "    value = [1, 2, 3]  # a line of a body\n"
METHOD = "\n    def method(self):\n    " + FILL
INNER = "\n        def method(self):\n        " + FILL
PIECES = (
    "import torch\n",
    "\n",
    "\n\n# about the next one\n",
    "def function(a, *, b=1):\n" + FILL * 3,
    "\ndef function(a):\n" + FILL * 2 + "    # the last word of the body\n",
    "\n@decorator\n\ndef function():\n" + FILL,
    "\nclass Net(nn.Module):\n    '''Docs.\n\ndef no_function(): ...\n    '''\n" + FILL,
    "\nasync def run():\n" + FILL + "\n    await other()\n",
    "\nnames = [\n    'one',\n\n    'two',\n]\n",
    '\nTEXT = """\n\ndef in_a_string():\n    pass\n"""\n',
    "\nif True:\n" + FILL + "\nelse:\n" + FILL,
    "\n\n    # a comment that is indented\n\ndef last(): pass\n",
    "\nclass Long(Base):  # all of it\n" + METHOD * 3,
    METHOD,
    METHOD * 2 + "\n    # the last word of a class\n",
    "\n    # about a method\n\n    @property\n    def size(self): return 1\n",
    '\n    def text(self):\n        return """\n\n    def in_a_string(self):\n        pass\n"""\n',
    "\nclass Outer:\n\n    class Inner:\n" + INNER * 3,
    INNER * 2,
    "\n  def with_two_blanks(self): pass\n",
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_a_program_in_parts_is_the_same_program(pieces: list[str], newline: str) -> None:
    text = "".join(pieces).replace("\n", newline)
    try:
        whole = cst.parse_module(text)
    except cst.ParserSyntaxError:
        reject()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "PART", 60)
        module = parsing.parse(text)
    assert module.code == text
    assert module.deep_equals(whole)


def test_a_long_program_is_parsed_in_parts() -> None:
    text = ("def function(a):\n" + FILL * 50 + "\n") * 40
    with parsing._Lean():
        module = parsing._in_parts(text, cst.PartialParserConfig(encoding="utf-8"))
    assert module is not None
    assert module.code == text


@pytest.mark.parametrize("depth", [1, 2])
def test_a_long_class_is_parsed_in_parts(depth: int) -> None:
    indent = depth * "    "
    opening = "".join(f"{level * '    '}class Long:\n" for level in range(depth))
    methods = (f"\n{indent}def method(self):\n" + f"{indent}{FILL}" * 50) * 40
    text = f"{opening}{indent}'Docs.'\n{methods}\n    x = 1\n\nlast = Long()\n"
    with parsing._Lean():
        module = parsing._class_in_parts(text, cst.PartialParserConfig(encoding="utf-8"))
    assert module is not None
    assert module.code == text
    assert module.deep_equals(cst.parse_module(text))


def test_a_mistake_in_a_long_program_keeps_its_line() -> None:
    good = ("def function(a):\n" + FILL * 50 + "\n") * 40
    broken = "def broken(:\n    pass\n"
    with pytest.raises(UnreadableError) as alone:
        parsing.parse(broken)
    with pytest.raises(UnreadableError) as caught:
        parsing.parse(good + broken)
    assert alone.value.line
    assert caught.value.line == good.count("\n") + alone.value.line


def test_the_parser_of_others_is_left_as_it_was() -> None:
    kept = (cst.SimpleWhitespace, cst.TrailingWhitespace, cst.CSTNode.__post_init__)
    parsing.parse("x = 1\n")
    with pytest.raises(UnreadableError):
        parsing.parse("x = (\n")
    assert (cst.SimpleWhitespace, cst.TrailingWhitespace, cst.CSTNode.__post_init__) == kept
    with pytest.raises(cst.CSTValidationError):
        cst.Name("")
