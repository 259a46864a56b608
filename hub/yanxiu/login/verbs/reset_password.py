"""Give a teacher of one's schools a new one-time code."""

from yanxiu.errors import N_, NotFound
from yanxiu.login import accounts
from yanxiu.people.permissions import check_can_reset_password
from yanxiu.people.reads import people
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor


def reset_password(store: Store, actor: Actor, person_id: str) -> str:
    """Reset the password and return the one-time code, which is shown once."""
    attempt = Event(
        actor.person_id, "password.reset_refuse", "person", person_id[:17], actor.school_id
    )
    with audited(store, attempt):
        with store.read() as session:
            who = people.active_person(session, person_id)
            if who is None:
                raise NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))
            check_can_reset_password(
                actor,
                person_id=who.id,
                school_path=who.school.path,
                grants=people.grants(session, who.id),
            )
        return accounts.reset_password(store, actor.person_id, person_id)
