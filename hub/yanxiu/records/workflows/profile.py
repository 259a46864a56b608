"""What people do with their own data: say what they teach, and take a copy of everything."""

from collections.abc import Sequence

from yanxiu.errors import N_, Invalid
from yanxiu.records.actor import Actor
from yanxiu.records.permissions import check_session
from yanxiu.settings.codes import CodeTables
from yanxiu.store import profiles
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.queries import own

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
    with store.write(audit) as session:
        profiles.set_profile(
            session,
            actor.person_id,
            [code for code in codes.stages if code in stages],
            [code for code in codes.subjects if code in subjects],
            store.clock(),
        )


def copy(store: Store, actor: Actor) -> own.Own:
    """Return everything that is kept of the actor; audited, because it leaves the platform."""
    check_session(actor)
    with store.read() as session:
        found = own.everything(session, actor.person_id)
    store.note(Event(actor.person_id, "profile.export", "person", actor.person_id, actor.school_id))
    return found
