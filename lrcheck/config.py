"""Configuration: `[tool.lrcheck]` in pyproject.toml, or lrcheck.toml; for each checked file the nearest one is in force."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lrcheck.findings import Level

FILES = ("lrcheck.toml", "pyproject.toml")  # in this order, where a folder has both
TABLE = "tool.lrcheck"
DEFAULT = "default"
COMMAND_LINE = "command line"
_VERSION = re.compile(r"\d+(?:\.\d+){1,3}(?:[+a-z].*)?")


class ConfigError(Exception):
    """A configuration that cannot be put in force: one clear line."""


@dataclass(frozen=True, slots=True)
class Config:
    """What is in force for the files below a folder. Nothing here depends on which rules exist."""

    root: str  # patterns are relative to this folder
    path: str | None = None  # the file; None: defaults
    select: tuple[str, ...] = ()  # empty: every rule
    ignore: tuple[str, ...] = ()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    levels: tuple[tuple[str, Level], ...] = ()
    target_torch: str | None = None
    plugins: tuple[str, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict, compare=False, hash=False)  # key: where it comes from

    def origin(self, key: str) -> str:
        return self.origins.get(key, DEFAULT)

    def overridden(self, **changes: Any) -> Config:
        """With what the command line says instead; `None` and empty values say nothing."""
        given = {name: value for name, value in changes.items() if value}
        origins = {**self.origins, **{name.replace("_", "-"): COMMAND_LINE for name in given}}
        return replace(self, **given, origins=origins)

    def relative(self, path: str) -> str:
        """A path as the patterns see it."""
        return os.path.relpath(os.path.abspath(path), self.root).replace(os.sep, "/")


KEYS = ("select", "ignore", "per-file-ignores", "exclude", "levels", "target-torch", "plugins")


class Configs:
    """Finds the configuration of each file; every folder is looked at once."""

    def __init__(self, fixed: str | None = None, *, isolated: bool = False, **overrides: Any) -> None:
        self.overrides = overrides
        version = overrides.get("target_torch")
        if version:
            _version("--target-torch", version)
        self._folders: dict[str, Config] = {}
        self._fixed: Config | None = None
        if isolated:
            self._fixed = Config(os.getcwd()).overridden(**overrides)
        elif fixed is not None:
            self._fixed = self._required(fixed)

    def of(self, path: str) -> Config:
        """What is in force for a file; standard input counts as a file of the working folder."""
        folder = os.getcwd() if path == "-" else os.path.dirname(os.path.abspath(path))
        return self.of_folder(folder)

    def of_folder(self, folder: str) -> Config:
        if self._fixed is not None:
            return self._fixed
        if folder not in self._folders:
            self._folders[folder] = self._search(folder)
        return self._folders[folder]

    def _search(self, folder: str) -> Config:
        for name in FILES:
            config = load(os.path.join(folder, name))
            if config is not None:
                return config.overridden(**self.overrides)
        parent = os.path.dirname(folder)
        if parent == folder:
            return Config(os.getcwd()).overridden(**self.overrides)
        return self.of_folder(parent)

    def _required(self, path: str) -> Config:
        if not os.path.isfile(path):
            raise ConfigError(f"no such configuration: {path}")
        config = load(path)
        if config is None:
            raise ConfigError(f"{path} has no table [{TABLE}]")
        return config.overridden(**self.overrides)


def load(path: str) -> Config | None:
    """The configuration that a file holds; None where there is no file, or no `[tool.lrcheck]` in it."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        if os.path.isfile(path):
            raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from None
        return None
    own = os.path.basename(path) == FILES[0]
    if not own and TABLE.encode() not in data and b"lrcheck" not in data:
        return None
    table = _toml(path, data)
    if not own:
        for key in TABLE.split("."):
            table = table.get(key) if isinstance(table, dict) else None
        if table is None:
            return None
    if not isinstance(table, dict):
        raise ConfigError(f"{path}: `{TABLE}` is no table")
    return _config(path, table)


def _toml(path: str, data: bytes) -> Any:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(data.decode())
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from None


def _config(path: str, table: dict[str, Any]) -> Config:
    for key in table:
        if key not in KEYS:
            raise ConfigError(f"{path}: unknown key `{key}`{_hint(key, KEYS)}")
    full = os.path.abspath(path)
    readers: dict[str, Callable[[str, Any], Any]] = {
        "select": _names,
        "ignore": _names,
        "exclude": _names,
        "plugins": _names,
        "per-file-ignores": _per_file,
        "levels": _levels,
        "target-torch": _version,
    }
    values = {key.replace("-", "_"): readers[key](f"{path}: `{key}`", value) for key, value in table.items()}
    return Config(os.path.dirname(full), full, **values, origins=dict.fromkeys(table, full))


def _names(where: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where} is a list of strings, not {value!r}")
    return tuple(value)


def _per_file(where: str, value: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is a table: pattern = list of rules")
    return tuple((pattern, _names(f"{where}.`{pattern}`", rules)) for pattern, rules in value.items())


def _levels(where: str, value: Any) -> tuple[tuple[str, Level], ...]:
    if not isinstance(value, dict):
        raise ConfigError(f"{where} is a table: rule = level")
    known = [level.value for level in Level]
    for level in value.values():
        if level not in known:
            raise ConfigError(f"{where}: unknown level `{level}`{_hint(str(level), known)}; {', '.join(known)}")
    return tuple((rule, Level(level)) for rule, level in value.items())


def _version(where: str, value: Any) -> str:
    if not isinstance(value, str) or not _VERSION.fullmatch(value):
        raise ConfigError(f'{where} is a release of torch, such as "2.4", not {value!r}')
    return value


def _hint(name: str, known: Iterable[str]) -> str:
    from lrcheck.suppressions import closest

    near = closest(name, known)
    return f"; did you mean `{near}`?" if near else ""


def matches(pattern: str, relative: str) -> bool:
    """Does a pattern of `exclude` or `per-file-ignores` mean this path? Folders mean everything below them."""
    return any(_pattern(pattern).match(part) for part in _prefixes(relative))


def _prefixes(relative: str) -> Sequence[str]:
    parts = relative.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


_patterns: dict[str, re.Pattern[str]] = {}


def _pattern(pattern: str) -> re.Pattern[str]:
    """`*` stays within a name, `**` crosses folders; a pattern without a slash means a name anywhere."""
    if pattern not in _patterns:
        wanted = pattern.removeprefix("./").rstrip("/")
        body = re.escape(wanted).replace(r"\*\*/", "(?:.*/)?").replace(r"\*\*", ".*")
        body = body.replace(r"\*", "[^/]*").replace(r"\?", "[^/]")
        _patterns[pattern] = re.compile(("" if "/" in wanted else "(?:.*/)?") + body + r"\Z")
    return _patterns[pattern]
