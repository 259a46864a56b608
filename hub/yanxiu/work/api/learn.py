"""The API of a teacher's own server: units, their files, submit, receipts.

Translates between HTTP and verbs; ``docs/reference/records-api.md`` is the contract. Every
handler takes the actor's own token or session and shows nothing of anybody else.
"""

import uuid
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from yanxiu_formats.bundle import below

from yanxiu.clock import local
from yanxiu.courses.loaders import enrolled_assignment
from yanxiu.courses.reads import courses
from yanxiu.store.blobs import chunks_of
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.bodies import is_short, received
from yanxiu.web.deps import Asking, get_service, get_store, learn_actor, learner_id, load_learner
from yanxiu.web.downloads import download
from yanxiu.web.heavy import heavy
from yanxiu.work.reads import attempts
from yanxiu.work.receipts import Receipt
from yanxiu.work.verbs import submit as verb

router = APIRouter(prefix="/api/v1")

Learner = Annotated[Actor, Depends(learn_actor)]
TheStore = Annotated[Store, Depends(get_store)]


@router.get("/units")
def units(actor: Learner, store: TheStore) -> list[dict[str, Any]]:
    """Return what the caller is to do."""
    with store.read() as session:
        rows = courses.enrolled_assignments(session, actor.person_id)
        latest = attempts.latest_states(session, actor.person_id)
        taken = attempts.attempts_taken(session, actor.person_id)
        results = attempts.released_results(session, actor.person_id)
        digests = courses.release_digests(session, [one.release_id for _, one in rows])
    return [
        {
            "assignment": str(assignment.id),
            "course": assignment.offering.course_id,
            "unit": assignment.unit_key,
            "name": unit.definition.name,
            "kind": unit.definition.kind,
            "point": unit.definition.point,
            "title": unit.definition.title.model_dump(),
            "notebooks": list(unit.definition.notebooks),
            "release": digests[unit.release_id],
            "learner": unit.learner_blob,
            "state": latest.get(assignment.id, "open"),
            "passed": results.get(assignment.id),
            "opens_at": local(assignment.offering.opens_at).isoformat(),
            "due_at": local(assignment.due_at).isoformat(),
            "late_until": local(assignment.late_until).isoformat(),
            "attempts": taken.get(assignment.id, 0),
            "max_attempts": assignment.max_attempts,
            "folder": f"研修/{assignment.unit_key}",
        }
        for assignment, unit in rows
    ]


@router.get("/units/{assignment_id}/release")
@heavy
def release(
    request: Request, assignment_id: uuid.UUID, actor: Learner, store: TheStore
) -> Response:
    """Return the learner's folder as a tar."""
    with store.read() as session:
        assignment = enrolled_assignment(session, actor, assignment_id)
        unit = courses.unit_of(session, assignment)
    out = store.blobs.unnamed()
    with store.blobs.open(unit.learner_blob) as tar:
        below(chunks_of(tar), unit.unit_key, out)
    return download(out, "application/x-tar", {"Cache-Control": "no-store"})


@router.post("/units/{assignment_id}/submissions", status_code=201, response_model=None)
async def submit(
    request: Request,
    assignment_id: uuid.UUID,
    asking: Annotated[Asking, Depends(learner_id)],
    x_client_key: Annotated[str | None, Header()] = None,
) -> Response:
    """Accept a bundle, streamed; answer with its receipt.

    What is short is here before anybody could be told that they may not; then one thread does
    it all, because each change of threads costs as much as a query.
    """
    service = get_service(request)
    store, site = service.store, service.site

    def may_send() -> Actor:
        actor = load_learner(request, asking)
        verb.check_open(store, actor, assignment_id, x_client_key)
        return actor

    def hand_in(body: IO[bytes], actor: Actor | None) -> Receipt:
        return verb.submit(
            store,
            site,
            actor or load_learner(request, asking),
            assignment_id,
            chunks_of(body),
            via="jupyter",
            client_key=x_client_key,
        )

    actor = None if is_short(request) else await run_in_threadpool(may_send)
    async with received(request, store.blobs, site) as body:
        receipt = await run_in_threadpool(hand_in, body, actor)
    return JSONResponse(receipt_json(receipt, receipt_url(request, receipt)), 201)


@router.get("/units/{assignment_id}/submissions")
def mine(assignment_id: uuid.UUID, actor: Learner, store: TheStore) -> list[dict[str, Any]]:
    """Return the caller's attempts; points only once they are released."""
    with store.read() as session:
        rows = attempts.attempts(session, assignment_id, actor.person_id)
    return [
        {
            "receipt": row.receipt_no,
            "attempt": row.number,
            "received_at": local(row.received_at).isoformat(),
            "late": row.late,
            "state": row.state,
            "total_points": row.total_points if row.released_at else None,
            "passed": row.passed,
        }
        for row in rows
    ]


def receipt_url(request: Request, receipt: Receipt) -> str:
    """Return the address of the receipt's page; Jupyter, which shows it, is on another host."""
    service = get_service(request)
    return f"{service.layout.portal}{service.prefix}receipts/{receipt.submission_id}"


def receipt_json(receipt: Receipt, url: str) -> dict[str, Any]:
    """Return a receipt as the API shows it."""
    return {
        "receipt": receipt.number,
        "attempt": receipt.attempt,
        "received_at": local(receipt.received_at).isoformat(),
        "digest": receipt.digest,
        "late": receipt.late,
        "url": url,
    }
