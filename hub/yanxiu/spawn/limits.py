"""How much one teacher's server may use, and what may happen in the home. Pure; asked by
``configure``, carried by ``hooks``.

The one place that decides it from a person's school: the site's ``server``, with what the
school has otherwise put over it, and what is set for storage (``quota.storage``) over that.

A limit may be less than a home has by now. Then it starts, to be made smaller: the launcher is told
to look before the start (``check``), and not left to find it out by ending a server that has just
begun. Where the homes of a school together are over their limit, whoever starts can only delete
(``shrink``), also one whose own home is small: somebody has to begin, and nothing may be added.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from yanxiu.quota.storage import Filled
from yanxiu.settings.model import ServerLimits, Site

#: A home's limit is a number above zero; with nothing allowed the rule says so.
_LEAST_MB = 1


@dataclass(frozen=True)
class Granted:
    """What a start gets.

    :param home_rule: the launcher's ``home``: empty, ``check`` or ``shrink``
    """

    limits: ServerLimits
    home_rule: str = ""


def limits_for(site: Site, school_code: str | None) -> ServerLimits:
    """Return the limits of a server of somebody in this school.

    :param school_code: None, or a school that the settings do not know (it was added in the
        portal): what holds for all
    """
    school = site.schools.get(school_code) if school_code else None
    if school is None:
        return site.server
    return site.server.model_copy(update=school.server.model_dump(exclude_none=True))


def granted(limits: ServerLimits, stored: Sequence[Filled], size_mb: float) -> Granted:
    """Return what a start gets whose home takes ``size_mb`` by the last look.

    :param stored: every limit on storage that holds, the person's own among them
    """
    own = [int(one.limit_mb) for one in stored if not one.org]
    disk_mb = max(_LEAST_MB, min([limits.disk_mb, *own]))
    given = limits.model_copy(update={"disk_mb": disk_mb})
    if any(one.org and one.over for one in stored) or 0 in own:
        return Granted(given, "shrink")
    return Granted(given, "check" if size_mb >= disk_mb else "")
