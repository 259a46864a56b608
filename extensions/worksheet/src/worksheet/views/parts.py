"""Pieces of several task views: labels, number boxes, colours.

A box has its label as ``description`` where there is room, and as ``tooltip`` (the box's
``title``, which a screen reader says) where the label stands elsewhere in a grid.
"""

import html
from collections.abc import Callable
from typing import Any

import ipywidgets as w

from worksheet import forms
from worksheet.lang import say

GOOD, BAD, DIM = "#276749", "#c53030", "#4a5568"
NUMBER = {"width": "110px"}
#: The widgets of a task, and what reads them: a raw value and a sentence about what is wrong.
Inputs = tuple[list[w.Widget], Callable[[], tuple[Any, str]]]
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
    text = "" if value is None else f"{value:.15g}"
    place = say("places", count=decimals) if decimals else say("whole_number")
    box = w.Text(text, placeholder=place, tooltip=called, continuous_update=False, layout=NUMBER)
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


def readable(texts: dict[str, str]) -> tuple[dict[str, Any], str]:
    """Return every number that can be read (else None), and a sentence for the first that cannot."""
    numbers: dict[str, Any] = {}
    wrong = ""
    for place, text in texts.items():
        try:
            numbers[place] = forms.parse_number(text, place)
        except forms.WrongValue as error:
            numbers[place] = None
            wrong = wrong or str(error)
    return numbers, wrong
