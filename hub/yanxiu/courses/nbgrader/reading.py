"""Read an instructor's notebook of any age into the form that nbgrader works on, always the same.

A copy is brought to nbformat 4 and to nbgrader's own schema, by nbformat's and nbgrader's own
code (what ``nbgrader update`` runs); ids that are missing, doubled or made up by a conversion
are numbered, for a release's digest depends on them. What nbformat would refuse, the one judge of
notebooks mends (``yanxiu_formats.notebooks``), as it does for learners. Called by ``notebooks`` and
``leaks``, in the limited child of ``prepare``. Pure.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbformat import NotebookNode
from yanxiu_formats import notebooks, sentences

from yanxiu.errors import N_

from .config import Settings
from .folder import Files
from .problems import Problem

MAX_CELLS = 2000
_MINOR_WITH_IDS = 5
#: The newest schema of nbgrader that is known here.
SCHEMA = 3


def whole(
    where: str, source: bytes, settings: Settings, parts: Files
) -> NotebookNode | list[Problem]:
    """Return an instructor's notebook with the header and footer of its course."""
    book = read(where, source)
    if isinstance(book, list):
        return book
    for option in ("IncludeHeaderFooter.header", "IncludeHeaderFooter.footer"):
        name = settings.get(option)
        if name and name in parts:
            part = read(name, parts[name])
            if isinstance(part, list):
                return part
            first = option.endswith("header")
            book.cells = part.cells + book.cells if first else book.cells + part.cells
    _ids(book.cells, wanted=book.nbformat_minor >= _MINOR_WITH_IDS)
    return book


def read(where: str, source: bytes) -> NotebookNode | list[Problem]:
    """Return a notebook, or what is wrong with it."""
    try:
        raw = notebooks.parse(source, bounded=False)
        book = _as_it_is(raw) or _mended(raw)
    except notebooks.BadNotebook as error:
        name = where.rpartition("/")[2]
        return [Problem(where, sentences.source(error.code), {**error.params, "notebook": name})]
    if book is None:
        return [Problem(where, N_("笔记本坏了，打不开。请在 Jupyter 里打开、重新保存后再导入。"))]
    if len(book.cells) > MAX_CELLS:
        return [Problem(where, N_("笔记本超过 {most} 格。请拆成几个笔记本。"), {"most": MAX_CELLS})]
    return _upgrade(where, book) or book


def _as_it_is(raw: Any) -> NotebookNode | None:
    """Return a notebook that nbformat takes, None when it does not."""
    try:
        old = raw.get("nbformat") != 4
        if not old:
            minor = raw.get("nbformat_minor", 0)
            _ids(raw["cells"], wanted=isinstance(minor, int) and minor >= _MINOR_WITH_IDS)
        book = nbformat.reads(json.dumps(raw), as_version=4)
        if old:
            for cell in book.cells:  # a conversion draws its ids by lot
                cell.pop("id", None)
            _ids(book.cells, wanted=book.nbformat_minor >= _MINOR_WITH_IDS)
        nbformat.validate(book)
    except Exception:  # nbformat raises many kinds for what is one thing to a teacher
        return None
    return book


def _mended(raw: Any) -> NotebookNode | None:
    """Return a notebook as it is judged for learners; None when a mark of nbgrader would be lost.

    Marks decide what learners see. Outputs are made anew, and nobody gets an instructor's.
    """
    mended = notebooks.mend(raw)
    for cell in mended["cells"]:
        if "outputs" in cell:
            cell["outputs"] = []
    if _marks(raw) != _marks(mended):
        return None
    try:
        book = nbformat.from_dict(mended)
        nbformat.validate(book)
    except Exception:
        return None
    return book


def _marks(found: Any) -> int:
    """Return how often something calls itself nbgrader's, wherever it stands."""
    if isinstance(found, list):
        return sum(map(_marks, found))
    if not isinstance(found, dict):
        return 0
    return ("nbgrader" in found) + sum(map(_marks, found.values()))


def _upgrade(where: str, book: NotebookNode) -> list[Problem]:
    """Bring cells of an older nbgrader to the schema of today; return what cannot be."""
    # Here: importing nbgrader takes a second, which no other command should pay.
    from nbgrader.nbgraderformat import MetadataValidator

    upgrade = MetadataValidator().upgrade_cell_metadata
    problems = []
    for number, cell in enumerate(book.cells, 1):
        meta = settings_of(cell)
        schema = meta.get("schema_version", 0)
        if not meta or schema == SCHEMA:
            continue
        if not isinstance(schema, int) or isinstance(schema, bool) or not 0 <= schema < SCHEMA:
            message = N_(
                "第 {cell} 格是用更新的 nbgrader 做的（schema_version {schema}），平台认识到 {known}。"
                "请在 Jupyter 的 nbgrader 工具栏里打开这一格、重新保存，再导入。"
            )
            params = {"cell": number, "schema": str(schema)[:20], "known": SCHEMA}
            problems.append(Problem(where, message, params))
            continue
        try:
            upgrade(cell)
        except (TypeError, ValueError):  # points that are no number
            message = N_("第 {cell} 格（{name}）没有分值，或分值不是 0 以上的数。请填写 points。")
            params = {"cell": number, "name": str(meta.get("grade_id"))[:60]}
            problems.append(Problem(where, message, params))
    return problems


def _ids(cells: Sequence[dict[str, Any]], *, wanted: bool) -> None:
    """Give ids where they are missing or twice, always the same: the digest depends on them."""
    seen: set[str] = set()
    for number, cell in enumerate(cells):
        if not wanted:
            cell.pop("id", None)
        elif not isinstance(cell.get("id"), str) or cell["id"] in seen:
            cell["id"] = f"cell-{number}"
        seen.add(str(cell.get("id")))


def settings_of(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell's nbgrader settings, empty if it has none (or something of no use)."""
    found = cell["metadata"].get("nbgrader")
    return found if isinstance(found, dict) else {}


def write(book: NotebookNode) -> bytes:
    """Return a notebook as bytes, the same for the same notebook; sources stay whole texts."""
    return json.dumps(book, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"
