"""Results of earlier runs, found by content: of the file, of what it imports, of lrcheck, of the configuration.

An entry is one small JSON file. It is written under another name and then renamed, so that runs at the same time and killed
runs leave whole entries or none. What cannot be read, or does not fit, counts as absent.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from lrcheck import __version__
from lrcheck.plain import from_plain, to_plain

if TYPE_CHECKING:
    from lrcheck.findings import Result
    from lrcheck.work import Checked, Order

FORMAT = 1
DAY = 86_400
KEPT = 30 * DAY  # entries that nobody asked for are removed after this time
_NOTHING = "-"


def default_folder() -> str:
    """`LRCHECK_CACHE_DIR`, else a folder in the user's cache directory."""
    chosen = os.environ.get("LRCHECK_CACHE_DIR")
    if chosen:
        return chosen
    if os.name == "nt":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.expanduser("~"), "lrcheck", "cache")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "lrcheck")


def digest(*parts: bytes) -> str:
    """A name for content: equal for equal parts, and for nothing else."""
    from hashlib import blake2b

    state = blake2b(digest_size=20)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.hexdigest()


def digest_of_sources(places: Iterable[str]) -> str:
    """The content of all Python files in these folders, or of these files."""
    parts = []
    for place in places:
        for path in sorted(_python_files(place)):
            parts += [os.path.relpath(path, place).encode(), _content(path)]
    return digest(*parts)


class Cache:
    """The entries that belong to one state of lrcheck."""

    def __init__(self, folder: str) -> None:
        from lrcheck.static.project import Project

        self.base = folder
        self._project = Project()
        self._digests: dict[str, str] = {}  # of files that checked files import
        self._orders: dict[Order, bytes] = {}
        self._engine = _engine_digest()
        self.folder = os.path.join(folder, f"{__version__}-{FORMAT}-{self._engine[:16]}")
        self._ready: set[str] = set()

    def get(self, place: str) -> Result | None:
        """The result that is kept there, if everything it depends on is as it was."""
        try:
            with open(place, "rb") as file:
                entry = json.loads(file.read())
            asked, read, plain = entry
            if not self._holds(asked, read):
                return None
            result = from_plain(plain)
        except (OSError, ValueError, TypeError, LookupError, RecursionError):
            return None
        _touch(place)
        return result

    def put(self, place: str, checked: Checked) -> None:
        """Keep a result. A cache that cannot be written is no reason to stop."""
        if any(error.internal for error in checked.result.errors):
            return
        read = [(other, self._digest(other)) for other in checked.read]
        entry = json.dumps([checked.asked, read, to_plain(checked.result)], separators=(",", ":"))
        try:
            self._prepare(os.path.dirname(place))
            _write(place, entry.encode())
        except OSError:
            return

    def _holds(self, asked: list[list[Any]], read: list[list[str]]) -> bool:
        for folder, module, level, found in asked:
            if self._project.search(folder, module, level) != found:
                return False
        return all(self._digest(path) == known for path, known in read)

    def _digest(self, path: str) -> str:
        if path not in self._digests:
            try:
                self._digests[path] = digest(_content(path))
            except OSError:
                self._digests[path] = _NOTHING
        return self._digests[path]

    def place(self, order: Order, path: str, data: bytes) -> str:
        """Where the result for this content is kept. Findings name files as the user did: the same content under another name is another entry."""
        if order not in self._orders:
            self._orders[order] = _order_key(order)
        where = f"{path}\0{os.path.abspath(path)}".encode("utf-8", "surrogateescape")
        name = digest(self._orders[order], where, data)
        return os.path.join(self.folder, name[:2], name[2:])

    def _prepare(self, folder: str) -> None:
        if folder in self._ready:
            return
        self._ready.add(folder)
        if not os.path.isdir(self.base):
            os.makedirs(self.base, exist_ok=True)
            for name, text in (
                ("CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55\n"),
                (".gitignore", "*\n"),
            ):
                _write(os.path.join(self.base, name), text.encode())
        os.makedirs(folder, exist_ok=True)

    def tidy(self) -> None:
        """Once a day: remove what was not used for a month, and what a killed run left behind."""
        mark = os.path.join(self.base, "tidied")
        now = time.time()
        try:
            if abs(now - os.stat(mark).st_mtime) < DAY:  # a clock that was wrong is no reason to wait for years
                return
        except OSError:
            if not os.path.isdir(self.base):
                return
        try:
            _write(mark, b"")
            _remove_old(self.base, now - KEPT)
        except OSError:
            return


def _engine_digest() -> str:
    from importlib import import_module
    from importlib.util import find_spec

    places = [place for name in ("lrcheck", "lrcheck.rules") for place in import_module(name).__path__]
    try:
        libcst = find_spec("libcst")
        version = os.path.join(os.path.dirname(libcst.origin or ""), "_version.py") if libcst is not None else ""
        return digest(digest_of_sources(places).encode(), _content(version) if os.path.exists(version) else b"")
    except OSError:
        return _NOTHING * 16


def _order_key(order: Order) -> bytes:
    from lrcheck import plugins

    config = order.config
    sources = digest_of_sources(plugins.files(config)) if plugins.names(config) else ""
    levels = [(name, level.value) for name, level in config.levels]
    said = [
        config.root if config.per_file_ignores else "", config.select, config.ignore, config.per_file_ignores, levels,
        config.target_torch, config.plugins, sources, order.undecided,
    ]  # fmt: skip
    return json.dumps(said).encode()


def _python_files(place: str) -> list[str]:
    if os.path.isfile(place):
        return [place]
    found = []
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if name not in {"__pycache__", "fixtures"}]
        found += [os.path.join(folder, name) for name in files if name.endswith(".py")]
    return found


def _content(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _write(path: str, data: bytes) -> None:
    temporary = os.path.join(os.path.dirname(path), f"tmp-{os.getpid()}-{time.time_ns()}")
    try:
        with open(temporary, "xb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _touch(path: str) -> None:
    """What is used stays."""
    try:
        if time.time() - os.stat(path).st_mtime > DAY:
            os.utime(path)
    except OSError:
        return


def _remove_old(base: str, before: float) -> None:
    for folder, _, files in os.walk(base, topdown=False):
        for name in files:
            path = os.path.join(folder, name)
            if name not in {"CACHEDIR.TAG", ".gitignore", "tidied"} and os.stat(path).st_mtime < before:
                os.unlink(path)
        if folder != base and not os.listdir(folder):
            os.rmdir(folder)
