"""Make the notebook that graders read: the sources that were executed, the outputs that came.

Decides what of ``executed.ipynb`` is kept. The learner's code runs beside the program
that writes that file and could have written it instead, so no source is taken from it:
only outputs, and only beside the source they belong to. Sizes are bounded so that one
notebook cannot make a grader's page unreadable. Pure; called by ``show``.
"""

import re
from typing import Any

from yanxiu_formats.notebooks import BadNotebook

from . import prepare

#: One output's text, in characters; what is cut is said in the output itself.
MAX_TEXT = 20_000
#: One picture, in base64 characters (about 1.5 MB of PNG).
MAX_IMAGE = 2_000_000
#: All outputs of the notebook together.
MAX_TOTAL = 8_000_000
MAX_OUTPUTS_PER_CELL = 50
MAX_WIDGET_STATE = 1_000_000
CUT = "\n…（输出过长，已截断 / output cut）\n"
IMAGES = ("image/png", "image/jpeg", "image/gif")
#: The colours of a terminal, which Python's tracebacks are full of.
ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
WIDGETS = "application/vnd.jupyter.widget-state+json"


def merge(prepared: bytes, executed: bytes) -> bytes | None:
    """Return ``prepared`` with the outputs of ``executed``, or None if those cannot be read."""
    try:
        shown, ran = prepare.read_ours(prepared), prepare.left(executed)
        cells = shown["cells"]
        prepare.number(cells)
        left = MAX_TOTAL
        for cell, with_outputs in zip(cells, ran["cells"], strict=False):
            if cell["cell_type"] == "code" and cell["source"] == with_outputs["source"]:
                cell["outputs"], left = tidy(with_outputs.get("outputs", []), left)
        state = ran["metadata"].get("widgets")
        if isinstance(state, dict) and len(str(state.get(WIDGETS, ""))) <= MAX_WIDGET_STATE:
            shown["metadata"]["widgets"] = {WIDGETS: state[WIDGETS]} if WIDGETS in state else {}
        return prepare.write(shown)
    except BadNotebook:
        return None


def tidy(outputs: list[Any], left: int) -> tuple[list[dict[str, Any]], int]:
    """Return the outputs that are of a known shape and fit, and how many characters are left."""
    kept = []
    for output in outputs[:MAX_OUTPUTS_PER_CELL]:
        fresh = _output(output) if isinstance(output, dict) else None
        if fresh is None:
            continue
        size = len(str(fresh))
        if size > left:
            break
        left -= size
        kept.append(fresh)
    return kept, left


def _output(output: dict[str, Any]) -> dict[str, Any] | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _cut(_text(output.get("text")))}
    if kind == "error":
        trace = output.get("traceback")
        return {
            "output_type": "error",
            "ename": _cut(_text(output.get("ename"))),
            "evalue": _cut(_text(output.get("evalue"))),
            "traceback": [_cut("\n".join(map(_text, trace)))] if isinstance(trace, list) else [],
        }
    if kind in ("display_data", "execute_result") and isinstance(output.get("data"), dict):
        fresh: dict[str, Any] = {"output_type": kind, "metadata": {}, "data": _data(output["data"])}
        return fresh | ({"execution_count": None} if kind == "execute_result" else {})
    return None


def _data(data: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for mime, value in data.items():
        if mime in IMAGES:
            image = _text(value)
            if len(image) <= MAX_IMAGE:
                kept[mime] = image
        elif mime.startswith("text/") or mime == "image/svg+xml":
            text = _text(value)
            # Half a table or half a picture is broken markup: the plain text is there as well.
            if mime == "text/plain":
                kept[mime] = _cut(text)
            elif len(text) <= 10 * MAX_TEXT:
                kept[mime] = text
        elif mime == "application/vnd.jupyter.widget-view+json" and isinstance(value, dict):
            kept[mime] = {"model_id": _text(value.get("model_id")), "version_major": 2}
    return kept


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + CUT
