"""Mark a submission: points and a comment for each criterion that a person judges.

Of a unit whose tests ran in the learner's own kernel that is every task: the machine's
points are proposals, and giving them here is what confirms or corrects them. So it is when
the machine could not grade the submission at all.
"""

import uuid

from yanxiu_formats.units import Unit

from yanxiu.courses import kinds
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, NotFound
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import by_hand
from yanxiu.work.model import CriterionMark, Submission
from yanxiu.work.permissions import check_can_mark
from yanxiu.work.reads import submissions
from yanxiu.work.rules import State, check_verb

#: ``{(task id, criterion id): (points or None, comment)}``
Marks = dict[tuple[str, str], tuple[float | None, str]]
MAX_COMMENT = 2000


def mark(store: Store, actor: Actor, submission_id: uuid.UUID, marks: Marks, comment: str) -> None:
    """Keep the marks given so far; the submission is marked once every criterion is.

    :param marks: what to set; criteria that are not in it stay as they are, ``None``
        points take a mark back
    :param comment: for the teacher, about the whole
    """
    audit = Event(actor.person_id, "submission.mark", "submission", str(submission_id))
    with audited(store, audit), store.write(audit) as session:
        row = submissions.submission(session, submission_id, for_update=True)
        if row is None:
            raise NotFound("submission.not_found", N_("没有找到这份提交。请从列表里打开。"))
        audit.school_id = row.school_id
        school = row.school.path
        check_can_mark(
            actor,
            owner_id=row.person_id,
            school_path=school,
            duty=(row.assignment_id, row.school_id),
        )
        check_verb(row.state, "mark")
        definition = courses.unit(session, row.release_id, row.assignment.unit_key).definition
        unit = by_hand.as_marked(definition, row.state, row.auto_points)
        limits = kinds.criteria(unit)
        present = submissions.marks(session, row.id)
        for key, (points, text) in marks.items():
            if key not in limits:
                raise Invalid("mark.unknown", N_("没有这个评分项，请刷新页面后再评。"))
            if points is not None and not 0 <= points <= limits[key]:
                raise Invalid(
                    "mark.range",
                    N_("分数应在 0 到 {most} 之间，没有保存。"),
                    most=f"{limits[key]:g}",
                )
            if len(text) > MAX_COMMENT:
                raise Invalid(
                    "mark.comment_long", N_("评语最多 {most} 个字，没有保存。"), most=MAX_COMMENT
                )
            if key in present:
                session.delete(present.pop(key))
                session.flush()
            if points is not None:
                present[key] = CriterionMark(
                    submission_id=row.id,
                    task_id=key[0],
                    criterion_id=key[1],
                    points=kinds.rounded(unit, points),
                    comment=text.strip(),
                    marker_id=actor.person_id,
                    marked_at=store.clock(),
                )
                session.add(present[key])
        if len(comment) > MAX_COMMENT:
            raise Invalid(
                "mark.comment_long", N_("评语最多 {most} 个字，没有保存。"), most=MAX_COMMENT
            )
        row.comment = comment.strip()
        _total(row, unit, {key: one.points for key, one in present.items()})
        audit.details = {"criteria": len(present), "of": len(limits)}


def _total(row: Submission, unit: Unit, given: dict[tuple[str, str], float]) -> None:
    wanted = kinds.criteria(unit)
    # Points given by hand before the machine got through after all are not counted twice.
    points = {key: value for key, value in given.items() if key in wanted}
    complete = points.keys() == wanted.keys()
    row.rubric_points = kinds.rounded(unit, sum(points.values())) if points else None
    row.total_points = kinds.total(unit, row.auto_points, points.values()) if complete else None
    if complete:
        row.state = State.MARKED
    elif row.state != State.FAILED:  # which the machine may still try again
        row.state = State.WAITING
