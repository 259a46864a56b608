"""The hub groups of a person, which follow from the records. The hub asks at every login."""

from yanxiu.courses.reads import enrolment
from yanxiu.store.engine import Store


def hub_groups(store: Store, person_id: str) -> list[str]:
    """Return the names, sorted: ``school-…``, ``course-…``, ``research-…``."""
    with store.read() as session:
        return enrolment.hub_groups(session, person_id)
