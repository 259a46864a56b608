"""Single servers and waits are forgotten after a year, messages after a month; sums are not."""

import pytest
from sqlalchemy import func, select
from yanxiu.quota.model import Place, ServerDay, ServerLife, ServerMonth, ServerStop, Wait
from yanxiu.quota.tasks import kinds
from yanxiu.quota.verbs import forget
from yanxiu.quota.verbs.stop_server import stop_server
from yanxiu.settings.model import Retention
from yanxiu.store.model import AuditEvent
from yanxiu.store.runner import work_off
from yanxiu.store.tasks import by_name, schedule

from tests.support.writing import writing


def counted(pools):
    tables = (ServerLife, Wait, ServerStop, ServerDay, ServerMonth)
    with pools.county.store.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def forgotten(pools, days=400):
    site = pools.county.site.model_copy(update={"retention": Retention(servers_days=days)})
    every = by_name([kind for kind in kinds(site) if kind.name == "quota.forget"])
    schedule(pools.county.store, every)
    return work_off(pools.county.store, every)


@pytest.fixture
def lived(pools, clock):
    """Somebody ran one, somebody waited, one was ended with a message; another still runs."""
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    pools.run("charlie")
    pools.start("bob")
    with pools.county.store.read() as session:
        place = session.scalar(
            select(Place.id).where(Place.person_id == pools.county.people["alice"])
        )
    stop_server(pools.county.store, pools.county.actor("organizer1"), place, "请稍后再用")
    clock.advance(minutes=2)
    pools.stop("alice")
    assert counted(pools) == [2, 1, 1, 2, 1]
    return pools


@pytest.mark.parametrize(
    ("days", "left"),
    [(29, [2, 1, 1, 2, 1]), (31, [2, 1, 0, 2, 1]), (399, [2, 1, 0, 2, 1]), (401, [1, 0, 0, 2, 1])],
)
def test_what_is_forgotten_when(lived, clock, days, left):
    clock.advance(days=days)
    assert forgotten(lived) == 1
    assert counted(lived) == left  # the server that runs still has its life


def test_more_than_a_batch_goes_too(lived, clock, monkeypatch):
    monkeypatch.setattr(forget, "_BATCH", 1)
    lived.stop("charlie")
    clock.advance(days=401)
    forgotten(lived)
    assert counted(lived)[:3] == [0, 0, 0]
    with lived.county.store.read() as session:
        events = session.scalars(select(AuditEvent).where(AuditEvent.verb == "quota.forget")).all()
    assert [one.details["what"] for one in events] == ["lives", "lives", "waits", "messages"]


def test_nothing_old_is_no_deed(lived, clock):
    clock.advance(days=1)
    forgotten(lived)
    with lived.county.store.read() as session:
        found = select(AuditEvent).where(AuditEvent.verb == "quota.forget")
        assert session.scalars(found).all() == []


def test_with_somebody_s_name_goes_what_was_written_to_them(lived):
    with writing(lived.county.store) as session:
        forget.erase(session, lived.county.people["bob"])
    assert counted(lived)[2] == 1
    with writing(lived.county.store) as session:
        forget.erase(session, lived.county.people["alice"])
    assert counted(lived)[2] == 0
