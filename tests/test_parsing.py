"""Long programs are parsed in parts, and equal white space is one object: the tree is the same as libcst's own."""

from __future__ import annotations

import libcst as cst
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lrcheck.sources import UnreadableError
from lrcheck.static import parsing

FILL = "    value = [1, 2, 3]  # a line of a body\n"
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
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=12), st.sampled_from(["\n", "\r\n"]))
def test_a_program_in_parts_is_the_same_program(pieces: list[str], newline: str) -> None:
    text = "".join(pieces).replace("\n", newline)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "PART", 60)
        module = parsing.parse(text)
    whole = cst.parse_module(text)
    assert module.code == text
    assert module.deep_equals(whole)


def test_a_long_program_is_parsed_in_parts() -> None:
    text = ("def function(a):\n" + FILL * 50 + "\n") * 40
    with parsing._Lean():
        module = parsing._in_parts(text, cst.PartialParserConfig(encoding="utf-8"))
    assert module is not None
    assert module.code == text


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
