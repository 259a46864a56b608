"""The organizer's pages for importing a roster: upload, preview, import, error sheet.

A file waits for an hour between the steps; reloading the preview makes it anew. Which
rows may be touched is ``verbs.import_roster``'s and the plan's to judge.
"""

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from yanxiu.errors import N_, Invalid, Refused
from yanxiu.people.idnumber import IdKey
from yanxiu.people.roster.columns import HEADERS, ROLE_NAMES
from yanxiu.people.roster.plan import Entry, Kind, Plan
from yanxiu.people.verbs import import_roster as verbs
from yanxiu.store.engine import Store
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import Posted, TheForm, TheStore, get_service, who_may
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.heavy import heavy
from yanxiu.web.pages import download, go_to, reader, show

router = APIRouter(prefix="/organize/roster")

#: More rows of a kind are counted and not shown: nobody reads them one by one.
MOST_SHOWN = 200
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FIELDS = {
    "name": HEADERS["name"][0],
    "teacher_no": HEADERS["teacher_no"][0],
    "mobile": HEADERS["mobile"][0],
    "id_hmac": HEADERS["id_number"][0],
    "id_last4": HEADERS["last4"][0],
    "stage": HEADERS["stage"][0],
    "subject": HEADERS["subject"][0],
}
#: Shown with what they were and will be; of the others only that they change.
_OPEN = frozenset({"name", "teacher_no", "stage", "subject"})
#: Refusals after which the preview is shown once more.
_ASKS_AGAIN = frozenset({"roster.changed", "roster.not_whole", "roster.leave_many"})


async def get_key(request: Request) -> IdKey:
    """Return the key for ID numbers."""
    return IdKey(bytes.fromhex(get_service(request).id_key))


@router.get("")
def upload_page(
    request: Request, actor: Annotated[Actor, Depends(who_may(Act.IMPORT_ROSTER))]
) -> Response:
    """Show the form."""
    return show(request, "roster.html", problem="")


def _upload_again(request: Request, problem: Problem) -> Response:
    return show(request, "roster.html", status=problem.status, problem=problem.text)


@router.post("")
@form_again(_upload_again)
def upload(
    request: Request,
    posted: TheForm,
    store: TheStore,
    key: Annotated[IdKey, Depends(get_key)],
) -> Response:
    """Take a file and go on to its preview."""
    file = posted.form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        raise Invalid("roster.no_file", N_("没有选择文件。请先选择花名册文件，再点上传。"))
    name = PurePath(file.filename.replace("\\", "/")).name
    content = file.file.read()
    upload_id = verbs.upload_roster(store, key, posted.actor, content, name)
    return go_to(request, f"organize/roster/{upload_id}")


@router.get("/template.xlsx")
def template_file(
    request: Request,
    actor: Annotated[Actor, Depends(who_may(Act.IMPORT_ROSTER))],
    store: TheStore,
) -> Response:
    """Return the empty roster."""
    from yanxiu.people.roster.template import template

    return download(template(store.clock()), "roster-template.xlsx", XLSX)


@router.get("/{upload_id}")
@heavy
def preview_page(
    request: Request,
    upload_id: uuid.UUID,
    actor: Annotated[Actor, Depends(who_may(Act.IMPORT_ROSTER))],
    store: TheStore,
    key: Annotated[IdKey, Depends(get_key)],
) -> Response:
    """Show what an uploaded file would do, or has left to do."""
    return _preview(request, store, key, actor, upload_id)


def _preview_again(
    request: Request,
    store: Store,
    key: IdKey,
    posted: Posted,
    upload_id: uuid.UUID,
    problem: Problem,
) -> Response:
    return _preview(request, store, key, posted.actor, upload_id, problem.refusal)


@router.post("/{upload_id}/apply")
@form_again(_preview_again, codes=_ASKS_AGAIN)
def apply(
    request: Request,
    upload_id: uuid.UUID,
    posted: TheForm,
    store: TheStore,
    key: Annotated[IdKey, Depends(get_key)],
) -> Response:
    """Have what the preview showed imported, and go to the task."""
    task_id = verbs.ask_import(
        store,
        key,
        posted.actor,
        upload_id,
        expected=posted.text("expected"),
        whole=posted.text("whole") == "1",
        leaving=_number(posted.text("leaving")),
    )
    return go_to(request, f"organize/tasks/{task_id}")


