"""Who may see, mark and release what teachers handed in. See ``web.permissions``."""

import uuid

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.roles import Act
from yanxiu.web.actor import Actor, Way
from yanxiu.web.permissions import allowed, check_session, check_teaching, organizers_only

#: A unit and a school: what a grader is put in charge of.
Assigned = tuple[uuid.UUID, uuid.UUID]


def check_can_see_submission(
    actor: Actor, *, owner_id: str, school_path: str, assigned: Assigned | None = None
) -> None:
    """A submission is seen by its author, organizers above its author's school, its graders."""
    if owner_id == actor.person_id:
        return
    if actor.way is not Way.LEARN_TOKEN and _in_charge(actor, Act.SEE_WORK, school_path, assigned):
        return
    raise no_submission()


def check_can_open_for_marking(
    actor: Actor, *, owner_id: str, school_path: str, assigned: Assigned | None = None
) -> None:
    """The grading page is for those who may mark the school's work, not for its author alone."""
    check_can_see_submission(actor, owner_id=owner_id, school_path=school_path, assigned=assigned)
    if not _in_charge(actor, Act.SEE_WORK, school_path, assigned):
        raise no_submission()


def check_can_mark(
    actor: Actor, *, owner_id: str, school_path: str, assigned: Assigned | None = None
) -> None:
    """Marks are given by organizers above the author's school and by its graders, not its author."""
    check_teaching(actor)
    if not _in_charge(actor, Act.MARK, school_path, assigned):
        raise no_submission()
    if owner_id == actor.person_id:
        raise Refused("mark.own_work", N_("不能给自己的作业评分，请由另一位管理员评分。"))


def can_mark(
    actor: Actor, *, owner_id: str, school_path: str, assigned: Assigned | None = None
) -> bool:
    """Ask ``check_can_mark``."""
    return allowed(
        check_can_mark, actor, owner_id=owner_id, school_path=school_path, assigned=assigned
    )


def check_can_release(
    actor: Actor, *, owner_id: str, school_path: str, assigned: Assigned | None = None
) -> None:
    """Releasing and grading again are for organizers: a grader marks and nothing else."""
    check_can_mark(actor, owner_id=owner_id, school_path=school_path, assigned=assigned)
    if not actor.reaches(Act.RELEASE, school_path):
        raise Refused("release.organizer", N_("评分员只评分；发布成绩和重新批改由管理员来做。"))


def can_release(
    actor: Actor, *, owner_id: str, school_path: str, assigned: Assigned | None = None
) -> bool:
    """Ask ``check_can_release``."""
    return allowed(
        check_can_release, actor, owner_id=owner_id, school_path=school_path, assigned=assigned
    )


def check_can_withdraw(actor: Actor, *, owner_id: str) -> None:
    """What was handed in is taken back by its author, wherever they are, and nobody else."""
    if owner_id != actor.person_id:
        raise no_submission()


def can_withdraw(actor: Actor, *, owner_id: str) -> bool:
    """Ask ``check_can_withdraw``."""
    return allowed(check_can_withdraw, actor, owner_id=owner_id)


def _in_charge(actor: Actor, act: Act, school_path: str, assigned: Assigned | None) -> bool:
    return actor.reaches(act, school_path) or (assigned is not None and actor.is_to_mark(*assigned))


def no_submission() -> NotFound:
    """Return the refusal for what does not exist: the same as for a stranger's."""
    return NotFound(
        "submission.not_found", N_("没有找到这份提交。请从列表里打开，或核对回执编号。")
    )


def check_can_teach(actor: Actor) -> None:
    """Collecting over the API is for organizers, and for graders who have something to mark."""
    check_teaching(actor)
    if not actor.marks:
        raise organizers_only()


def check_can_assign_grader(actor: Actor, *, school_path: str) -> None:
    """Graders are put in charge of a school's submissions by organizers above it."""
    check_session(actor)
    if not actor.reaches(Act.ASSIGN_GRADER, school_path):
        raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))
