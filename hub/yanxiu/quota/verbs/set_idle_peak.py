"""Set the hours of the day in which a school's unused servers stop sooner.

For servers that start from now on: those that run keep what their owners were told. Called by the
page of the school's servers.
"""

import re
import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from yanxiu.errors import N_, Invalid, NotFound
from yanxiu.people.model import Organization
from yanxiu.quota.model import IdlePeak
from yanxiu.quota.permissions import check_can_set_idle_peak
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor

#: Shorter, and a walk to the classroom ends somebody's work; longer, and it is no peak.
LEAST_MINUTES = 10
LONGEST_MINUTES = 12 * 60
_CLOCK = re.compile(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])", re.ASCII)


@dataclass(frozen=True)
class Hours:
    """Minutes since midnight on the site's clock, and how long a server may be unused then."""

    begins: int
    ends: int
    idle_minutes: int


def read_hours(begins: str, ends: str, minutes: str, ordinary: int) -> Hours | None:
    """Return the hours that somebody typed, None when all is left empty.

    :param ordinary: after how many minutes unused servers stop at other times; 0: never
    :raises Invalid: says which of it cannot be, and what could

    >>> read_hours("18:30", "21:30", "30", 120)
    Hours(begins=1110, ends=1290, idle_minutes=30)
    >>> read_hours("", " ", "", 120)
    """
    typed = [text.strip() for text in (begins, ends, minutes)]
    if not any(typed):
        return None
    first, last = (_clock(text) for text in typed[:2])
    if first == last or (last - first) % (24 * 60) > LONGEST_MINUTES:
        raise Invalid(
            "idle.hours",
            N_("高峰时段应有开始和结束，最长 12 小时，例如 18:30 到 21:30，没有改动。"),
        )
    idle = int(typed[2]) if typed[2].isascii() and typed[2].isdigit() and len(typed[2]) < 5 else 0
    most = ordinary - 1 if ordinary else LONGEST_MINUTES
    if not LEAST_MINUTES <= idle <= most:
        raise Invalid(
            "idle.minutes",
            N_("高峰时段的分钟数应在 {least} 到 {most} 之间，比平常短，没有改动。"),
            least=LEAST_MINUTES,
            most=most,
        )
    return Hours(first, last, idle)


def _clock(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if found is None:
        raise Invalid("idle.clock", N_("时间请写成 18:30 这样（24 小时制），没有改动。"))
    return int(found[1]) * 60 + int(found[2])


def set_idle_peak(store: Store, actor: Actor, org_id: uuid.UUID, wanted: Hours | None) -> None:
    """Set the hours of one school, or take them away.

    :raises NotFound: it is no school of the actor's
    """
    audit = Event(actor.person_id, "quota.set_idle_peak", "organization", str(org_id))

    def work(session: Session, now: datetime) -> None:
        org = session.get(Organization, org_id)
        if org is None or org.kind != "school":
            raise NotFound("org.not_found", N_("您管理的范围里没有这个单位。"))
        check_can_set_idle_peak(actor, org.path)
        audit.school_id = org_id
        audit.details = {"org": org.code, **(asdict(wanted) if wanted else {})}
        before = session.get(IdlePeak, org_id, with_for_update=True)
        if wanted is None:
            if before is not None:
                session.delete(before)
            return
        session.merge(
            IdlePeak(org_id=org_id, **asdict(wanted), changed_at=now, changed_by=actor.person_id)
        )

    with audited(store, audit):
        store.transact(work, audit)
