"""The evidence as one HTML page without anything from elsewhere: a card for every pair, by family."""

from __future__ import annotations

import linecache
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from lrcheck.proof import curves
from lrcheck.proof.evidence import Entry, sentence, shown, shown_apart, signed
from lrcheck.proof.pairs import SEEDS, fixtures
from lrcheck.proof.table import summary
from lrcheck.rule import Rule

_FAMILIES = {
    "loss": "What goes into the loss",
    "metrics": "What is reported",
    "loop": "The training step",
    "modules": "The model",
    "data": "Data and devices",
    "dynamics": "Seen only in a run",
    "deprecated": "Old API",
    SEEDS: "Tutorial programs and their reference implementations",
}
_KINDS = {
    "worse": "trains worse",
    "reported": "reports a wrong number",
    "raises": "raises",
    "costs": "costs memory or time",
    "says": "ends differently",
    "warns": "warns",
    "same": "same result",
    "elsewhere": "shows on other machines",
    "unproven": "not proven",
}


def page(entries: Mapping[str, Entry], machine: Mapping[str, str], rules: Sequence[Rule]) -> str:
    """The whole page."""
    by_name = {rule.name: rule for rule in rules}
    families: dict[str, list[tuple[str, Entry]]] = {family: [] for family in _FAMILIES}
    for name, entry in sorted(entries.items(), key=lambda item: _order(item[0], by_name)):
        families[_family(name, by_name)].append((name, entry))
    sections = "".join(_section(family, found, by_name) for family, found in families.items() if found)
    links = "".join(f'<a href="#{family}">{_FAMILIES[family]}</a> ' for family, found in families.items() if found)
    about = ", ".join(f"{key} {value}" for key, value in machine.items())
    seeds = min((entry["seeds"] for entry in entries.values()), default=0)
    texts = {"summary": escape(summary(entries)), "about": escape(about), "links": links}
    return _PAGE.format(style=_STYLE, seeds=seeds, body=sections, **texts)


def _section(family: str, found: list[tuple[str, Entry]], rules: Mapping[str, Rule]) -> str:
    cards = "".join(_card(name, entry, rules) for name, entry in found)
    return f'<section><h2 id="{family}">{escape(_FAMILIES[family])}</h2><div class="cards">{cards}</div></section>'


def _card(name: str, entry: Entry, rules: Mapping[str, Rule]) -> str:
    folder, _, program = name.partition("/")
    rule = rules.get(folder.replace("_", "-"))
    code = f'<span class="code">{rule.code}</span> ' if rule else ""
    heading = escape(program if folder == SEEDS else folder.replace("_", "-"))
    title = f"<h3>{code}{heading}</h3>"
    under = "" if folder == SEEDS else f'<span class="program">{escape(program)}</span>'
    says = "worse result" if entry["kind"] == "worse" and _trained_alike(entry) else _KINDS[entry["kind"]]
    kind = f'<span class="kind {entry["kind"]}">{says}</span>'
    return (
        f'<article id="{escape(name)}">{title}<p class="under">{kind}{under}</p>'
        f"{_drawing(name, entry)}{_result(entry)}</article>"
    )


def _drawing(name: str, entry: Entry) -> str:
    if entry["kind"] == "raises":
        return _source_line(name, entry["error"])
    if entry["kind"] in {"says", "same", "warns", "elsewhere"}:
        return ""
    if entry["kind"] == "reported":
        bad, true = sum(entry["bad"]) / len(entry["bad"]), sum(entry["true"]) / len(entry["true"])
        metric = entry["metric"].removeprefix("reported ")
        texts = shown_apart(entry["bad"], entry["true"])
        rows = [(f"{metric} reported", "bad", bad, texts[0]), (f"{metric} in truth", "fixed", true, texts[1])]
        return curves.bars(rows)
    if entry["kind"] == "costs" or ("bad" in entry and _trained_alike(entry)):
        means = [(kind, sum(entry[kind]) / len(entry[kind]), shown(entry[kind])) for kind in ("bad", "fixed")]
        return curves.bars([(f"{kind}: {entry['metric']}", kind, mean, text) for kind, mean, text in means])
    return curves.learning(entry["curves"]["bad"], entry["curves"]["fixed"], entry["steps"])


def _trained_alike(entry: Entry) -> bool:
    return bool(entry["curves"]["bad"] == entry["curves"]["fixed"])


def _source_line(name: str, error: Mapping[str, Any]) -> str:
    """The line that raises, and what Python says."""
    line = linecache.getline(str(fixtures() / name / "bad.py"), error["line"] or 0).partition("  #")[0].strip()
    number = f'<span class="number">{error["line"]}</span>' if error["line"] else ""
    message = f"{error['type']}: {error['message']}"
    return f"<pre>{number}{escape(line)}</pre><pre class='error'>{escape(message)}</pre>"