@router.post("/{upload_id}/discard")
def discard(
    request: Request,
    upload_id: uuid.UUID,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Forget the file."""
    verbs.discard_roster(store, posted.actor, upload_id)
    return go_to(request, "organize/roster")


@router.get("/{upload_id}/errors.xlsx")
@heavy
def errors_file(
    request: Request,
    upload_id: uuid.UUID,
    actor: Annotated[Actor, Depends(who_may(Act.IMPORT_ROSTER))],
    store: TheStore,
    key: Annotated[IdKey, Depends(get_key)],
) -> Response:
    """Return the rows with problems, each with its reasons."""
    from yanxiu.people.roster.errorsheet import error_sheet

    _, table, plan = verbs.preview_roster(store, key, actor, upload_id)
    content = error_sheet(table, plan, store.clock(), reader(request).gettext)
    return download(content, "roster-errors.xlsx", XLSX)


@dataclass(frozen=True)
class Shown:
    """One line of the preview."""

    line: int
    name: str
    number: str
    school: str
    what: str


def _preview(
    request: Request,
    store: Store,
    key: IdKey,
    actor: Actor,
    upload_id: uuid.UUID,
    refusal: Refused | None = None,
) -> Response:
    upload, table, plan = verbs.preview_roster(store, key, actor, upload_id)
    tr = reader(request)
    names = {line.number: line.cells.get("name", "") for line in table.lines}
    errors = [
        (line, names.get(line, ""), [one.text(tr.gettext) for one in found])
        for line, found in sorted(plan.problems.items())
    ]
    return show(
        request,
        "roster_preview.html",
        status=refusal.status if refusal else 200,
        problem=refusal.text(tr.gettext) if refusal else "",
        confirm=refusal is not None and refusal.code == "roster.leave_many",
        upload=upload,
        counts=plan.counts(),
        tally=table.tally,
        notes=[note.text(tr.gettext) for note in plan.notes],
        left_over=[problem.text(tr.gettext) for problem in plan.left_over],
        large_leaves=[(one.school.name, one.staff, one.leaving) for one in plan.large_leaves],
        sections=[
            (
                kind.value,
                [_shown(entry, plan, tr.gettext) for entry in entries[:MOST_SHOWN]],
                len(entries),
            )
            for kind in (Kind.ADD, Kind.MOVE, Kind.CHANGE, Kind.BACK)
            if (entries := plan.of(kind))
        ],
        missing=[(one.name, one.teacher_no, plan.orgs[one.school_id].name) for one in plan.missing],
        errors=errors[:MOST_SHOWN],
        most=MOST_SHOWN,
        minutes=max(1, math.ceil((upload.expires_at - store.clock()).total_seconds() / 60)),
        expected=plan.digest(),
        does_something=plan.does_something,
        done=upload.applied_at is not None and refusal is None,
    )


def _shown(entry: Entry, plan: Plan, gettext: Callable[[str], str]) -> Shown:
    parts = []
    if entry.came_from is not None:
        parts.append(f"{entry.came_from.name} → {entry.org.name}")
    for name, header in _FIELDS.items():
        if entry.known is None or name not in entry.values:
            continue
        if name == "id_last4" and "id_hmac" in entry.values:
            continue
        if name in _OPEN:
            before = getattr(entry.known, name) or gettext(N_("（空）"))
            parts.append(f"{header}：{before} → {entry.values[name]}")
        else:
            parts.append(f"{header}：{gettext(N_('有变化'))}")
    if entry.known is not None:
        parts += [f"+{ROLE_NAMES.get(role, role)}" for role, _ in entry.give]
        kept = {role for role, _ in entry.give}
        parts += [f"−{ROLE_NAMES.get(role, role)}" for role, _ in entry.take if role not in kept]
    else:
        parts = ["、".join(ROLE_NAMES.get(role, role) for role, _ in entry.give)]
    number = entry.row.teacher_no or (entry.known.teacher_no if entry.known else "") or ""
    return Shown(entry.row.line, entry.row.name, number, entry.org.name, "；".join(parts))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
