"""The API of an organizer's own computer: collect, give feedback back, release assignments.

For nbgrader's instructor commands, with a token that the operator issued for teaching and
nothing else: no cookie and no server's token counts here. Translates between HTTP and
``verbs.teach``; ``docs/reference/records-api.md`` is the contract.
"""

import uuid
from pathlib import PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.params import Path as PathParam
from fastapi.params import Query

from yanxiu.clock import local
from yanxiu.courses import bundles
from yanxiu.courses.nbgrader import config
from yanxiu.courses.verbs import import_course as course_verb
from yanxiu.settings.model import SLUG, Site
from yanxiu.store.blobs import chunks_of
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.bodies import received
from yanxiu.web.deps import get_site, get_store, teach_actor
from yanxiu.web.downloads import download
from yanxiu.web.heavy import heavy
from yanxiu.web.pages import reader
from yanxiu.work.reads.attempts import any_for
from yanxiu.work.verbs import teach as verb

#: What the teacher's nbgrader went by, as nbgrader writes settings in JSON.
_SETTINGS = "settings.json"

router = APIRouter(prefix="/api/v1/teach")

Teacher = Annotated[Actor, Depends(teach_actor)]
TheStore = Annotated[Store, Depends(get_store)]
TheSite = Annotated[Site, Depends(get_site)]


@router.get("/assignments")
def assignments(actor: Teacher, store: TheStore) -> list[dict[str, Any]]:
    """Return the assignments whose submissions the caller may collect."""
    return [
        {
            "assignment": str(one.assignment.id),
            "course": one.assignment.offering.course_id,
            "offering": one.assignment.offering_id,
            "unit": one.assignment.unit_key,
            "name": one.definition.name,
            "kind": one.definition.kind,
            "notebooks": list(one.definition.notebooks),
            "due_at": local(one.assignment.due_at).isoformat(),
        }
        for one in verb.list_courses(store, actor)
    ]


@router.get("/assignments/{assignment_id}/submissions")
def submissions(
    assignment_id: uuid.UUID,
    actor: Teacher,
    store: TheStore,
    after: Annotated[uuid.UUID | None, Query()] = None,
) -> list[dict[str, Any]]:
    """Return a page of submissions, oldest first; ask again ``after`` the last one."""
    return [
        {
            "submission": str(one.id),
            "student": one.person_id,
            "attempt": one.number,
            "received_at": local(one.received_at).isoformat(),
            "late": one.late,
            "state": one.state,
            "digest": one.digest,
            "receipt": one.receipt_no,
            "deleted": one.deleted,
        }
        for one in verb.list_handed_in(store, actor, assignment_id, after)
    ]


@router.get("/submissions/{submission_id}/bundle")
@heavy
def bundle(request: Request, submission_id: uuid.UUID, actor: Teacher, store: TheStore) -> Response:
    """Return what was handed in."""
    tar = verb.collect(store, actor, submission_id)
    return download(tar, "application/x-tar", {"Cache-Control": "no-store"})


@router.post("/submissions/{submission_id}/feedback")
async def feedback(
    request: Request, submission_id: uuid.UUID, actor: Teacher, store: TheStore, site: TheSite
) -> dict[str, Any]:
    """Take a tar of HTML files; say whether the result is released now."""
    async with received(request, store.blobs, site) as body:
        chunks = chunks_of(body)
        refusal = await run_in_threadpool(
            verb.give_feedback, store, site, actor, submission_id, chunks
        )
    if refusal is None:
        return {"released": True}
    text = refusal.text(reader(request).gettext)
    return {"released": False, "code": refusal.code, "message": text}


@router.post("/courses/{course_id}/assignments/{name}", status_code=201)
async def release_assignment(
    request: Request,
    course_id: Annotated[str, PathParam(pattern=SLUG)],
    name: Annotated[str, PathParam(max_length=80)],
    actor: Teacher,
    store: TheStore,
    site: TheSite,
    offering: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:
    """Take a tar of one nbgrader assignment: ``source/…``, ``release/…``, ``settings.json``."""
    async with received(request, store.blobs, site) as body:
        chunks = chunks_of(body)
        made = await run_in_threadpool(
            _release, store, site, actor, course_id, name, chunks, offering
        )
    held = made.held
    return {
        "course": made.course_id,
        "new": made.new,
        "offering": held.offering if held else None,
        "units": list(made.units),
        "notes": [one.text(reader(request).gettext) for one in made.notes],
    }


def _release(
    store: Store,
    site: Site,
    actor: Actor,
    course_id: str,
    name: str,
    chunks: Any,
    offering: str | None,
) -> course_verb.Imported:
    files = bundles.read_files(chunks, site.bundle)
    said = files.get(_SETTINGS)
    parts: dict[str, dict[str, bytes]] = {"source": {}, "release": {}, "parts": {}}
    for path, content in files.items():
        top, *rest = PurePosixPath(path).parts
        if top in parts and rest:
            parts[top]["/".join(rest)] = content
    return course_verb.import_assignment(
        store,
        site,
        actor,
        course_id,
        name,
        parts["source"],
        parts["release"] or None,
        handed_in=any_for,
        settings=config.of_json(said, "nbgrader_config") if said is not None else None,
        parts=parts["parts"],
        offering_id=offering,
    )
