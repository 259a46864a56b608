"""Every kind of task of a site, in one list.

The process carries them out, the portal's page reads their titles, the command line calls the
same verbs in the foreground. A capability adds its kinds here.
"""

from dataclasses import dataclass
from pathlib import Path

from yanxiu.settings.model import Site
from yanxiu.store.tasks import Kind, by_name

from . import upkeep


@dataclass(frozen=True, repr=False)
class Place:
    """What the handlers of a site need beyond the store.

    :param id_key: the key of ID numbers, hexadecimal
    """

    site: Site
    data: Path
    id_key: str


def kinds(place: Place) -> dict[str, Kind]:
    """Return all kinds by name."""
    return by_name([*upkeep.kinds(place.site.retention)])
