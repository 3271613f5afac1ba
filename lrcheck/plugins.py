"""Rules of other packages: named under `plugins` in the configuration, or by an installed entry point `lrcheck.rules`.

A plugin is a module or a package of modules like the ones below `lrcheck.rules`. It runs in the checking process, so a name
is only looked up beside the configuration file (and not just in the environment) where that file belongs to the project
that the user stands in: checking somebody else's folder runs nothing of it.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator

from lrcheck.config import Config, ConfigError
from lrcheck.rule import Rule, discover

GROUP = "lrcheck.rules"
_CODE = re.compile(r"[A-Z]+[0-9]+")


def names(config: Config | None) -> list[str]:
    """The modules that hold further rules, in a fixed order."""
    return [*sorted(set(_installed())), *(config.plugins if config is not None else ())]


def rules(config: Config | None) -> list[Rule]:
    """The rules of all plugins."""
    found: list[Rule] = []
    for name in dict.fromkeys(names(config)):
        found.extend(_load(name, config))
    return found


def files(config: Config | None) -> list[str]:
    """Where the source of the plugins stands: a change there changes results."""
    found = []
    for name in names(config):
        found += _origin(name, config)
    return found


def _load(name: str, config: Config | None) -> tuple[Rule, ...]:
    _reach(config)
    try:
        found = discover(name)
    except (Exception, SystemExit) as error:  # a plugin may do anything
        why = f"{type(error).__name__}: {error}"
        raise ConfigError(f"plugin `{name}` cannot be loaded: {_elsewhere(name, config) or why}") from error
    if not found:
        raise ConfigError(f"plugin `{name}` holds no rule")
    for rule in found:
        if rule.code.startswith("LR"):
            raise ConfigError(f"plugin `{name}`: `{rule.code}` is taken: codes that begin with LR are lrcheck's own")
        if not _CODE.fullmatch(rule.code):
            raise ConfigError(f"plugin `{name}`: `{rule.code}` is no code: capital letters, then digits, such as AC101")
    return found


def _elsewhere(name: str, config: Config | None) -> str:
    """What to do where the plugin stands in a project in which the user does not."""
    if config is None or config.path is None or config.root in sys.path:
        return ""
    beside = os.path.join(config.root, *name.split("."))
    if not os.path.exists(beside) and not os.path.exists(f"{beside}.py"):
        return ""
    return f"it runs only inside its project: start lrcheck in {config.root}, or leave it out with --isolated"


def _origin(name: str, config: Config | None) -> list[str]:
    from importlib.util import find_spec

    _reach(config)
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return list(spec.submodule_search_locations)
    return [spec.origin] if spec.origin else []


def _reach(config: Config | None) -> None:
    if config is None or not config.plugins or config.path is None or config.root in sys.path:
        return
    here = os.path.realpath(os.getcwd())
    root = os.path.realpath(config.root)
    if here == root or here.startswith(root.rstrip(os.sep) + os.sep):
        sys.path.append(config.root)


def _installed() -> Iterator[str]:
    """Read by hand: `importlib.metadata` takes longer to import than most files to check."""
    for folder in sys.path:
        try:
            with os.scandir(folder or ".") as entries:
                infos = [entry.path for entry in entries if entry.name.endswith((".dist-info", ".egg-info"))]
        except OSError:
            continue
        for info in infos:
            yield from _points(os.path.join(info, "entry_points.txt"))


def _points(path: str) -> Iterator[str]:
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, ValueError):
        return
    if f"[{GROUP}]" not in text:
        return
    for line in text.partition(f"[{GROUP}]")[2].splitlines()[1:]:
        if line.strip().startswith("["):
            return
        value = line.partition("=")[2].partition(":")[0].strip()
        if value:
            yield value
