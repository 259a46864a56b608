"""Release or grade again all of a unit: a task, because a county's unit has thousands.

Each submission goes through the verb of its own (``release``, ``regrade``), in its own
transaction: one that is refused does not hold up the rest. What is left to do is asked of
the data each time, so a task that was interrupted releases nothing twice.
"""

import uuid
from collections.abc import Callable
from datetime import datetime

from yanxiu.courses.reads import courses
from yanxiu.errors import N_, NotFound, Refused
from yanxiu.store import tasks
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.leases import Run
from yanxiu.store.refusals import audited
from yanxiu.store.tasks import Kind
from yanxiu.web.actor import Act, Actor
from yanxiu.web.permissions import check_may
from yanxiu.work.reads import attempts
from yanxiu.work.rules import State

from .regrade import regrade
from .release import release

RELEASE = Kind(
    "unit.release",
    title=N_("发布一个单元的全部已评成绩"),
    told=N_("已发布 {done} 份成绩。"),
    but=(("refused", N_("有 {refused} 份没有发布：可能缺少给未通过老师的评语。请逐份打开查看。")),),
    back=("organize/?unit={assignment}&state=marked", N_("这个单元的已评提交")),
)
REGRADE = Kind(
    "unit.regrade",
    title=N_("重新批改一个单元的全部失败提交"),
    told=N_("已把 {done} 份提交重新排队批改。"),
    but=(("refused", N_("有 {refused} 份没有排队，可能刚刚有了变化。请逐份打开查看。")),),
    back=("organize/?unit={assignment}&state=failed", N_("这个单元的失败提交")),
)
_VERBS: dict[str, tuple[State, Callable[[Store, Actor, uuid.UUID], None]]] = {
    RELEASE.name: (State.MARKED, release),
    REGRADE.name: (State.FAILED, regrade),
}


def ask(store: Store, actor: Actor, kind: Kind, assignment_id: uuid.UUID) -> uuid.UUID:
    """Have ``RELEASE`` or ``REGRADE`` done in the actor's schools; return the task."""
    audit = Event(
        actor.person_id, f"{kind.name}_ask", "assignment", str(assignment_id), actor.school_id
    )
    with audited(store, audit):
        check_may(actor, Act.RELEASE)

        def work(session: Session, now: datetime) -> uuid.UUID:
            assignment = courses.assignment(session, assignment_id)
            choices = courses.assignment_choices(session, actor.subtrees(Act.RELEASE))
            about = next((one.title for one in choices if one.id == assignment_id), None)
            if assignment is None or about is None:
                raise NotFound("assignment.not_here", N_("没有找到这个作业。请核对课程和作业名。"))
            return tasks.add(
                session,
                kind.name,
                asked_by=actor.person_id,
                now=now,
                school_id=actor.school_id,
                params={"assignment": str(assignment_id), "about": about.model_dump()},
                key=f"{kind.name}:{assignment_id}:{actor.person_id}",
            )

        return store.transact(work, audit)


def carry_out(run: Run, actor: Actor) -> dict[str, int]:
    """Do it; return how many were done and how many were refused."""
    store = run.store
    state, verb = _VERBS[run.kind.name]
    assignment_id = uuid.UUID(run.params["assignment"])
    check_may(actor, Act.RELEASE)
    with store.read() as session:
        left = attempts.in_state(session, assignment_id, state, actor.subtrees(Act.RELEASE))
    # How many there were when it began: what an earlier run did is not in the list any more.
    total = max(run.kept.get("total", 0), len(left))
    store.bookkeep(lambda session, _now: run.keep(session, total=total))
    refused = 0
    for number, submission_id in enumerate(left):
        run.step(total - len(left) + number, total)
        try:
            verb(store, actor, submission_id)
        except Refused as refusal:
            if refusal.status >= 500:
                raise  # the platform's trouble (busy, full): it says nothing of this one
            refused += 1
    run.step(total, total)
    return {"done": total - refused, "refused": refused}
