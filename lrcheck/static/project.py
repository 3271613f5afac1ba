"""The project around a checked file: which of its imports are the project's own source, parsed at most once a run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from lrcheck.knowledge.names import THIRD_PARTY
from lrcheck.static.values import Class

if TYPE_CHECKING:
    from lrcheck.static.document import Document

ROOT_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg", ".hg")
MAX_FILE = 300_000  # bytes of one imported file: parsing it takes 300 times as much memory for a moment
MAX_IMPORTED = 700_000  # characters of source that one checked file may import, directly or not
KEPT = 1_600_000  # characters of parsed source that are kept for the next files (about 45 bytes of memory each)
SHARED = 100  # modules that are interpreted at most before all are interpreted anew
MAX_CLIMB = 6


class Project:
    """Finds and parses the modules that the checked files import from their own project."""

    def __init__(self, *, alone: bool = False) -> None:
        self._alone = alone  # nothing that is imported is to be found
        self._documents: dict[str, Document | None] = {}  # the one used longest ago comes first
        self._size = 0
        self._found: dict[tuple[str, str], str | None] = {}
        self._exists: dict[str, bool] = {}
        self.scopes: dict[str, Any] = {}
        self.shared = True  # the interpreted modules may serve the next file
        self._limit = MAX_IMPORTED
        self.asked: dict[tuple[str, str, int], str | None] = {}  # what the checked file looked for: what was found
        self.read: dict[str, int] = {}  # the files that it was given, and their sizes

    def begin(self) -> None:
        """Another file is checked: it sees the imported modules as if it were the first.

        What was interpreted for the files before is kept where no module changed another one; what they asked for then
        counts as asked for by this file as well.
        """
        if not self.shared or len(self.read) > SHARED:
            self._forget()
        self._limit = sum(self.read.values()) + MAX_IMPORTED
        while self._size > KEPT and self._documents:
            self._size -= _size(self._documents.pop(next(iter(self._documents))))

    def _forget(self) -> None:
        """Let go of what was interpreted: variables and the functions that close over them hold each other, and their trees."""
        for scope in self.scopes.values():
            if scope is not None:
                for value in scope.vars.values():
                    if isinstance(value, Class):
                        value.forget()
                scope.forget()
        self.scopes.clear()
        self.asked = {}
        self.read = {}
        self.shared = True

    def find(self, importer: str, module: str, level: int) -> str | None:
        """The path of `module` as imported (relative by `level` dots) by the file `importer`."""
        if self._alone or (level == 0 and module.partition(".")[0] in THIRD_PARTY):
            return None
        own = os.path.abspath(importer)
        folder = os.path.dirname(own)
        found = self.asked[folder, module, level] = self.search(folder, module, level)
        return None if found is None or found == own else found

    def search(self, folder: str, module: str, level: int) -> str | None:
        """The same for any file of a folder."""
        key = (f"{folder}:{level}", module)
        if key not in self._found:
            self._found[key] = self._search(folder, module, level)
        return self._found[key]

    def document(self, path: str, importer: str) -> Document | None:
        """The parsed file, or None where it cannot be read; it is named the way its importer is."""
        if path not in self.read and sum(self.read.values()) >= self._limit:
            self.shared = False
            return None
        document = self._documents.pop(path, None)
        if document is None or document.path != display_name(path, importer):
            self._size -= _size(document)
            document = self._load(path, importer)
            self._size += _size(document)
        self._documents[path] = document
        self.read[path] = _size(document)
        return document

    def keep(self, document: Document) -> None:
        """A file that was checked: others may import it."""
        path = os.path.abspath(document.path)
        if path not in self._documents and path.endswith(".py"):
            self._documents[path] = document
            self._size += _size(document)

    def known(self, path: str) -> Document | None:
        """A file that was parsed already because another one imports it."""
        return self._documents.get(os.path.abspath(path))

    def _load(self, path: str, importer: str) -> Document | None:
        from lrcheck.static.document import read_document  # the two modules know each other

        try:
            if os.path.getsize(path) > MAX_FILE:
                return None
            document = read_document(path, display=display_name(path, importer))
            _ = document.module  # parsed here, where an error concerns nobody
        except Exception:  # noqa: BLE001  # whatever is wrong with it, it is not the file that is being checked
            return None
        return document

    def _search(self, folder: str, module: str, level: int) -> str | None:
        parts = module.split(".") if module else []
        if level:
            base = folder
            for _ in range(level - 1):
                base = os.path.dirname(base)
            return self._module_file(base, parts)
        for root in self._roots(folder):
            found = self._module_file(root, parts)
            if found is not None:
                return found
        return None

    def _roots(self, folder: str) -> list[str]:
        """Where absolute imports are looked up: the script's folder, then its parents up to the project's root."""
        roots = [folder]
        current = folder
        for _ in range(MAX_CLIMB):
            if any(self._is(os.path.join(current, mark)) for mark in ROOT_MARKS):
                break
            parent = os.path.dirname(current)
            inside_package = self._is(os.path.join(current, "__init__.py"))
            if parent == current or os.path.basename(parent) in {"site-packages", "dist-packages", "lib"}:
                break
            if not inside_package and current != folder and not self._has_root(parent):
                break
            current = parent
            roots.append(current)
        return roots + [os.path.join(root, "src") for root in roots if self._is(os.path.join(root, "src"))]

    def _has_root(self, folder: str) -> bool:
        for _ in range(MAX_CLIMB):
            if any(self._is(os.path.join(folder, mark)) for mark in ROOT_MARKS):
                return True
            parent = os.path.dirname(folder)
            if parent == folder:
                return False
            folder = parent
        return False

    def _module_file(self, base: str, parts: list[str]) -> str | None:
        path = os.path.join(base, *parts)
        if parts and self._is(path + ".py"):
            return path + ".py"
        init = os.path.join(path, "__init__.py")
        return init if self._is(init) else None

    def _is(self, path: str) -> bool:
        if path not in self._exists:
            self._exists[path] = os.path.exists(path)
        return self._exists[path]


def _size(document: Document | None) -> int:
    return 0 if document is None else len(document.text)


def display_name(path: str, importer: str) -> str:
    """An absolute path, written the way the importing file's path was given."""
    if os.path.isabs(importer):
        return path
    relative = os.path.relpath(path)
    return os.path.join(".", relative) if importer.startswith("./") and not relative.startswith("..") else relative
