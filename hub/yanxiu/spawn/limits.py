"""How much one teacher's server may use. Pure; called by ``configure``, carried by ``hooks``.

The one place that decides it from a person's school: the site's ``server``, with what the
school has otherwise put over it. School quotas will take this function's place.
"""

from yanxiu.settings.model import ServerLimits, Site


def limits_for(site: Site, school_code: str | None) -> ServerLimits:
    """Return the limits of a server of somebody in this school.

    :param school_code: None, or a school that the settings do not know (it was added in the
        portal): what holds for all
    """
    school = site.schools.get(school_code) if school_code else None
    if school is None:
        return site.server
    return site.server.model_copy(update=school.server.model_dump(exclude_none=True))
