"""Which servers are to end because an organizer asked for it, and what their owners are told."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from yanxiu.quota.model import Place, ServerStop
from yanxiu.quota.rules import PlaceState

#: So long a server goes on after an organizer wants it ended: the panel in its Lab asks once a
#: minute for news, and whoever sits there is to read why and save.
GRACE = timedelta(seconds=90)


#: A message that nobody has read for so long is no news any more.
NEWS = timedelta(days=14)


def wanted(session: Session, now: datetime) -> set[tuple[str, str]]:
    """Return (person, server) of those that are still there and are to end now."""
    rows = session.execute(
        select(Place.person_id, Place.server_name)
        .join(ServerStop, ServerStop.id == Place.id)
        .where(Place.state != PlaceState.HELD, ServerStop.asked_at <= now - GRACE)
    )
    return {(person_id, server_name) for person_id, server_name in rows}


def unread(session: Session, person_id: str, after: datetime) -> ServerStop | None:
    """Return the newest message to somebody about her server that she has not read."""
    return session.scalar(
        select(ServerStop)
        .where(
            ServerStop.person_id == person_id,
            ServerStop.asked_at > after,
            ServerStop.read_at.is_(None),
        )
        .order_by(ServerStop.asked_at.desc())
        .limit(1)
    )


def still_there(session: Session, stop: ServerStop) -> bool:
    """Say whether the server has not ended yet."""
    return session.get(Place, stop.id) is not None
