"""The grading page: one submission, its rubric, and the way to the next."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response
from yanxiu_formats.numbers import NotANumber, number_text, parse_number

from yanxiu.courses import forms, kinds
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import Posted, TheForm, TheStore, get_service, marker
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.pages import go_to, reader, show
from yanxiu.work import rules
from yanxiu.work.loaders import visible_attempt, whose
from yanxiu.work.permissions import (
    can_mark,
    can_release,
    check_can_open_for_marking,
)
from yanxiu.work.reads import attempts, jobs
from yanxiu.work.reads import listing as queries
from yanxiu.work.reads.answers import handed_in_answers
from yanxiu.work.verbs import mark as mark_verb
from yanxiu.work.verbs.correct import correct
from yanxiu.work.verbs.regrade import regrade
from yanxiu.work.verbs.release import release

from . import reasons, words
from .listing import View, read_view
from .tasks import task_views

router = APIRouter(prefix="/organize/submissions")


@router.get("/{submission_id}")
def grading_page(
    request: Request,
    submission_id: uuid.UUID,
    actor: Annotated[Actor, Depends(marker)],
    store: TheStore,
) -> Response:
    """Show a submission for marking."""
    banners = {
        "saved": ("success", N_("评分已保存。")),
        "released": ("success", N_("成绩已发布，老师现在可以看到。")),
        "queued": ("success", N_("已重新排队批改，稍后请刷新。")),
        "taken_back": ("success", N_("成绩已收回，老师看不到了；登记过的学时也已冲回。")),
        "last": ("info", N_("评分已保存。这是列表里的最后一份。")),
    }
    banner = banners.get(request.query_params.get("done", ""))
    return _page(request, store, actor, submission_id, banner=banner)


def _page(
    request: Request,
    store: Store,
    actor: Actor,
    submission_id: uuid.UUID,
    *,
    status: int = 200,
    banner: tuple[str, str] | None = None,
    typed: forms.Fields | None = None,
    reason: str = "",
) -> Response:
    view, tr = read_view(request), reader(request)
    with store.read() as session:
        row = visible_attempt(session, actor, submission_id, check=check_can_open_for_marking)
        definition = courses.unit(session, row.release_id, row.assignment.unit_key).definition
        unit = rules.unit_as_marked(definition, row.state, row.auto_points)
        scores = attempts.scores(session, row)
        marks = attempts.marks(session, row)
        unseen = attempts.lacks_page(session, row)
        run = attempts.run(session, row)
        found = jobs.of_attempt(session, row.id)
        before, after = queries.neighbours(session, view.filter(actor), row.received_at, row.id)
    own = row.person_id == actor.person_id
    days = get_service(request).site.retention.submissions_days
    return show(
        request,
        "marking.html",
        status=status,
        row=row,
        person=row.person,
        school=row.school,
        unit=unit,
        full=unit.full_points,
        in_kernel=kinds.kind_of(unit).in_kernel,
        tasks=task_views(
            unit,
            tr,
            answers=handed_in_answers(store.blobs, row, unit),
            scores=scores,
            marks=marks,
            files=f"{get_service(request).prefix}submissions/{row.id}/files/",
        ),
        badge=words.submission_badge(row.state, tr, author=False),
        failure=words.failure(found[0].failure if found else None, tr),
        job=found[0] if found else None,
        own=own,
        deleted=words.contents_deleted(row, days, tr),
        may_mark=can_mark(actor, **whose(row)) and rules.may(row.state, "mark"),
        # The form saves the last marks and releases in one step.
        may_release=can_release(actor, **whose(row)),
        may_correct=can_release(actor, **whose(row)) and rules.may(row.state, "correct"),
        may_regrade=can_release(actor, **whose(row)) and rules.may(row.state, "regrade"),
        unseen=unseen,
        why=reasons.for_staff(run.run_a if run else None, tr),
        may_show_again=can_release(actor, **whose(row)) and rules.may(row.state, "show_again"),
        view=view,
        before=before,
        after=after,
        banner=banner,
        field=lambda name, stored: _field(typed, name, stored),
        reason=reason,
    )


def _marks_again(
    request: Request, store: Store, posted: Posted, submission_id: uuid.UUID, problem: Problem
) -> Response:
    return _page(
        request,
        store,
        posted.actor,
        submission_id,
        status=problem.status,
        banner=problem.banner,
        typed=posted.texts(),
    )


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
        reason=posted.text("reason"),
    )


@router.post("/{submission_id}/mark")
@form_again(_marks_again)
def save_marks(
    request: Request, submission_id: uuid.UUID, posted: TheForm, store: TheStore
) -> Response:
    """Save the marks, and go on as the button says."""
    actor, view, target = posted.actor, read_view(request), posted.text("do", "save")
    marks = read_marks(posted.texts())
    mark_verb.mark(store, actor, submission_id, marks, posted.text("comment"))
    if target == "release":
        release(store, actor, submission_id)
    if target in {"next", "previous"}:
        other = _neighbour(store, actor, submission_id, view, target)
        if other is not None:
            return _to(request, other, view)
        return _to(request, submission_id, view, "last")
    return _to(request, submission_id, view, "released" if target == "release" else "saved")


def read_marks(typed: forms.Fields) -> mark_verb.Marks:
    """Return the marks that a form gives: ``m.<task>.<criterion>`` and ``c.…`` for comments.

    :raises Invalid: points that are not a number
    """
    marks: mark_verb.Marks = {}
    for name, values in typed.items():
        kind, _, rest = name.partition(".")
        task, _, criterion = rest.partition(".")
        if kind != "m":
            continue
        comment = (typed.get(f"c.{rest}") or [""])[0]
        try:
            points = parse_number(values[0], ("分",))
        except NotANumber:
            raise Invalid(
                "mark.number",
                N_("“{text}”不是分数。请只填数字，没有保存。"),
                text=values[0].strip()[:20],
            ) from None
        marks[task, criterion] = (None if points is None else float(points), comment)
    # Nothing is chosen of levels that one did not touch, so that only the comment is there.
    for name, values in typed.items():
        if name.startswith("c.") and values[0].strip():
            task, _, criterion = name[2:].partition(".")
            marks.setdefault((task, criterion), (None, values[0]))
    return marks


def _neighbour(
    store: Store, actor: Actor, submission_id: uuid.UUID, view: View, direction: str
) -> uuid.UUID | None:
    with store.read() as session:
        row = visible_attempt(session, actor, submission_id, check=check_can_open_for_marking)
        before, after = queries.neighbours(session, view.filter(actor), row.received_at, row.id)
    return after if direction == "next" else before


@router.post("/{submission_id}/release")
@form_again(_again)
def release_one(
    request: Request, submission_id: uuid.UUID, posted: TheForm, store: TheStore
) -> Response:
    """Show the marks to the teacher."""
    release(store, posted.actor, submission_id)
    return _to(request, submission_id, read_view(request), "released")


@router.post("/{submission_id}/regrade")
@form_again(_again)
def grade_again(
    request: Request, submission_id: uuid.UUID, posted: TheForm, store: TheStore
) -> Response:
    """Send a failed submission through the machine once more."""
    regrade(store, posted.actor, submission_id)
    return _to(request, submission_id, read_view(request), "queued")


@router.post("/{submission_id}/correct")
@form_again(_again)
def take_back(
    request: Request, submission_id: uuid.UUID, posted: TheForm, store: TheStore
) -> Response:
    """Take a released result back."""
    correct(store, posted.actor, submission_id, posted.text("reason"))
    return _to(request, submission_id, read_view(request), "taken_back")


def _to(request: Request, submission_id: uuid.UUID, view: View, done: str = "") -> Response:
    query = "&".join(part for part in (view.query(), f"done={done}" if done else "") if part)
    path = f"organize/submissions/{submission_id}"
    return go_to(request, f"{path}?{query}" if query else path)


def _field(typed: Mapping[str, Sequence[str]] | None, name: str, stored: Any) -> str:
    """Return what a field shows: what was just typed, else what is stored."""
    if typed is not None:
        return (typed.get(name) or [""])[0]
    return stored if isinstance(stored, str) else number_text(stored)
