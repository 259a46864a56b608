"""Draw a chart task's answer as SVG: no font, no library, nothing but text.

Pure. Labels are escaped; a value out of all proportion is not drawn. The value axis
begins at 0, because a bar's length is its meaning.
"""

import html
import math
from collections.abc import Mapping
from typing import Any

from yanxiu_formats.numbers import is_number
from yanxiu_formats.tasks import ChartTask

from worksheet.lang import pick

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 60, 20, 30, 60
SMALL, LARGE = 1e-12, 1e12  # what lies outside is no value of a lesson, and breaks an axis
COLOURS = ("#2b6cb0", "#c05621", "#2f855a", "#805ad5", "#b83280", "#4a5568")


def draw(task: ChartTask, value: Any) -> str:
    """Return the chart as ``<svg>``, or "" while there is not enough of it."""
    if not isinstance(value, Mapping) or not value.get("kind"):
        return ""
    points = [
        (pick(label.text), float(number))
        for label in task.labels
        if is_number(number := (value.get("points") or {}).get(label.id))
        and (number == 0 or SMALL < abs(number) < LARGE)
    ]
    if not points:
        return ""
    decimals = task.decimals
    if value["kind"] == "pie":
        body = _pie(points, decimals)
    else:
        body = _axes(task, value, points) + _marks(value["kind"], points, decimals)
    spoken = html.escape("；".join(f"{name} {number:.{decimals}f}" for name, number in points))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{spoken}" style="max-width:{WIDTH}px;width:100%;background:#fff" '
        f'font-family="sans-serif" font-size="13" fill="#1a202c">{body}</svg>'
    )


def _limits(points: list[tuple[str, float]]) -> tuple[float, float, float]:
    """Return the axis' low end, its high end and the step between lines: 1, 2 or 5 × 10ⁿ."""
    numbers = [number for _, number in points]
    low, high = min(0.0, *numbers), max(0.0, *numbers)
    rough = (high - low or 1.0) / 5
    unit = 10.0 ** math.floor(math.log10(rough))
    # A rough step a hair above a nice one, from rounding, still takes the nice one.
    step = next(unit * nice for nice in (1, 2, 5, 10) if unit * nice >= rough * 0.999)
    return math.floor(low / step) * step, math.ceil(high / step) * step or step, step


def _y(number: float, limits: tuple[float, float, float]) -> float:
    low, high, _ = limits
    return HEIGHT - BOTTOM - (number - low) / (high - low) * (HEIGHT - TOP - BOTTOM)


def _text(x: float, y: float, text: str, more: str = 'text-anchor="middle"') -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{html.escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _axes(task: ChartTask, value: Any, points: list[tuple[str, float]]) -> str:
    low, high, step = limits = _limits(points)
    names = {
        axis: next((pick(one.text) for one in options if one.id == value.get(axis)), "")
        for axis, options in (("x", task.x), ("y", task.y))
    }
    parts = []
    for line in range(round((high - low) / step) + 1):
        number = low + line * step
        y = _y(number, limits)
        parts.append(_line(LEFT, y, WIDTH - RIGHT, y, "#e2e8f0"))
        parts.append(_text(LEFT - 6, y + 4, f"{number:.6g}", 'text-anchor="end"'))
    zero = _y(0, limits)
    parts.append(_line(LEFT, zero, WIDTH - RIGHT, zero, "#1a202c"))
    parts.append(_line(LEFT, TOP, LEFT, HEIGHT - BOTTOM, "#1a202c"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, names["x"]))
    parts.append(_text(LEFT, TOP - 12, names["y"]))
    return "".join(parts)


def _marks(kind: str, points: list[tuple[str, float]], decimals: int) -> str:
    limits = _limits(points)
    zero = _y(0, limits)
    slot = (WIDTH - LEFT - RIGHT) / len(points)
    parts, path = [], []
    for place, (name, number) in enumerate(points):
        x, y = LEFT + slot * (place + 0.5), _y(number, limits)
        if kind == "bar":
            top, tall = min(y, zero), abs(y - zero)
            parts.append(
                f'<rect x="{x - slot * 0.3:.1f}" y="{top:.1f}" width="{slot * 0.6:.1f}" '
                f'height="{tall:.1f}" fill="{COLOURS[0]}"/>'
            )
        else:
            path.append(f"{x:.1f},{y:.1f}")
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[0]}"/>')
        parts.append(_text(x, min(y, zero) - 6, f"{number:.{decimals}f}"))
        parts.append(_text(x, HEIGHT - BOTTOM + 18, name))
    line = f'<polyline points="{" ".join(path)}" fill="none" stroke="{COLOURS[0]}"/>'
    return (line if path else "") + "".join(parts)


def _pie(points: list[tuple[str, float]], decimals: int) -> str:
    shares = [(name, number) for name, number in points if number > 0]
    total = sum(number for _, number in shares)
    if not shares:
        return ""
    x0, y0, radius, angle = 150.0, HEIGHT / 2, 110.0, -math.pi / 2
    parts = []
    for place, (name, number) in enumerate(shares):
        colour, turn = COLOURS[place % len(COLOURS)], 2 * math.pi * number / total
        start = (x0 + radius * math.cos(angle), y0 + radius * math.sin(angle))
        angle += turn
        end = (x0 + radius * math.cos(angle), y0 + radius * math.sin(angle))
        if len(shares) == 1:
            parts.append(f'<circle cx="{x0}" cy="{y0}" r="{radius}" fill="{colour}"/>')
        else:
            parts.append(
                f'<path d="M{x0},{y0} L{start[0]:.1f},{start[1]:.1f} A{radius},{radius} 0 '
                f'{int(turn > math.pi)} 1 {end[0]:.1f},{end[1]:.1f} Z" fill="{colour}"/>'
            )
        y = 50 + 26 * place
        parts.append(f'<rect x="300" y="{y - 12}" width="14" height="14" fill="{colour}"/>')
        label = f"{name} {number:.{decimals}f}（{number / total:.0%}）"
        parts.append(_text(322, y, label, 'text-anchor="start"'))
    return "".join(parts)
