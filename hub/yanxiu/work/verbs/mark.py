"""Mark an attempt: points and a comment for each criterion that a person judges.

Of a unit whose tests ran in the learner's own kernel that is every task: the machine's
points are proposals, and giving them here is what confirms or corrects them. So it is when
the machine could not grade the attempt at all.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from yanxiu.courses import kinds
from yanxiu.errors import N_, Invalid
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import rules
from yanxiu.work.model import Marking
from yanxiu.work.permissions import check_can_mark

from .claim import claim_for

#: ``{(task id, criterion id): (points or None, comment)}``
Marks = dict[tuple[str, str], tuple[float | None, str]]
MAX_COMMENT = 2000


def mark(store: Store, actor: Actor, attempt_id: uuid.UUID, marks: Marks, comment: str) -> None:
    """Keep the marks given so far; the attempt is marked once every criterion is.

    :param marks: what to set; criteria that are not in it stay as they are, ``None``
        points take a mark back
    :param comment: for the teacher, about the whole
    :raises Invalid: points out of range, or a comment on a criterion without points
    """
    audit = Event(actor.person_id, "submission.mark", "submission", str(attempt_id))

    def work(session: Session, now: datetime) -> None:
        with claim_for(session, now, actor, attempt_id, check_can_mark, audit) as (held, attempt):
            found = held.check(attempt, "mark")
            unit = rules.unit_as_marked(held.unit(attempt), found.state, found.auto_points)
            limits = kinds.criteria(unit)
            for key, (points, text) in marks.items():
                _check(limits.get(key), points, text)
            _check_comment(comment)
            present = held.marks(attempt)
            given = {
                key: (None if points is None else kinds.rounded(unit, points), text.strip())
                for key, (points, text) in marks.items()
            }
            given[rules.WHOLE] = (None, comment.strip())
            # The form sends all of them every time: only what is new is news.
            news = [
                Marking(
                    task_id=key[0],
                    criterion_id=key[1],
                    marker_id=actor.person_id,
                    capacity=rules.GRADER,
                    points=points,
                    comment=text,
                )
                for key, (points, text) in given.items()
                if (points, text) != present.get(key, (None, ""))
            ]
            if news:
                held.mark(attempt, news)
            counted = held.marks(attempt).keys() & limits.keys()
            audit.details = {"criteria": len(counted), "of": len(limits)}

    with audited(store, audit):
        store.transact(work, audit)


def _check(limit: float | None, points: float | None, text: str) -> None:
    if limit is None:
        raise Invalid("mark.unknown", N_("没有这个评分项，请刷新页面后再评。"))
    if points is not None and not 0 <= points <= limit:
        raise Invalid("mark.range", N_("分数应在 0 到 {most} 之间，没有保存。"), most=f"{limit:g}")
    _check_comment(text)
    # It would count for nothing, and be news at every save.
    if points is None and text.strip():
        raise Invalid("mark.comment_alone", N_("有一条评语还没有选分数。请给这一项打分，再保存。"))


def _check_comment(text: str) -> None:
    if len(text) > MAX_COMMENT:
        raise Invalid("mark.comment_long", N_("评语最多 {most} 个字，没有保存。"), most=MAX_COMMENT)
