"""Draw how many ran during a day as SVG, for pages without JavaScript.

Pure. Colours are classes of ``portal.css``, because the pages allow no inline style.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from markupsafe import Markup

WIDTH, HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 44, 12, 16, 30


def day_curve(
    points: Sequence[tuple[datetime, int]],
    begin: datetime,
    until: datetime,
    step: timedelta,
    ceiling: float | None,
    title: str,
) -> Markup:
    """Return the day: a step for each point, a line at the ceiling.

    :param points: what ``curve.peaks`` gives; the day may not be over
    :param title: what it shows, in words, for those who do not see it
    """
    top = _nice(max([1.0, ceiling or 0.0, *(float(count) for _, count in points)]))
    inner_w, inner_h = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    whole = (until - begin).total_seconds()

    def x(at: datetime) -> float:
        return round(_LEFT + inner_w * (at - begin).total_seconds() / whole, 1)

    def y(count: float) -> float:
        return round(_TOP + inner_h * (1 - count / top), 1)

    parts = [_grid(top, y, inner_w)]
    for hour in range(0, 25, 3):
        parts.append(
            Markup('<text class="chart-tick" x="{}" y="{}" text-anchor="{}">{}:00</text>').format(
                round(_LEFT + inner_w * hour / 24, 1),
                HEIGHT - 10,
                "end" if hour == 24 else "middle",
                hour,
            )
        )
    if points:
        path = [f"M{x(points[0][0])} {y(0)}"]
        for at, count in points:
            path.append(f"V{y(count)}H{x(min(at + step, until))}")
        parts.append(Markup('<path class="chart-area" d="{}V{}Z"/>').format("".join(path), y(0)))
    if ceiling is not None:
        parts.append(
            Markup('<line class="chart-ceiling" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                _LEFT, WIDTH - _RIGHT, y(ceiling), y(ceiling)
            )
        )
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
    ).format(WIDTH, HEIGHT, title, Markup("").join(parts))


def _nice(value: float) -> float:
    """Return the end of an axis that holds ``value``, in steps that people read.

    >>> _nice(1), _nice(28), _nice(31), _nice(110)
    (1, 30, 40, 150)
    """
    step = _step(value)
    return step * math.ceil(value / step - 1e-9)


def _step(value: float) -> float:
    unit = 10 ** math.floor(math.log10(max(value, 4) / 4))
    return next(unit * nice for nice in (1, 2, 5, 10) if unit * nice * 5 >= max(value, 4))


def _grid(top: float, y: Callable[[float], float], inner_w: int) -> Markup:
    step = _step(top)
    parts = []
    for count in range(int(top / step) + 1):
        at = y(count * step)
        parts.append(
            Markup(
                '<line class="chart-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>'
                '<text class="chart-tick" x="{}" y="{}" text-anchor="end">{:g}</text>'
            ).format(_LEFT, _LEFT + inner_w, at, at, _LEFT - 6, at + 4, count * step)
        )
    return Markup("").join(parts)
