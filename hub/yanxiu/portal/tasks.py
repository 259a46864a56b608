"""The organizer's page of tasks: what they asked for, how far it is, what came of it.

Everybody sees their own and no other's, whatever they organize. The page of one task asks for
itself again while the task is open, without a script; not for ever, because a page that lies
open must not keep a session alive. What a task does is its capability's.
"""

import uuid
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.housekeeping.kinds import ASKED
from yanxiu.i18n import Translator
from yanxiu.store import tasks
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.model import BackgroundTask
from yanxiu.web.actor import Act, Actor
from yanxiu.web.deps import TheStore, who_may
from yanxiu.web.downloads import resumable
from yanxiu.web.heavy import heavy
from yanxiu.web.pages import reader, show

router = APIRouter(prefix="/organize/tasks")

Organizer = Annotated[Actor, Depends(who_may(Act.RELEASE))]
MOST_SHOWN = 50
#: (how old the task is, after how many seconds the page asks again); then no more.
_REFRESH = ((timedelta(seconds=15), 1), (timedelta(minutes=2), 3), (timedelta(minutes=20), 15))
#: State → (what it is called, badge class).
STATES = {
    tasks.QUEUED: (N_("排队中"), "waiting"),
    tasks.RUNNING: (N_("进行中"), "open"),
    tasks.DONE: (N_("已完成"), "done"),
    tasks.REFUSED: (N_("没有做"), "failed"),
    tasks.FAILED: (N_("没有做完"), "failed"),
}


@router.get("")
def list_page(request: Request, actor: Organizer, store: TheStore) -> Response:
    """Show what the reader asked for, the newest first."""
    with store.read() as session:
        rows = tasks.own(session, actor.person_id, MOST_SHOWN)
    tr = reader(request)
    return show(
        request,
        "tasks.html",
        rows=[
            (
                *(row, task_title(row, tr), tr.pick(row.params.get("about")), task_state(row, tr)),
                " ".join(filter(None, (task_outcome(row, tr), task_caveat(row, tr)))),
            )
            for row in rows
        ],
        most=MOST_SHOWN,
    )


@router.get("/{queued_id}")
def task_page(
    request: Request, queued_id: uuid.UUID, actor: Organizer, store: TheStore
) -> Response:
    """Show one task; while it is open, the page asks for itself again."""
    task = _own(store, actor, queued_id)
    with store.read() as session:
        ahead = tasks.ahead(session, task) if task.state == tasks.QUEUED else 0
    tr, kind = reader(request), ASKED.get(task.kind)
    age = store.clock() - task.created_at
    is_open = task.state in tasks.OPEN
    links = (
        kind.after if kind and task.state == tasks.DONE else (),
        (kind.back,) if kind and kind.back else (),
    )
    return show(
        request,
        "tasks_one.html",
        task=task,
        title=task_title(task, tr),
        state=task_state(task, tr),
        about=tr.pick(task.params.get("about")),
        outcome=task_outcome(task, tr),
        but=task_caveat(task, tr),
        ahead=ahead,
        is_open=is_open,
        refresh=next((pause for young, pause in _REFRESH if is_open and age < young), 0),
        links=[
            (address.format(**task.params), tr.gettext(words))
            for address, words in (one for part in links for one in part)
        ],
        headers={"Cache-Control": "no-store"},
    )


@router.get("/{queued_id}/file")
@heavy
def task_file(
    request: Request, queued_id: uuid.UUID, actor: Organizer, store: TheStore
) -> Response:
    """Return what a task made, to who asked for it."""
    task = _own(store, actor, queued_id)
    if task.file_blob is None or task.file_name is None:
        raise NotFound("task.no_file", N_("文件已经过了可以下载的时间。请再导出一次。"))
    store.note(Event(actor.person_id, "task.download", "task", str(task.id), actor.school_id))
    return resumable(
        request,
        store.blobs.open(task.file_blob),
        "application/octet-stream",
        {
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(task.file_name, safe='')}",
        },
        task.file_blob,
    )


def _own(store: Store, actor: Actor, task_id: uuid.UUID) -> BackgroundTask:
    with store.read() as session:
        task = tasks.one(session, task_id, actor.person_id)
    if task is None:
        raise NotFound("task.not_found", N_("没有找到这项任务。请从“后台任务”里打开。"))
    return task


def task_title(task: BackgroundTask, tr: Translator) -> str:
    """Return what a task is called."""
    kind = ASKED.get(task.kind)
    return tr.gettext(kind.title) if kind else task.kind


def task_state(task: BackgroundTask, tr: Translator) -> tuple[str, str]:
    """Return where a task is, and the colour of it."""
    words, style = STATES[task.state]
    return tr.gettext(words), style


def task_outcome(task: BackgroundTask, tr: Translator) -> str:
    """Return the sentence that a task ended with, empty while it is open."""
    kind = ASKED.get(task.kind)
    if task.state == tasks.DONE and kind is not None and task.result is not None:
        return tr.gettext(kind.told, **task.result)
    if task.refusal is not None and task.state not in tasks.OPEN:
        told = task.refusal
        return Refused(told["code"], told["message"], **told["params"]).text(tr.gettext)
    return ""


def task_caveat(task: BackgroundTask, tr: Translator) -> str:
    """Return what a task that is done could not do, empty when there is nothing."""
    kind, result = ASKED.get(task.kind), task.result or {}
    if task.state != tasks.DONE or kind is None:
        return ""
    said = (tr.gettext(sentence, **result) for name, sentence in kind.but if result.get(name))
    return " ".join(said)
