"""What people say of themselves: the stages and subjects that they teach."""

from collections.abc import Sequence
from datetime import datetime

from yanxiu.errors import N_, Invalid
from yanxiu.people.reads import profiles
from yanxiu.settings.codes import CodeTables
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import check_session

MOST_SUBJECTS = 8


def save(
    store: Store, codes: CodeTables, actor: Actor, stages: Sequence[str], subjects: Sequence[str]
) -> None:
    """Keep the actor's stages and subjects, in the order of the tables.

    :raises Invalid: a code that is not in the site's tables, or too many of them
    """
    check_session(actor)
    if not set(stages) <= codes.stages.keys() or not set(subjects) <= codes.subjects.keys():
        raise Invalid("profile.code", N_("学段或学科不在代码表里，没有保存。请刷新页面再选。"))
    if len(set(subjects)) > MOST_SUBJECTS:
        raise Invalid("profile.many", N_("学科最多选 {most} 个，没有保存。"), most=MOST_SUBJECTS)
    audit = Event(actor.person_id, "profile.save", "person", actor.person_id, actor.school_id)

    def work(session: Session, now: datetime) -> None:
        profiles.set_profile(
            session,
            actor.person_id,
            [code for code in codes.stages if code in stages],
            [code for code in codes.subjects if code in subjects],
            now,
        )

    store.transact(work, audit)
