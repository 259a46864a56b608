"""Load who is asking from the store: once per request, never cached over requests."""

from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor, Role, Way

from . import people, profiles, roles


def load_actor(store: Store, person_id: str, way: Way = Way.SESSION) -> Actor | None:
    """Return the actor, or None when there is no such active person.

    Three queries, and one more for a grader.
    """
    with store.read() as session:
        who = people.active_person(session, person_id)
        if who is None:
            return None
        must_change, consent = profiles.owed(session, person_id)
        held = frozenset((Role(role), path) for role, path in people.grants(session, person_id))
        grades = any(role is Role.GRADER for role, _ in held)
        return Actor(
            person_id=who.id,
            school_id=who.school_id,
            school_path=who.school.path,
            grants=held,
            way=way,
            must_change_password=must_change,
            assigned=roles.assigned_keys(session, person_id) if grades else frozenset(),
            consent=consent,
            name=who.name,
        )
