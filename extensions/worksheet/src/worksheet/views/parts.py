"""Pieces of several task views: labels, number boxes, colours.

A box has its label as ``description`` where there is room, and as ``tooltip`` (the box's
``title``, which a screen reader says) where the label stands elsewhere in a grid.
"""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as w
from yanxiu_formats.numbers import number_text

from worksheet.lang import say

GOOD, BAD, DIM = "#276749", "#c53030", "#4a5568"
NUMBER = {"width": "110px"}
#: The widgets of a task, and what reads them: as they were typed, to be cleaned.
Inputs = tuple[list[w.Widget], Callable[[], Any]]
Changed = Callable[[Any], None]


def label(text: str) -> w.HTML:
    """Return a text that stands beside a box."""
    return w.HTML(f'<span style="line-height:1.6">{html.escape(text)}</span>')


def hint(text: str) -> w.HTML:
    """Return a quiet line that says how to answer."""
    return w.HTML(f'<span style="color:{DIM}">{html.escape(text)}</span>')


def number_box(value: Any, decimals: int, called: str, changed: Changed) -> w.Text:
    """Return a box for a number; ``called`` is what a screen reader says of it."""
    # Text and not FloatText: it can be empty, and takes full-width digits.
    place = say("places", count=decimals) if decimals else say("whole_number")
    box = w.Text(
        number_text(value),
        placeholder=place,
        tooltip=called,
        continuous_update=False,
        layout=NUMBER,
    )
    box.observe(changed, "value")
    return box


def wide(box: w.Widget) -> w.Widget:
    """Let a long description wrap above its box instead of being cut off."""
    box.add_class("yx-wide")
    return box


STYLE = (
    "<style>.yx-wide{flex-wrap:wrap;height:auto;width:auto;max-width:44em;margin:0 0 6px}"
    ".yx-wide>.widget-label{white-space:normal;overflow:visible;text-align:left;width:auto;"
    "max-width:100%;height:auto;line-height:1.6;flex:1 1 16em}"
    ".yx-wide>select{flex:0 1 22em;min-width:6em;height:var(--jp-widgets-inline-height,28px)}"
    ".yx-place>select{flex:0 0 6em;order:-1;margin-right:8px}</style>"
)