def _result(entry: Entry) -> str:
    """What came out: the two numbers where there are two, then the words."""
    kind = entry["kind"]
    if kind == "worse":
        bad, fixed = shown_apart(entry["bad"], entry["fixed"])
        numbers = f'{escape(entry["metric"])} <b class="bad">{bad}</b> instead of <b class="fixed">{fixed}</b>'
        return f'<p class="result">{numbers}</p><p>{_spread(entry)}</p>'
    if kind == "raises":
        fixed = f"{entry['metric']} {shown(entry['fixed'])}" if entry.get("fixed") else "runs to its end"
        return f'<p>Fixed: <b class="fixed">{escape(fixed)}</b></p>'
    text = sentence(entry)
    return f"<p>{_with_code(text[0].upper() + text[1:].rstrip('.'))}.</p>"


def _spread(entry: Entry) -> str:
    """How sure the difference is."""
    seeds = len(entry["bad"])
    over = f"{seeds} seeds" if seeds > 1 else "One seed"
    around = entry.get("interval")
    if not around:
        return f"{over}."
    difference, low, high = (signed(value).replace("-", "\u2212") for value in (entry["difference"], *around))
    return f"{over}, difference {difference} (95 %: {low} to {high})."


def _with_code(text: str) -> str:
    """Escaped text, with what stands in backticks as code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))


def _family(name: str, rules: Mapping[str, Rule]) -> str:
    folder = name.partition("/")[0]
    rule = rules.get(folder.replace("_", "-"))
    return rule.family if rule and rule.family in _FAMILIES else SEEDS


def _order(name: str, rules: Mapping[str, Rule]) -> tuple[str, str]:
    rule = rules.get(name.partition("/")[0].replace("_", "-"))
    return rule.code if rule else "", name


_STYLE = """
:root { color-scheme: light dark; --paper: #fbfbf9; --card: #fff; --ink: #1d2329; --soft: #5d6771; --line: #dfe2e5;
  --bad: #c2410c; --fixed: #1f6fb2; --faint: #eef0f2; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --card: #1c2127; --ink: #e6e9ec; --soft: #9aa5b0;
  --line: #333b44; --bad: #ff8a5c; --fixed: #6db6f2; --faint: #262d35; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 32px 20px 64px; }
h1 { font-size: 26px; margin: 0 0 6px; }
h2 { font-size: 18px; margin: 40px 0 12px; padding-bottom: 6px; border-bottom: 1px solid var(--line); }
h3 { font-size: 14.5px; margin: 0; overflow-wrap: anywhere; }
header p { margin: 4px 0; max-width: 78ch; color: var(--soft); }
b.bad { color: var(--bad); } b.fixed { color: var(--fixed); }
article p.result { color: var(--ink); font-size: 14px; }
code { font: 12px ui-monospace, monospace; color: var(--ink); }
nav a { color: var(--soft); margin-right: 16px; white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 16px;
  align-items: start; }
article { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 14px 16px; min-width: 0; }
article p { margin: 8px 0 0; font-size: 13px; color: var(--soft); overflow-wrap: anywhere; }
article p.under { display: flex; flex-wrap: wrap; gap: 8px; align-items: baseline; margin: 4px 0 8px; }
.code { color: var(--soft); font-weight: 400; }
.kind { font-size: 11.5px; border-radius: 9px; padding: 0 8px; background: var(--faint); color: var(--ink); }
.kind.worse, .kind.reported, .kind.raises, .kind.costs { color: var(--bad); font-weight: 600; }
.kind.unproven { outline: 1px solid var(--bad); }
svg { display: block; width: 100%; height: auto; }
svg text { font: 11px system-ui, sans-serif; fill: var(--soft); }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .value, svg .name { font-weight: 600; fill: var(--ink); } svg .label { font-size: 12px; }
svg .name.bad { fill: var(--bad); } svg .name.fixed { fill: var(--fixed); }
.grid { stroke: var(--line); stroke-width: .7; } .axis { stroke: var(--soft); stroke-width: 1; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.curve.bad { stroke: var(--bad); stroke-dasharray: 5 2.5; } .curve.fixed { stroke: var(--fixed); }
.bar.bad { fill: var(--bad); } .bar.fixed { fill: var(--fixed); }
pre { margin: 8px 0 0; padding: 8px 10px; background: var(--faint); border-radius: 5px; font: 12px/1.45 ui-monospace,
  monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
pre .number { color: var(--soft); margin-right: 10px; user-select: none; }
pre.error { background: none; border-left: 3px solid var(--bad); border-radius: 0; padding: 2px 10px; }
@media print { article { break-inside: avoid; } }
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>lrcheck: what mistakes cost</title><style>{style}</style></head>
<body><main><header><h1>What mistakes in training programs cost</h1>
<p>Each card is one program, run twice: <b class="bad">bad</b> makes the mistake, <b class="fixed">fixed</b> is the same
program without it: same data, same seeds, same steps. (Tutorial programs stay as their pages have them; there, fixed is the
reference implementation.) Curves are the training losses of seed 0. A mistake in the loss changes what the loss means: what
counts is the metric below, a mean over at least {seeds} seeds, with the 95 % confidence interval of the difference.</p>
<p>{summary} {about}.</p><nav>{links}</nav></header>
{body}</main></body></html>
"""
