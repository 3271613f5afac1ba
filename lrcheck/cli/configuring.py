"""`lrcheck config`: what is in force for a file, and why."""

from __future__ import annotations

import argparse
import os
import sys

from lrcheck.cache import default_folder
from lrcheck.cli.names import missing
from lrcheck.config import KEYS, Config, ConfigError, Configs
from lrcheck.findings import Level
from lrcheck.knowledge.target import TARGET
from lrcheck.selection import by_code, every_rule
from lrcheck.sources import SUFFIXES
from lrcheck.work import Order, checker


def show_config(options: argparse.Namespace) -> int:
    """Print every key with its value and its origin, then what follows from them."""
    path = options.path
    if not os.path.exists(path) and not path.endswith(SUFFIXES):  # a file may be asked about before it is written
        print(f"lrcheck: error: {missing(path)}", file=sys.stderr)
        return 2
    try:
        configs = Configs()
        config = configs.of_folder(os.path.abspath(path)) if os.path.isdir(path) else configs.of(path)
        lines = [*_keys(config), *_consequences(config, path)]
    except ConfigError as error:
        print(f"lrcheck: error: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0


def _keys(config: Config) -> list[str]:
    shown = {key: _value(getattr(config, key.replace("-", "_"))) for key in KEYS}
    for key in ("per-file-ignores", "levels"):
        shown[key] = "{}" if shown[key] == "[]" else shown[key]
    shown["select"] = shown["select"] if config.select else '["ALL"]'
    shown["target-torch"] = f'"{config.target_torch or TARGET}"'
    width = max(len(key) + len(value) for key, value in shown.items()) + 3
    lines = [f"{f'{key} = {value}':<{width}}  # {config.origin(key)}" for key, value in shown.items()]
    source = config.path or "no lrcheck.toml and no [tool.lrcheck] in a pyproject.toml here or above"
    return [f"# configuration: {source}", *lines]


def _value(value: object) -> str:
    if isinstance(value, Level):
        return f'"{value.value}"'
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return "{ " + ", ".join(f'"{key}" = {_value(item)}' for key, item in value) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    return f'"{value}"'


def _consequences(config: Config, path: str) -> list[str]:
    every = by_code(every_rule(config))
    settings = checker(Order(config)).settings
    wanted = [rule for rule in every if settings.wants(rule.code)]
    lines = [f"# rules: {len(wanted)} of {len(every)}"]
    if not os.path.isdir(path) and settings.ignored(path):
        lines.append(f"# not reported in {path}: {', '.join(sorted(settings.ignored(path)))}")
    return [*lines, f"# cache: {default_folder()}"]
