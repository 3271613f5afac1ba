"""A path of one machine.

An absolute path into a home folder or a drive exists on one computer. Elsewhere the script stops, or silently creates a folder
of that name: on Linux `"E:\\project\\data"` is one folder with backslashes in it. In a plain string `\\n`, `\\t` and `\\b` are
control characters, and `\\p` or `\\d` are warnings today and errors tomorrow.

Example:

    train = datasets.MNIST("/home/anna/data")  # error
    test = datasets.MNIST("D:/data", train=False)  # error

Use instead:

    train = datasets.MNIST("data")

Not reported: places that every machine of a kind has.

    log = open("/dev/null")
    train = datasets.MNIST("/tmp/data")
    test = datasets.ImageFolder("/kaggle/input/cats")

Not reported: an address, a pattern or a time, and text that holds a path.

    address, clock, route = "http://example.com/data", "a: 10", "/api/images"
    message = "C: the class"

Not reported: a name, a colon and the end of the line.

    print("x:\\n", "y:\\t{}\\n".format(1))
    print("a:\\tb")

At run time: `FileNotFoundError`, or a new folder with a strange name.
"""

import re
from collections.abc import Iterator

from lrcheck.events import MachinePath
from lrcheck.findings import Finding, Label, Level
from lrcheck.rule import rule

_HOME = re.compile(r"/(?:home|Users)/[\w.-]+(?:/[^\0<>|*?]*)?$|/root/[\w.-]+[^\0<>|*?]*$")
_DRIVE = re.compile(r"[A-Za-z]:(?:\\\\?|/)(?!Program|Windows)[\w.-][^\0<>|*?]*$")
_WHITE = re.compile(r"[A-Za-z]:\\[ntrvf]")
_FOLDERS = re.compile(r"[^\s{}%=:\\/]*[\\/][^\s{}%=:]*$")
_ESCAPE = re.compile(r"(?<!\\)(?:\\\\)*\\(?![\\\r\n'\"])")


@rule("LR508", Level.INFO)
def check(path: MachinePath) -> Iterator[Finding]:
    text = path.text
    if not (_HOME.match(text) or _DRIVE.match(text)):
        return
    plain = not re.match(r"[a-zA-Z]*[rR]", path.raw)
    if plain and _WHITE.match(text) and not _FOLDERS.match(text, 4):
        return
    escaped = plain and _ESCAPE.search(text) is not None
    yield Finding(
        title="the path exists on one machine only",
        at=Label(path.site, "backslashes in a plain string are escapes" if escaped else "an absolute path"),
        note="elsewhere the file is not found, or a folder of this name is created",
        help="use a path relative to the project: `data`, or an option",
    )
