"""Drawings for the page: learning curves and bars, as inline SVG whose colours follow the page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

Curve = Sequence["float | None"]

WIDTH, HEIGHT = 360, 168
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 58, 10, 26
_LOG_FROM = 60.0  # times the smallest loss: above, the axis is logarithmic
_APART = 12.0


def learning(bad: Curve, fixed: Curve, steps: Sequence[int]) -> str:
    """The training losses of both programs over the steps."""
    known = [value for value in (*bad, *fixed) if value is not None]
    if len(known) < 2:
        return ""
    scale = _Scale(known)
    drawn = [_line(curve, scale, name) for curve, name in ((fixed, "fixed"), (bad, "bad"))]
    ends = _labels({"bad": _end(bad, scale), "fixed": _end(fixed, scale)})
    axis = "loss, log scale" if scale.logarithmic else "loss"
    parts = [_grid(scale, axis, max(steps, default=0)), *drawn, *ends]
    return _svg("".join(parts), HEIGHT, "training loss of bad and fixed over the steps")


def bars(rows: Sequence[tuple[str, str, float, str]]) -> str:
    """Bars with a label, a class (`bad`, `fixed`), a value and its text. What is not finite fills the width."""
    finite = [abs(value) for _, _, value, _ in rows if math.isfinite(value)]
    most = max(finite, default=0.0) or 1.0
    drawn = []
    for number, (label, kind, value, text) in enumerate(rows):
        y = 14 + number * 46
        length = (WIDTH - 80) * (min(1.0, abs(value) / most) if math.isfinite(value) else 1.0)
        drawn.append(
            f'<text x="2" y="{y}" class="label">{escape(label)}</text>'
            f'<rect x="2" y="{y + 6}" width="{max(length, 1.5):.1f}" height="16" rx="2" class="bar {kind}"/>'
            f'<text x="{length + 8:.1f}" y="{y + 18}" class="value">{escape(text)}</text>'
        )
    return _svg("".join(drawn), len(rows) * 46 - 2, "; ".join(f"{label} {text}" for label, _, _, text in rows))


class _Scale:
    """From losses to heights."""

    def __init__(self, values: Sequence[float]) -> None:
        low, high = min(values), max(values)
        self.logarithmic = low > 0 and high > _LOG_FROM * low
        low, high = self._of(low), self._of(high)
        margin = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
        self.low, self.high = low - margin, high + margin
        if not self.logarithmic and min(values) >= 0:
            self.low = max(0.0, self.low)

    def y(self, value: float) -> float:
        part = (self._of(value) - self.low) / (self.high - self.low)
        return _TOP + (HEIGHT - _TOP - _BOTTOM) * (1 - part)

    def ticks(self) -> list[float]:
        """Three or four round values."""
        if self.logarithmic:
            powers = range(math.ceil(self.low), math.floor(self.high) + 1)
            return [10.0**power for power in powers][:: max(1, len(powers) // 4)]
        step = _round_step((self.high - self.low) / 3)
        first = math.ceil(self.low / step)
        return [number * step for number in range(first, math.floor(self.high / step) + 1)]

    def _of(self, value: float) -> float:
        return math.log10(value) if self.logarithmic else value


def _round_step(step: float) -> float:
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= step * 0.999)


def _grid(scale: _Scale, axis: str, steps: int) -> str:
    right, bottom = WIDTH - _RIGHT, HEIGHT - _BOTTOM
    lines = [
        f'<path d="M{_LEFT} {scale.y(tick):.1f}H{right}" class="grid"/>'
        f'<text x="{_LEFT - 6}" y="{scale.y(tick) + 3.5:.1f}" class="tick end">{tick:.4g}</text>'
        for tick in scale.ticks()
    ]
    texts = (
        f'<text x="{_LEFT}" y="{HEIGHT - 8}" class="tick">step 1</text>'
        f'<text x="{right}" y="{HEIGHT - 8}" class="tick end">{steps}</text>'
        f'<text x="{(_LEFT + right) / 2}" y="{HEIGHT - 8}" class="tick middle">{axis}</text>'
    )
    return "".join(lines) + f'<path d="M{_LEFT} {bottom}H{right}" class="axis"/>' + texts


def _line(curve: Curve, scale: _Scale, kind: str) -> str:
    """A curve, interrupted where a loss is not a number."""
    path, pen = [], "M"
    for number, value in enumerate(curve):
        if value is None:
            pen = "M"
            continue
        path.append(f"{pen}{_x(number, len(curve)):.1f} {scale.y(value):.1f}")
        pen = "L"
    return f'<path d="{"".join(path)}" class="curve {kind}"/>' if path else ""


def _x(number: int, points: int) -> float:
    return _LEFT + (WIDTH - _RIGHT - _LEFT) * (number / max(points - 1, 1))


def _end(curve: Curve, scale: _Scale) -> tuple[float, str] | None:
    """How high the label of a curve stands, and what it adds to the name."""
    known = [value for value in curve if value is not None]
    if not known:
        return (_TOP + 8.0, " NaN") if curve else None
    return scale.y(known[-1]), "" if curve[-1] is not None else " NaN"


def _labels(ends: dict[str, tuple[float, str] | None]) -> list[str]:
    """The names at the ends of the curves, kept apart."""
    placed = sorted((end[0], name, end[1]) for name, end in ends.items() if end is not None)
    heights = [height for height, _, _ in placed]
    if len(heights) == 2 and heights[1] - heights[0] < _APART:
        middle = sum(heights) / 2
        heights = [middle - _APART / 2, middle + _APART / 2]
    heights = [min(height, HEIGHT - _BOTTOM - 1) for height in heights]
    if len(heights) == 2 and heights[1] - heights[0] < _APART:
        heights[0] = heights[1] - _APART
    return [
        f'<text x="{WIDTH - _RIGHT + 5}" y="{height + 4:.1f}" class="name {name}">{name}{more}</text>'
        for height, (_, name, more) in zip(heights, placed, strict=True)
    ]


def _svg(content: str, height: int, text: str) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(text)}">{content}</svg>'
