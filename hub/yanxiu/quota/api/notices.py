"""What somebody at work in Jupyter has to be told: it is about to be ended, or the disk is full.

The panel asks once a minute with the server's own token, and shows each notice once. Only one's own;
in the language that the panel asks for. ``docs/reference/records-api.md`` is the contract.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from yanxiu.clock import local
from yanxiu.errors import N_
from yanxiu.quota import homes
from yanxiu.quota.counters import Book
from yanxiu.quota.reads import stops
from yanxiu.quota.storage import worst
from yanxiu.quota.storage_sentences import in_lab
from yanxiu.web.actor import Actor
from yanxiu.web.deps import TheStore, learn_actor
from yanxiu.web.pages import reader

router = APIRouter(prefix="/api/v1")

Learner = Annotated[Actor, Depends(learn_actor)]
ENDS = N_(
    "管理员要停止您的 Jupyter（大约 {at}）：“{told}”。请现在保存；保存过的文件都在，交作业也可以在“我的研修”里进行。"
)


@router.get("/server/notices")
def notices(request: Request, actor: Learner, store: TheStore) -> list[dict[str, Any]]:
    """Return the caller's notices, the most urgent first."""
    tr, now = reader(request), store.clock()
    with store.read() as session:
        told = stops.unread(session, actor.person_id, now - stops.NEWS)
        if told is not None and not stops.still_there(session, told):
            told = None
        stored, _ = homes.stored(session, Book(session, {}), actor.person_id, actor.school_path)
    found = []
    if told is not None:
        at = f"{local(told.asked_at + stops.GRACE):%H:%M}"
        text = tr.gettext(ENDS, at=at, told=told.message)
        found.append({"id": f"stop-{told.id}", "text": text})
    full = worst(stored)
    if full is not None:
        # Of what and how far, but not how much: a MB more is no news.
        name = f"storage-{full.org}-{'full' if full.over else 'nearly'}"
        found.append({"id": name, "text": in_lab(full, tr)})
    return found
