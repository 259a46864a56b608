"""One submission: its receipt, what its author sees of it, its executed notebook."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, NotFound
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import Posted, TheForm, TheStore, current_actor, get_service
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.headers import may_be_framed
from yanxiu.web.heavy import heavy
from yanxiu.web.pages import go_to, reader, show
from yanxiu.work import contents, rules
from yanxiu.work.loaders import own_attempt, visible_attempt
from yanxiu.work.reads import attempts
from yanxiu.work.reads.answers import handed_in_answers
from yanxiu.work.rules import State
from yanxiu.work.verbs import withdraw as withdraw_verb

from . import reasons, words
from .notebooks import notebook_file, rendered_notebook
from .tasks import task_views

router = APIRouter()

Reader = Annotated[Actor, Depends(current_actor)]


@router.get("/receipts/{submission_id}")
def receipt(request: Request, submission_id: uuid.UUID, actor: Reader, store: TheStore) -> Response:
    """Show a receipt, for keeping and printing: nothing of the person but their own number."""
    with store.read() as session:
        row = visible_attempt(session, actor, submission_id)
        unit = courses.unit(session, row.release_id, row.assignment.unit_key).definition
    return show(
        request,
        "receipt.html",
        row=row,
        unit=unit,
        course=row.assignment.offering.course,
        new=request.query_params.get("new") == "1",
        own=row.person_id == actor.person_id,
    )


@router.get("/submissions/{submission_id}")
def submission(
    request: Request, submission_id: uuid.UUID, actor: Reader, store: TheStore
) -> Response:
    """Show a submission to its author; points and comments only once they are released."""
    return _page(request, store, actor, submission_id)


def _again(
    request: Request, store: Store, posted: Posted, submission_id: uuid.UUID, problem: Problem
) -> Response:
    return _page(
        request,
        store,
        posted.actor,
        submission_id,
        status=problem.status,
        banner=problem.banner,
    )


@router.post("/submissions/{submission_id}/withdraw")
@form_again(_again)
def withdraw(
    request: Request, submission_id: uuid.UUID, posted: TheForm, store: TheStore
) -> Response:
    """Take back what one handed in."""
    withdraw_verb.withdraw(store, posted.actor, submission_id)
    return go_to(request, f"submissions/{submission_id}")


def _page(
    request: Request,
    store: Store,
    actor: Actor,
    submission_id: uuid.UUID,
    *,
    status: int = 200,
    banner: tuple[str, str] | None = None,
) -> Response:
    with store.read() as session:
        row = own_attempt(session, actor, submission_id)
        definition = courses.unit(session, row.release_id, row.assignment.unit_key).definition
        unit = rules.unit_as_marked(definition, row.state, row.auto_points)
        released = row.released_at is not None
        scores = attempts.scores(session, row) if released else {}
        marks = attempts.marks(session, row) if released else {}
        run = attempts.run(session, row)
        taken_back = None if released else attempts.taken_back(session, row.id)
    tr, days = reader(request), get_service(request).site.retention.submissions_days
    return show(
        request,
        "submission.html",
        status=status,
        banner=banner,
        row=row,
        taken_back=taken_back,
        why=[reasons.of_failure(tr)]
        if row.state == State.FAILED
        else reasons.for_author(run.run_a if run else None, tr),
        deleted=words.contents_deleted(row, days, tr),
        may_withdraw=rules.may(row.state, "withdraw"),
        unit=unit,
        full=unit.full_points,
        released=released,
        badge=words.submission_badge(row.state, tr, author=True),
        tasks=task_views(
            unit,
            tr,
            answers=handed_in_answers(store.blobs, row, unit),
            scores=scores,
            marks=marks,
            files=f"{get_service(request).prefix}submissions/{row.id}/files/",
        ),
    )


@router.get("/submissions/{submission_id}/executed", dependencies=[Depends(may_be_framed)])
@heavy
def executed(
    request: Request, submission_id: uuid.UUID, actor: Reader, store: TheStore
) -> Response:
    """Return the executed notebook, to its author and to those who may mark it."""
    with store.read() as session:
        row = visible_attempt(session, actor, submission_id)
    contents.check_there(row)
    if row.rendered_blob is not None:
        return rendered_notebook(request, store.blobs.open(row.rendered_blob))
    if row.executed_blob is None:
        raise _no_notebook()
    raise Invalid(
        "executed.not_rendered",
        N_(
            "这份笔记本太复杂，显示时超出了限制（内存或时间）。请下载后用 Jupyter 打开，或看表格里的答案。"
        ),
    )


@router.get("/submissions/{submission_id}/executed.ipynb")
@heavy
def executed_file(
    request: Request, submission_id: uuid.UUID, actor: Reader, store: TheStore
) -> Response:
    """Return the executed notebook as a file, to its author and to those who may mark it."""
    with store.read() as session:
        row = visible_attempt(session, actor, submission_id)
    contents.check_there(row)
    if row.executed_blob is None:
        raise _no_notebook()
    return notebook_file(store.blobs.open(row.executed_blob), f"{row.receipt_no}.ipynb")


def _no_notebook() -> NotFound:
    return NotFound("executed.none", N_("这份提交没有执行过的笔记本。"))
