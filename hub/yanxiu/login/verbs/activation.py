"""Print activation slips: a new one-time code for everybody of a school without a password."""

import uuid
from collections.abc import Callable

from yanxiu.errors import N_, NotFound
from yanxiu.login.permissions import check_can_make_slips
from yanxiu.login.slips import make_slips
from yanxiu.people.reads import roles
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Act, Actor


def print_slips(
    store: Store,
    actor: Actor,
    school_id: uuid.UUID,
    *,
    site: str,
    address: str,
    gettext: Callable[[str], str] = str,
) -> tuple[bytes, str]:
    """Return the PDF and the school's code; the codes of slips printed before end."""
    attempt = Event(actor.person_id, "slips.refuse", "school", str(school_id), actor.school_id)
    with audited(store, attempt):
        with store.read() as session:
            school = roles.organization(session, school_id)
        if school is None:
            raise NotFound("school.not_found", N_("您管理的范围里没有这所学校。"))
        check_can_make_slips(actor, school_path=school.path)
        content, _ = make_slips(
            store,
            school_id,
            paths=actor.subtrees(Act.PRINT_SLIPS),
            audit=Event(actor.person_id, "slips.print", "school", str(school_id)),
            site=site,
            school=school.name,
            address=address,
            gettext=gettext,
        )
    return content, school.code
