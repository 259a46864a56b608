"""Show a CSV file as an HTML table that scrolls, with a fixed header.

Reads, never writes; every cell is escaped. Blanks are marked, because in a table of marks a
blank is a finding. Called by ``worksheet.show_data``.
"""

import csv
import html
import io
from itertools import zip_longest
from pathlib import Path

from worksheet.lang import language, say

MAX_ROWS = 500
BOX = "max-height:420px;overflow:auto;border:1px solid #cbd5e0;display:inline-block;max-width:100%"
HEAD = "position:sticky;top:0;background:#edf2f7;color:#1a202c"
CELL = "padding:2px 10px;border-bottom:1px solid #e2e8f0;text-align:left;white-space:nowrap"

LONG = ";white-space:normal;min-width:12em;max-width:24em"


def read_csv(path: Path) -> list[list[str]]:
    """Return the rows of a CSV file in UTF-8 (with or without BOM) or GB18030."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030", errors="replace")
    return list(csv.reader(io.StringIO(text, newline="")))


def table_html(path: Path, title: str, name: str) -> str:
    """Return the table; ``name`` is how the teacher knows the file."""
    header, *rows = read_csv(path) or [[]]
    head = "".join(f'<th style="{HEAD};{CELL}">{html.escape(cell)}</th>' for cell in header)
    filled = [sum(cell != "" for cell in column) > len(rows) / 2 for column in _columns(rows)]
    body = "".join("<tr>" + "".join(map(_cell, row, filled)) + "</tr>" for row in rows[:MAX_ROWS])
    note = say("rows_columns", rows=len(rows), columns=len(header))
    if len(rows) > MAX_ROWS:
        note += "；" + say("rows_shown", shown=MAX_ROWS, file=name)
    return (
        f"<p><b>{html.escape(title)}</b> <small>{html.escape(note)} · {html.escape(name)}</small></p>"
        f'<div style="{BOX}"><table style="border-collapse:collapse;margin:0">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def sp_html(path: Path) -> str:
    """Return the S-P chart of a table of 0 and 1, or a sentence if it is none (any more)."""
    import pandas as pd
    from lessonkit.sp_chart import sp_svg

    try:
        return sp_svg(pd.read_csv(path, index_col=0), language())
    except (ValueError, TypeError):
        return f"<p>{html.escape(say('no_sp'))}</p>"


def _columns(rows: list[list[str]]) -> list[tuple[str, ...]]:
    return list(zip_longest(*rows, fillvalue=""))


def _cell(cell: str, mark_blank: bool) -> str:
    # In a column of remarks blanks are the rule and say nothing.
    if cell == "" and mark_blank:
        return f'<td style="{CELL};background:#fefcbf">&nbsp;</td>'
    wrap = LONG if len(cell) > 16 else ""
    return f'<td style="{CELL}{wrap}">{html.escape(cell)}</td>'
