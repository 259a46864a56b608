"""Draw an S-P table with its curves as SVG: nothing but text, no font, no library.

Pure; sizes and colours are attributes, because pages may forbid styles. Called by the
portal and by ``worksheet``, so that both show the same picture.
"""

import html
import math
from collections.abc import Mapping

import pandas as pd

from lessonkit.errors import ShapeError
from lessonkit.sp import ATTENTION, SpResult, arrange, chart

CELL, LEFT, TOP, RIGHT, BOTTOM = 34, 84, 58, 132, 116
S_COLOUR, P_COLOUR, LOOK = "#2b6cb0", "#c05621", "#c53030"
WORDS: dict[str, Mapping[str, str]] = {
    "zh_CN": {
        "alt": "S-P 图：{students} 名学生，{items} 道题。",
        "total": "总分",
        "count": "答对人数",
        "cs": "注意系数",
        "s": "S 线（每名学生的总分）",
        "p": "P 线（每道题的答对人数）",
        "look": "≥ {limit:.2f}，值得看一看",
        "d": "差异系数 D* ≈ {value:.2f}（近似）",
    },
    "en": {
        "alt": "S-P chart: {students} students, {items} items.",
        "total": "Total",
        "count": "Right",
        "cs": "Caution",
        "s": "S curve (each student's total)",
        "p": "P curve (each item's count)",
        "look": "≥ {limit:.2f}: worth a look",
        "d": "Disparity D* ≈ {value:.2f} (approximate)",
    },
}


def sp_svg(marks: pd.DataFrame, lang: str = "zh_CN") -> str:
    """Return the chart as ``<svg>``.

    Filled dots are right answers. The S curve is solid, the P curve dashed, so that nobody
    needs colours; an index of 0.50 and above has a mark beside it.

    :raises LessonError: a mark other than 0 and 1, or no complete row

    >>> sp_svg(pd.DataFrame({"Q1": [1, 1], "Q2": [1, 0]})).startswith("<svg")
    True
    """
    table = arrange(marks)
    found = chart(table)  # in the order of the table
    if table.empty:
        raise ShapeError(
            "S-P 图至少要有一名每题都有得分的学生。 (an S-P chart needs at least one student with all marks)"
        )
    say = WORDS.get(lang, WORDS["zh_CN"])
    rows, columns = table.shape
    width, height = LEFT + columns * CELL + RIGHT, TOP + rows * CELL + BOTTOM
    width = max(width, 400)
    parts = [*_cells(table), *_students(found, table, say), *_items(found, table, say)]
    totals, counts = table.sum(axis=1).tolist(), table.sum().tolist()
    parts.append(_steps(totals, f'stroke="{S_COLOUR}" stroke-width="3"', across=True))
    parts.append(
        _steps(counts, f'stroke="{P_COLOUR}" stroke-width="3" stroke-dasharray="7 4"', across=False)
    )
    parts += _legend(height, found.d_star, say)
    alt = html.escape(say["alt"].format(students=rows, items=columns))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-label="{alt}" font-family="sans-serif" '
        f'font-size="13" fill="#1a202c"><rect width="{width}" height="{height}" fill="#fff"/>'
        f"{''.join(parts)}</svg>"
    )


def _text(x: float, y: float, text: str, more: str = 'text-anchor="middle"') -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" {more}>{html.escape(text)}</text>'


def _cells(table: pd.DataFrame) -> list[str]:
    parts = []
    for row, marks in enumerate(table.to_numpy().tolist()):
        for column, mark in enumerate(marks):
            x, y = LEFT + column * CELL, TOP + row * CELL
            parts.append(
                f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="none" stroke="#e2e8f0"/>'
            )
            shape = 'fill="#4a5568"' if mark else 'fill="#fff" stroke="#a0aec0"'
            parts.append(f'<circle cx="{x + CELL / 2}" cy="{y + CELL / 2}" r="7" {shape}/>')
    return parts


def _index(value: float) -> tuple[str, str]:
    """Return an index as text, and its colour: never colour alone."""
    if math.isnan(value):
        return "—", "#4a5568"
    return (f"{value:.2f} !", LOOK) if value >= ATTENTION else (f"{value:.2f}", "#4a5568")


def _students(found: SpResult, table: pd.DataFrame, say: Mapping[str, str]) -> list[str]:
    right = LEFT + table.shape[1] * CELL
    parts = [_text(right + 28, TOP - 12, say["total"]), _text(right + 88, TOP - 12, say["cs"])]
    caution = found.cs
    for row, (name, total) in enumerate(table.sum(axis=1).items()):
        y = TOP + row * CELL + CELL / 2 + 5
        text, colour = _index(caution.iloc[row])
        parts.append(_text(LEFT - 10, y, str(name), 'text-anchor="end"'))
        parts.append(_text(right + 28, y, str(total)))
        parts.append(_text(right + 88, y, text, f'text-anchor="middle" fill="{colour}"'))
    return parts


def _items(found: SpResult, table: pd.DataFrame, say: Mapping[str, str]) -> list[str]:
    under = TOP + table.shape[0] * CELL
    parts = [
        _text(LEFT - 10, under + 20, say["count"], 'text-anchor="end"'),
        _text(LEFT - 10, under + 42, say["cs"], 'text-anchor="end"'),
    ]
    caution = found.cp
    for column, (name, count) in enumerate(table.sum().items()):
        x = LEFT + column * CELL + CELL / 2
        text, colour = _index(caution.iloc[column])
        # Long names of items stand in two heights rather than run into each other.
        parts.append(_text(x, TOP - (12 if column % 2 else 30), str(name)))
        parts.append(_text(x, under + 20, str(count)))
        small = f'text-anchor="middle" font-size="10" fill="{colour}"'
        parts.append(_text(x, under + 42, text, small))
    return parts


def _steps(lengths: list[int], stroke: str, *, across: bool) -> str:
    """Return a staircase: ``lengths`` cells from the left in each row, or from the top."""
    points = []
    for place, length in enumerate(lengths):
        for edge in (place, place + 1):
            points.append((length, edge) if across else (edge, length))
    path = " ".join(f"{LEFT + x * CELL},{TOP + y * CELL}" for x, y in points)
    return f'<polyline points="{path}" fill="none" {stroke}/>'


def _legend(height: int, value: float | None, say: Mapping[str, str]) -> list[str]:
    lines = [
        (f'stroke="{S_COLOUR}" stroke-width="3"', say["s"]),
        (f'stroke="{P_COLOUR}" stroke-width="3" stroke-dasharray="7 4"', say["p"]),
    ]
    parts = []
    for number, (stroke, text) in enumerate(lines):
        y = height - 50 + 20 * number
        parts.append(f'<line x1="16" x2="52" y1="{y - 5}" y2="{y - 5}" {stroke}/>')
        parts.append(_text(60, y, text, 'text-anchor="start"'))
    note = f"! {say['look'].format(limit=ATTENTION)}"
    if value is not None:
        note += "　" + say["d"].format(value=value)
    parts.append(_text(16, height - 10, note, 'text-anchor="start"'))
    return parts
