"""Which files are checked: folders are opened, what git ignores or the configuration excludes is left out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from lrcheck.config import Configs, matches
from lrcheck.sources import find_files

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


class Discovery:
    """Lists files; keeps what it learns about folders."""

    def __init__(self, configs: Configs, *, force_exclude: bool = False) -> None:
        self.configs = configs
        self.force_exclude = force_exclude  # also leave out excluded files that are named themselves (pre-commit)
        self._ignores = _GitIgnores()

    def files(self, paths: Iterable[str]) -> Iterator[str]:
        """Each file once, folders opened, in the order given."""
        seen: set[str] = set()
        for path in paths:
            for found in self._below(path):
                key = os.path.realpath(found) if found != "-" else found
                if key not in seen:
                    seen.add(key)
                    yield found

    def _below(self, path: str) -> Iterable[str]:
        if os.path.isdir(path):
            return find_files(path, self._keep)
        if self.force_exclude and path != "-" and self._excluded(path):
            return ()
        return (path,)

    def _keep(self, path: str, folder: bool) -> bool:
        return not self._excluded(path) and not self._ignores.ignored(os.path.abspath(path), folder=folder)

    def _excluded(self, path: str) -> bool:
        config = self.configs.of(path)
        if not config.exclude:
            return False
        relative = config.relative(path)
        return any(matches(pattern, relative) for pattern in config.exclude)


class _GitIgnores:
    """The .gitignore files of a repository: the one that is nearest to a path and says anything about it decides."""

    def __init__(self) -> None:
        self._specs: dict[str, GitIgnoreSpec | None] = {}
        self._chains: dict[str, list[str]] = {}

    def ignored(self, path: str, *, folder: bool) -> bool:
        for base in self._chain(os.path.dirname(path)):
            spec = self._specs[base]
            if spec is None:
                continue
            relative = os.path.relpath(path, base).replace(os.sep, "/")
            verdict = spec.check_file(relative + "/" if folder else relative).include
            if verdict is not None:
                return bool(verdict)
        return False

    def _chain(self, folder: str) -> list[str]:
        """The folder and its parents up to the repository's root, as far as they have a .gitignore."""
        if folder not in self._chains:
            if folder not in self._specs:
                self._specs[folder] = _spec(folder)
            own = [folder] if self._specs[folder] is not None else []
            parent = os.path.dirname(folder)
            top = parent == folder or os.path.exists(os.path.join(folder, ".git"))
            self._chains[folder] = own if top else own + self._chain(parent)
        return self._chains[folder]


def _spec(folder: str) -> Any:
    try:
        with open(os.path.join(folder, ".gitignore"), encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:
        return None
    from pathspec import GitIgnoreSpec

    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # a pattern that git would not understand either
        return None
