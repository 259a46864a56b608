"""Every kind of task of a site, in one list; a capability adds its own here.

``ASKED`` is what people can ask for: the portal's page shows their titles and results.
``kinds`` binds each to what carries it out, for the process.
"""

from pathlib import Path

from yanxiu.courses.verbs.apply_site import enrol_newcomers
from yanxiu.people import tasks as people
from yanxiu.people.idnumber import IdKey
from yanxiu.people.verbs.import_roster import IMPORT
from yanxiu.quota import tasks as quota
from yanxiu.settings.model import Site
from yanxiu.store.tasks import Kind, by_name
from yanxiu.work import tasks as work
from yanxiu.work.verbs import in_bulk
from yanxiu.work.verbs.ask_export import EXPORT

from . import retention, upkeep

ASKED = by_name([IMPORT, in_bulk.RELEASE, in_bulk.REGRADE, EXPORT])


def kinds(site: Site, key: IdKey, homes: Path) -> dict[str, Kind]:
    """Return all kinds by name, each with what carries it out.

    :param homes: the folder with everybody's home folder
    """
    return by_name(
        [
            *upkeep.kinds(site.retention),
            *retention.kinds(site.retention, homes),
            *work.kinds(site),
            *quota.kinds(site),
            *people.kinds(
                key, lambda store, actor, beside: enrol_newcomers(store, site, actor, beside)
            ),
        ]
    )
