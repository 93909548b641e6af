"""Plots of growth with logarithmic axes, written as SVG: no plotting library needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import Final
from xml.sax.saxutils import escape

Line = Sequence[tuple[float, float | None]]
"""Points of one line; those without a value leave a hole."""

_WIDTH: Final = 420
_HEIGHT: Final = 320
_LEFT: Final = 60
_RIGHT: Final = 50
_TOP: Final = 30
_BOTTOM: Final = 50
# Okabe and Ito's colours, told apart by colour-blind readers too: https://jfly.uni-koeln.de/color/
_COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")


@dataclass(frozen=True, slots=True)
class Panel:
    """
    Hold one plot.

    Parameters
    ----------
    title
        What is on the upright axis, with its unit.
    lines
        Points by name of the line; values must be positive.
    """

    title: str
    lines: Mapping[str, Line]


def growth_plot(panels: Sequence[Panel], across: str) -> str:
    """
    Return panels side by side as one SVG document.

    Parameters
    ----------
    panels
        The plots.
    across
        What is on the level axis.
    """
    drawn = "\n".join(
        f'<g transform="translate({position * _WIDTH} 0)">\n{_panel(panel, across)}\n</g>'
        for position, panel in enumerate(panels)
    )
    size = f'viewBox="0 0 {_WIDTH * len(panels)} {_HEIGHT}" width="{_WIDTH * len(panels)}" height="{_HEIGHT}"'
    style = 'font-family="sans-serif" font-size="11"'
    background = '<rect width="100%" height="100%" fill="#ffffff"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>\n{background}\n{drawn}\n</svg>\n'


def _panel(panel: Panel, across: str) -> str:
    lines = {name: _shown(line) for name, line in panel.lines.items()}
    points = [point for line in lines.values() for point in line]
    title = _text(_LEFT, 18, panel.title, "start")
    if not points:
        return title
    x_axis = _Axis([x for x, _ in points], _LEFT, _WIDTH - _RIGHT)
    y_axis = _Axis([y for _, y in points], _HEIGHT - _BOTTOM, _TOP)
    parts = [title, _text((_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT - 12, across, "middle")]
    for x in sorted({x for x, _ in points}):
        parts.append(_text(x_axis.place(x), _HEIGHT - _BOTTOM + 16, f"{x:g}", "middle"))
    for y in y_axis.decades():
        parts.append(_rule(y_axis.place(y)))
        parts.append(_text(_LEFT - 6, y_axis.place(y) + 4, f"{y:g}", "end"))
    for number, (name, line) in enumerate(lines.items()):
        parts += _curve(name, line, x_axis, y_axis, _COLOURS[number % len(_COLOURS)])
    return "\n".join(parts)


def _shown(line: Line) -> list[tuple[float, float]]:
    return [(x, y) for x, y in line if y is not None and isfinite(y) and y > 0]


class _Axis:
    """Place values on a logarithmic axis that spans whole decades upright, and the data across."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        is_upright = begin > end
        low, high = log10(min(values)), log10(max(values))
        self.low: float = floor(low) if is_upright else low
        self.high: float = ceil(high) if is_upright else high
        if self.low == self.high:
            self.high = self.low + 1
        self.begin, self.end = begin, end

    def place(self, value: float) -> float:
        share = (log10(value) - self.low) / (self.high - self.low)
        return round(self.begin + share * (self.end - self.begin), 1)

    def decades(self) -> list[float]:
        return [10.0**power for power in range(floor(self.low), ceil(self.high) + 1)]


def _curve(name: str, line: Sequence[tuple[float, float]], x_axis: _Axis, y_axis: _Axis, colour: str) -> list[str]:
    if not line:
        return []
    places = [(x_axis.place(x), y_axis.place(y)) for x, y in line]
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = [f'<circle cx="{x}" cy="{y}" r="2.5" fill="{colour}"/>' for x, y in places]
    last_x, last_y = places[-1]
    label = _text(last_x + 6, last_y + 4, name, "start", colour)
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>', *dots, label]


def _rule(y: float) -> str:
    return f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="#cccccc"/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str = "#333333") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'
