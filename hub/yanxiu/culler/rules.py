"""Which servers the idle culler ends. Pure; called by ``process``.

jupyterhub-idle-culler asks the hub's API which servers run and when each was used, and ends
what this judges through the API too: so it works for every spawner class. When an unused one ends
is ``yanxiu_formats.idle``'s to say, by which the server itself warns its owner.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from yanxiu_formats.idle import Peak, stops_at

from yanxiu.clock import utcnow

#: A school's hours, and since when they are so.
Hours = tuple[Peak, datetime]


def no_peaks(person_id: str) -> Hours | None:
    """Say that no school has hours of its own."""


def cull_arbiter(
    is_active: Callable[[str], bool],
    is_unwanted: Callable[[str, str], bool],
    peak_of: Callable[[str], Hours | None] = no_peaks,
    clock: Callable[[], datetime] = utcnow,
) -> Callable[..., bool]:
    """Return the culler's ``cull_arbiter_hook``: unused for too long, or its owner has gone, or an
    organizer wants it ended.

    :param is_active: called with a person's id; False ends the person's server
    :param is_unwanted: called with a person's id and the name of a server; True ends it
    :param peak_of: called with a person's id; the hours in which their server ends sooner

    >>> ends = cull_arbiter(lambda person_id: person_id == "ua", lambda *_: False)
    >>> hour, server = timedelta(hours=1), {"full_name": "ua/"}
    >>> ends(inactive=hour, inactive_limit=3601, server=server)
    False
    >>> ends(inactive=hour, inactive_limit=3600, server=server)
    True
    """

    def ends(
        *, inactive: timedelta | None, inactive_limit: float, server: Mapping[str, Any], **_: Any
    ) -> bool:
        # A limit of 0 is none; a server without an instant of use is not known to be idle.
        if inactive_limit and inactive and inactive.total_seconds() >= inactive_limit:
            return True
        # "person/server": a person's id has no slash.
        person_id, _slash, name = server["full_name"].partition("/")
        peak = _told(peak_of(person_id), server)
        if peak is not None and inactive:
            stop = stops_at(clock() - inactive, 0, peak)
            if stop is not None and clock() >= stop:
                return True
        return is_unwanted(person_id, name) or not is_active(person_id)

    return ends


def _told(hours: Hours | None, server: Mapping[str, Any]) -> Peak | None:
    """Return the hours if the server was told of them, which it is at its start."""
    if hours is None:
        return None
    peak, since = hours
    started = server.get("started")
    return peak if started and datetime.fromisoformat(started) >= since else None
