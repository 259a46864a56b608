"""Which servers the idle culler ends. Pure; called by ``culler``, the culler's process.

jupyterhub-idle-culler asks the hub's API which servers run and when each was used, and ends
what this judges through the API too: so it works for every spawner class.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any


def cull_arbiter(
    is_active: Callable[[str], bool], is_unwanted: Callable[[str, str], bool]
) -> Callable[..., bool]:
    """Return the culler's ``cull_arbiter_hook``: unused for too long, or its owner has gone, or an
    organizer wants it ended.

    :param is_active: called with a person's id; False ends the person's server
    :param is_unwanted: called with a person's id and the name of a server; True ends it

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
        return is_unwanted(person_id, name) or not is_active(person_id)

    return ends
