"""A refusal is recorded with what explains it, and never with what somebody typed."""

import pytest
from sqlalchemy import select
from yanxiu.errors import Invalid, Refused
from yanxiu.people.roster.problems import unreadable
from yanxiu.store.audit import Event
from yanxiu.store.model import AuditEvent
from yanxiu.store.refusals import audited


@pytest.mark.parametrize(
    "refusal, details",
    [
        (Refused("x.few", "最多 {most} 次", most=3), {"via": "form", "most": 3}),
        (unreadable("no_rows", "艾老师的名单.xlsx"), {"via": "form"}),
        (unreadable("column_twice", "a.xlsx", name="艾老师", other="姓名"), {"via": "form"}),
    ],
)
def test_what_is_recorded(store, refusal, details):
    with pytest.raises(Refused), audited(store, Event("u", "x.try", "x", details={"via": "form"})):
        raise refusal
    with store.read() as session:
        event = session.scalars(select(AuditEvent)).one()
    assert (event.outcome, event.details) == (f"refused {refusal.code}", details)
    assert refusal.noted and isinstance(refusal, Invalid | Refused)
    assert "{" not in refusal.text()
