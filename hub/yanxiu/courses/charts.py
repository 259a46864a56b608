"""Draw a chart task's answer as SVG, for pages without JavaScript.

Pure. An answer may come out of anybody's notebook: what cannot be drawn is not drawn,
and every text goes through ``markupsafe``. Colours are classes of ``portal.css``, because
the pages allow no inline style.
"""

import io
import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeGuard

from markupsafe import Markup
from yanxiu_formats.numbers import is_number
from yanxiu_formats.tasks import ChartTask, Option

WIDTH, HEIGHT = 640, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 16, 28, 64
#: Classes ``chart-c0`` … in ``portal.css``.
COLOURS = 8


def draw(task: ChartTask, answer: Any, pick: Callable[[Any], str]) -> Markup | None:
    """Return the chart, None when there is not enough of it yet.

    :param pick: chooses the language of a ``{zh_CN, en}`` text
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("points"), dict):
        return None
    kinds = {kind.id: pick(kind.text) for kind in task.kinds}
    points = [
        (pick(label.text), float(value))
        for label in task.labels
        if _drawable(value := answer["points"].get(label.id))
    ]
    kind = answer.get("kind")
    if not isinstance(kind, str) or kind not in kinds or not points:
        return None
    title = f"{kinds[kind]}：" + "，".join(f"{name} {_text(value)}" for name, value in points)
    if kind == "pie":
        total = sum(max(value, 0) for _, value in points)
        body = _pie(points) if total > 0 else None
    else:
        x = _named(task.x, answer.get("x"), pick)
        y = _named(task.y, answer.get("y"), pick)
        body = _axes(points, x, y) + (_bars(points) if kind == "bar" else _line(points))
    if body is None:
        return None
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, title, body)


@lru_cache(maxsize=64)
def sp_picture(table: bytes, lang: str) -> Markup | None:
    """Return the S-P chart of a unit's own table of 0 and 1, None if it is none.

    Kept: releases have few tables, and pandas, which counts them, takes its time.
    """
    # Here and not above: a portal without such a unit never loads pandas.
    import pandas as pd
    from lessonkit.sp_chart import sp_svg

    try:
        svg = sp_svg(pd.read_csv(io.BytesIO(table), index_col=0), lang)
    except (ValueError, TypeError):
        return None
    return Markup(svg)  # noqa: S704 - every text in it is escaped


def _drawable(value: Any) -> TypeGuard[float]:
    return is_number(value) and abs(value) < 1e12


def _named(options: Sequence[Option], chosen: Any, pick: Callable[[Any], str]) -> str:
    return next((pick(one.text) for one in options if one.id == chosen), "")


def _text(value: float) -> str:
    return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"


def _range(points: Sequence[tuple[str, float]]) -> tuple[float, float, float]:
    """Return low, high and the step between grid lines; zero is always on the axis."""
    low = min(0.0, *(value for _, value in points))
    high = max(0.0, *(value for _, value in points))
    if high - low < 1e-9:  # nothing that a picture could show
        high = low + 1
    raw = (high - low) / 5
    unit = 10 ** math.floor(math.log10(raw))
    step = next(unit * nice for nice in (1, 2, 2.5, 5, 10) if unit * nice >= raw * 0.999)
    return math.floor(low / step) * step, math.ceil(high / step) * step, step


def _scale(points: Sequence[tuple[str, float]]) -> Callable[[float], float]:
    low, high, _ = _range(points)
    inner = HEIGHT - _TOP - _BOTTOM
    return lambda value: round(_TOP + inner * (high - value) / (high - low), 1)


def _slot(points: Sequence[tuple[str, float]], index: int) -> float:
    """Return the middle of the place of one label."""
    return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (index + 0.5) / len(points), 1)


def _axes(points: Sequence[tuple[str, float]], x: str, y: str) -> Markup:
    low, high, step = _range(points)
    at = _scale(points)
    parts = []
    for count in range(round((high - low) / step) + 1):
        value = low + count * step
        parts.append(
            Markup(
                '<line class="chart-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text class="chart-tick" x="{}" y="{}" text-anchor="end">{}</text>'
            ).format(
                _LEFT, WIDTH - _RIGHT, at(value), at(value), _LEFT - 6, at(value) + 4, _text(value)
            )
        )
    for index, (name, _) in enumerate(points):
        # Long labels step down in turn rather than run into each other.
        drop = 18 + (16 if len(points) > 5 and index % 2 else 0)
        parts.append(
            Markup('<text class="chart-tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                _slot(points, index), HEIGHT - _BOTTOM + drop, name
            )
        )
    parts.append(
        Markup(
            '<text class="chart-axis" x="{}" y="{}" text-anchor="middle">{}</text>'
            '<text class="chart-axis" x="4" y="16">{}</text>'
        ).format((_LEFT + WIDTH - _RIGHT) / 2, HEIGHT - 8, x, y)
    )
    return Markup("").join(parts)


def _bars(points: Sequence[tuple[str, float]]) -> Markup:
    at = _scale(points)
    width = min(64.0, (WIDTH - _LEFT - _RIGHT) / len(points) * 0.6)
    parts = []
    for index, (_, value) in enumerate(points):
        middle, top, bottom = _slot(points, index), at(max(value, 0)), at(min(value, 0))
        parts.append(
            Markup(
                '<rect class="chart-c0" x="{}" y="{}" width="{}" height="{}"/>'
                '<text class="chart-value" x="{}" y="{}" text-anchor="middle">{}</text>'
            ).format(
                round(middle - width / 2, 1),
                top,
                round(width, 1),
                round(bottom - top, 1),
                middle,
                top - 5,
                _text(value),
            )
        )
    return Markup("").join(parts)


def _line(points: Sequence[tuple[str, float]]) -> Markup:
    at = _scale(points)
    dots = [(_slot(points, index), at(value), value) for index, (_, value) in enumerate(points)]
    path = " ".join(f"{x},{y}" for x, y, _ in dots)
    marks = Markup("").join(
        Markup(
            '<circle class="chart-c0" cx="{}" cy="{}" r="4"/>'
            '<text class="chart-value" x="{}" y="{}" text-anchor="middle">{}</text>'
        ).format(x, y, x, y - 9, _text(value))
        for x, y, value in dots
    )
    return Markup('<polyline class="chart-line" points="{}"/>{}').format(path, marks)


def _pie(points: Sequence[tuple[str, float]]) -> Markup:
    total = sum(max(value, 0) for _, value in points)
    cx, cy, radius = 150, HEIGHT / 2, 120
    parts, angle = [], -math.pi / 2
    for index, (name, value) in enumerate(points):
        share = max(value, 0) / total
        end = angle + share * 2 * math.pi
        colour = f"chart-c{index % COLOURS}"
        if share >= 0.9999:
            shape = Markup('<circle class="{}" cx="{}" cy="{}" r="{}"/>').format(
                colour, cx, cy, radius
            )
        else:
            shape = Markup(
                '<path class="{}" d="M{} {} L{:.1f} {:.1f} A{} {} 0 {} 1 {:.1f} {:.1f} Z"/>'
            ).format(
                colour,
                cx,
                cy,
                cx + radius * math.cos(angle),
                cy + radius * math.sin(angle),
                radius,
                radius,
                int(share > 0.5),
                cx + radius * math.cos(end),
                cy + radius * math.sin(end),
            )
        legend = Markup(
            '<rect class="{}" x="310" y="{}" width="14" height="14"/>'
            '<text class="chart-tick" x="332" y="{}">{} {} ({:.0%})</text>'
        ).format(colour, 30 + index * 26, 42 + index * 26, name, _text(value), share)
        parts += [shape if share else Markup(""), legend]
        angle = end
    return Markup("").join(parts)
