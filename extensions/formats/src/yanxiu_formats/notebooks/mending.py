"""Make a notebook anew of anybody's JSON, with nothing in it that nbformat would refuse. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .problem import BadNotebook, Cell, Notebook

KINDS = ("code", "markdown", "raw")
MAX_CELLS = 2000
#: What older formats and other programs call kinds of cells that we know under another name.
_ALSO = {"heading": "markdown", "html": "markdown", "text": "markdown", "plaintext": "raw"}
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_TAG = re.compile(r"[^,]+")


def mend(found: Any) -> Notebook:
    """Return the notebook that some JSON is, made anew.

    :raises BadNotebook: it is none, or a cell cannot be understood
    """
    if not isinstance(found, dict):
        raise BadNotebook("notebook.not_one")
    every = _cells(found)
    if len(every) > MAX_CELLS:
        raise BadNotebook("notebook.many_cells", count=len(every), most=MAX_CELLS)
    # A cell that is null holds nothing of anybody's.
    cells = [_cell(one, at) for at, one in enumerate(every, 1) if one is not None]
    _number_again(cells)
    metadata = found.get("metadata")
    kept = _notebook_metadata(metadata) if isinstance(metadata, dict) else {}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": kept, "cells": cells}


def _cells(found: Notebook) -> list[Any]:
    """Return the cells of any version of the format up to ours."""
    cells, sheets = found.get("cells"), found.get("worksheets")
    version = found.get("nbformat")
    if isinstance(version, str) and version.isascii() and version.isdigit():
        version = int(version)
    if version is not None and version not in (2, 3, 4):
        known = isinstance(version, int | float) and (isinstance(cells, list) or version == 1)
        if known:
            raise BadNotebook("notebook.version", version=f"{version:g}"[:20])
        raise BadNotebook("notebook.not_one")
    if isinstance(cells, list):
        return cells
    if isinstance(sheets, list):
        return [
            cell
            for sheet in sheets
            if isinstance(sheet, dict) and isinstance(sheet.get("cells"), list)
            for cell in sheet["cells"]
        ]
    raise BadNotebook("notebook.not_one")


def _cell(cell: Any, number: int) -> Cell:
    if not isinstance(cell, dict):
        raise BadNotebook("notebook.cell_odd", cell=number)
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    kind, source = _kind(cell, metadata, number), _source(cell, number)
    if cell.get("cell_type") == "heading":
        level = cell.get("level")
        source = "#" * (level if type(level) is int and 1 <= level <= 6 else 1) + " " + source
    fresh: Cell = {
        "cell_type": kind,
        "id": cell.get("id"),
        "metadata": _cell_metadata(metadata, kind),
        "source": source,
    }
    if kind == "code":
        outputs = cell.get("outputs")
        kept = (
            [one for one in outputs if isinstance(one, dict)] if isinstance(outputs, list) else []
        )
        return fresh | {"outputs": kept, "execution_count": None}
    if attachments := _attachments(cell.get("attachments")):
        fresh["attachments"] = attachments
    return fresh


def _kind(cell: Cell, metadata: Mapping[str, Any], number: int) -> str:
    said = cell.get("cell_type")
    name = said.lower() if isinstance(said, str) else ""
    if (name := _ALSO.get(name, name)) in KINDS:
        return name
    mark = metadata.get("nbgrader")
    if isinstance(mark, dict) and mark.get("grade_id"):
        if mark.get("cell_type") in KINDS:
            return str(mark["cell_type"])
        # Read as another kind than it is, it would be graded as if it were empty.
        raise BadNotebook("notebook.cell_kind", cell=number)
    if not name and ("outputs" in cell or "execution_count" in cell):
        return "code"
    return "raw"


def _source(cell: Cell, number: int) -> str:
    source = cell.get("source")
    if source is None:
        source = cell.get("input")  # as format 3 calls the text of code
    lines = source if isinstance(source, list) else [source]
    texts = [line for line in lines if line is not None]
    if not all(isinstance(line, str) for line in texts):
        raise BadNotebook("notebook.cell_text", cell=number)
    return "".join(texts)


def _cell_metadata(found: Mapping[str, Any], kind: str) -> dict[str, Any]:
    """Return a cell's metadata without what nbformat's schema would refuse."""
    kept = dict(found)
    tags = kept.pop("tags", None)
    if isinstance(tags, list):
        words = [one for one in tags if isinstance(one, str) and _TAG.fullmatch(one)]
        kept["tags"] = list(dict.fromkeys(words))
    asked: dict[str, bool] = {
        "collapsed": isinstance(kept.get("collapsed"), bool),
        "scrolled": kept.get("scrolled") in (True, False, "auto"),
        "name": isinstance(kept.get("name"), str) and kept["name"] != "",
        "format": isinstance(kept.get("format"), str),
        "deletable": isinstance(kept.get("deletable"), bool),
        "editable": isinstance(kept.get("editable"), bool),
    }
    for key, fits in asked.items():
        if key in kept and not fits:
            del kept[key]
    for key, of in (("jupyter", bool), ("execution", str)):
        inner = kept.pop(key, None)
        if isinstance(inner, dict) and (key == "jupyter" or kind == "code"):
            kept[key] = {name: one for name, one in inner.items() if isinstance(one, of)}
    return kept


def _notebook_metadata(found: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(found)
    kept.pop("orig_nbformat", None)
    spec = kept.pop("kernelspec", None)
    if isinstance(spec, dict) and isinstance(spec.get("name"), str):
        shown = spec.get("display_name")
        name = {"display_name": shown if isinstance(shown, str) else spec["name"]}
        kept["kernelspec"] = {**spec, **name}
    language = kept.pop("language_info", None)
    if isinstance(language, dict) and isinstance(language.get("name"), str):
        kept["language_info"] = {
            key: value
            for key, value in language.items()
            if isinstance(value, str) or (key == "codemirror_mode" and isinstance(value, dict))
        }
    for key, of in (("title", str), ("authors", list)):
        if key in kept and not isinstance(kept[key], of):
            del kept[key]
    return kept


def _attachments(found: Any) -> dict[str, dict[str, Any]]:
    """Return the pictures that were pasted into a text."""
    if not isinstance(found, dict):
        return {}
    kept = {
        name: {kind: one for kind, one in data.items() if _is_text(one)}
        for name, data in found.items()
        if isinstance(data, dict)
    }
    return {name: data for name, data in kept.items() if data}


def _is_text(found: Any) -> bool:
    lines = found if isinstance(found, list) else [found]
    return all(isinstance(line, str) for line in lines)


def _number_again(cells: Sequence[Cell]) -> None:
    """Give ids to the cells that have none, one that is taken, or one that cannot be one."""
    seen: set[str] = set()
    for at, cell in enumerate(cells):
        name = cell["id"]
        if not isinstance(name, str) or name in seen or not _CELL_ID.fullmatch(name):
            name = next(one for one in _names(at) if one not in seen)
        cell["id"] = name
        seen.add(name)


def _names(at: int) -> Iterable[str]:
    yield f"cell-{at}"
    yield from (f"cell-{at}-{more}" for more in range(MAX_CELLS + 1))
