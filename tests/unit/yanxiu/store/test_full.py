"""A full disk is told from other faults, and work is refused before there is one."""

import errno

import psycopg.errors
import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from yanxiu.store.audit import Event
from yanxiu.store.full import Full, check_room, free_percent, is_full
from yanxiu.store.model import AuditEvent, SiteFact
from yanxiu.store.refusals import audited

from tests.support.full_disk import full_database


@pytest.mark.parametrize(
    ("error", "is_so"),
    [
        (OSError(errno.ENOSPC, ""), True),
        (OSError(errno.EDQUOT, ""), True),
        (OSError(errno.EIO, ""), False),
        (OperationalError("", {}, psycopg.errors.DiskFull()), True),
        (OperationalError("", {}, psycopg.errors.DeadlockDetected()), False),
        (ValueError(), False),
    ],
)
def test_what_is_a_full_disk(error, is_so):
    assert is_full(error) is is_so


def test_a_change_on_a_full_disk_is_refused_with_a_sentence_and_changes_nothing(store):
    if store.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no limit that a test could set")

    def work(session, _now):
        session.add(SiteFact(key="k", value={"text": "x" * 20_000}))

    with full_database(store):
        with pytest.raises(Full) as refusal, audited(store, Event("u", "x.try", "x")):
            store.transact(work, Event("u", "x.do", "x"))
        assert (refusal.value.status, refusal.value.noted) == (507, True)
        assert "存储空间满了" in refusal.value.text()
    store.transact(work, Event("u", "x.do", "x"))
    with store.read() as session:
        assert "x.do" in session.scalars(select(AuditEvent.verb)).all()


def test_work_is_refused_while_little_is_free(tmp_path):
    check_room(tmp_path, 0)
    assert 0 <= free_percent(tmp_path) <= 100
    with pytest.raises(Full):
        check_room(tmp_path, 100.1)
