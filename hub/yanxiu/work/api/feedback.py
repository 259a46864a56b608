"""What became of one's own work, for programs: points, sentences, and a page to keep.

Shows what the portal shows, once it is released and to nobody but the author. Called by the
Lab panel and by ``nbgrader fetch_feedback``; ``docs/reference/records-api.md`` is the contract.
"""

import shutil
import uuid
from dataclasses import dataclass
from typing import IO, Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from yanxiu_formats.bundle import OURS, Content, Files, Member, members
from yanxiu_formats.tasks import AnyTask
from yanxiu_formats.units import Unit

from yanxiu.courses.loaders import enrolled_assignment
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, NotFound
from yanxiu.store.blobs import chunks_of
from yanxiu.store.engine import Session, Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import get_store, learn_actor
from yanxiu.web.downloads import download
from yanxiu.web.heavy import heavy
from yanxiu.web.pages import reader
from yanxiu.work import contents, rules
from yanxiu.work.model import Attempt, TaskScore
from yanxiu.work.pages import feedback_page
from yanxiu.work.permissions import no_submission
from yanxiu.work.reads import attempts
from yanxiu.work.rules import Marking

router = APIRouter(prefix="/api/v1")

Learner = Annotated[Actor, Depends(learn_actor)]
TheStore = Annotated[Store, Depends(get_store)]


@dataclass(frozen=True)
class Graded:
    """A released attempt and what it is judged by."""

    row: Attempt
    unit: Unit
    scores: dict[str, TaskScore]
    marks: dict[tuple[str, str], Marking]


@router.get("/units/{assignment_id}/feedback")
def newest(assignment_id: uuid.UUID, actor: Learner, store: TheStore) -> dict[str, Any]:
    """Return the newest released attempt's points and sentences."""
    with store.read() as session:
        enrolled_assignment(session, actor, assignment_id)
        rows = attempts.attempts(session, assignment_id, actor.person_id)
        row = next((one for one in rows if one.released_at is not None), None)
        if row is None:
            return {"released": False}
        graded = _graded(session, row)
    return {
        "released": True,
        "receipt": row.receipt_no,
        "attempt": row.number,
        "total_points": row.total_points,
        "max_points": graded.unit.full_points,
        "passed": row.passed,
        "comment": row.comment,
        "contents_deleted": row.bundle_blob is None,
        "tasks": [_task(task, graded) for task in graded.unit.tasks],
    }


@router.get("/units/{assignment_id}/submissions/{receipt}/feedback")
@heavy
def files(
    request: Request, assignment_id: uuid.UUID, receipt: str, actor: Learner, store: TheStore
) -> Response:
    """Return the page of one released attempt as tar."""
    with store.read() as session:
        rows = attempts.attempts(session, assignment_id, actor.person_id)
        row = next((one for one in rows if one.receipt_no == receipt), None)
        if row is None:
            raise no_submission()
        if row.released_at is None:
            raise NotFound(
                "feedback.not_released", N_("这次提交的成绩还没有发布，请过些时候再来取。")
            )
        graded = _graded(session, row)
        contents.check_there(row)
        given_blob = attempts.given_feedback(session, row.id)
        course = courses.assignment(session, assignment_id)
    assert course is not None
    head, tail = feedback_page.around(
        reader(request),
        row=row,
        unit=graded.unit,
        course=course.offering.course,
        tasks=[_task(task, graded) for task in graded.unit.tasks],
        has_notebook=row.has_notebook or row.executed_blob is not None,
        has_cells=row.rendered_blob is not None,
    )
    out = store.blobs.unnamed()
    with Files(store.blobs.unnamed()) as found, store.blobs.unnamed() as page:
        page.write(head.encode())
        if row.rendered_blob:
            _copy(store, row.rendered_blob, page)
        page.write(tail.encode())
        size = page.tell()
        page.seek(0)
        found.add(Member("feedback.html", size, Content(page)))
        # What an organizer made elsewhere comes beside ours, as files: no page of ours shows it.
        if given_blob:
            with store.blobs.open(given_blob) as given:
                for one in members(chunks_of(given), OURS):
                    found.add(one)
        found.pack(out)
    return download(out, "application/x-tar", {"Cache-Control": "no-store"})


def _copy(store: Store, digest: str, out: IO[bytes]) -> None:
    with store.blobs.open(digest) as file:
        shutil.copyfileobj(file, out)


def _graded(session: Session, row: Attempt) -> Graded:
    assignment = courses.assignment(session, row.assignment_id)
    assert assignment is not None
    definition = courses.unit(session, row.release_id, assignment.unit_key).definition
    unit = rules.unit_as_marked(definition, row.state, row.auto_points)
    scores, marks = attempts.scores(session, row), attempts.marks(session, row)
    return Graded(row, unit, scores, marks)


def _task(task: AnyTask, graded: Graded) -> dict[str, Any]:
    """Return one task with what it was given; None for points is *not marked*."""
    score = graded.scores.get(task.id)
    criteria: list[dict[str, Any]] = [
        {
            "title": criterion.title.model_dump(),
            "points": mark.points if mark else None,
            "max": criterion.points,
            "comment": mark.comment if mark else "",
        }
        for criterion in task.criteria
        for mark in [graded.marks.get((task.id, criterion.id))]
    ]
    given = [one["points"] for one in criteria if one["points"] is not None]
    points = score.points if score else None
    if criteria and len(given) == len(criteria):
        points = sum(given)
    return {
        "id": task.id,
        "title": task.title.model_dump(),
        "points": points,
        "max": task.points,
        "message": score.message or None if score else None,
        "comment": "\n".join(str(one["comment"]) for one in criteria if one["comment"]),
        "criteria": criteria,
    }
