"""Take a copy of everything that is kept of oneself, from all rooms."""

from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import check_session
from yanxiu.work.reads import own_data


def copy_own_data(store: Store, actor: Actor) -> own_data.Own:
    """Return everything that is kept of the actor; audited, because it leaves the platform."""
    check_session(actor)
    with store.read() as session:
        found = own_data.everything(session, actor.person_id)
    store.note(Event(actor.person_id, "profile.export", "person", actor.person_id, actor.school_id))
    return found
