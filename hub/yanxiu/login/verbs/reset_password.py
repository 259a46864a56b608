"""Give a teacher of one's schools a new one-time code."""

from yanxiu.login import accounts
from yanxiu.people.model import Person
from yanxiu.people.permissions import check_can_reset_password
from yanxiu.people.reads import people
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor


def reset_password(store: Store, actor: Actor, person_id: str) -> str:
    """Reset the password and return the one-time code, which is shown once."""
    attempt = Event(
        actor.person_id, "password.reset_refuse", "person", person_id[:17], actor.school_id
    )

    def check(session: Session, who: Person) -> None:
        check_can_reset_password(
            actor,
            person_id=who.id,
            school_path=who.school.path,
            grants=people.grants(session, who.id),
        )

    with audited(store, attempt):
        return accounts.reset_password(store, actor.person_id, person_id, check)
