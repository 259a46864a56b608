"""What one person may hand in: so much in all, and so often; nobody else is concerned."""

import json

import pytest
from sqlalchemy import select
from yanxiu.errors import Refused
from yanxiu.settings.model import BundleLimits
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt
from yanxiu.work.verbs.submit import submit
from yanxiu_formats.bundle import pack

from tests.support.units import notebook

MB = 1_000_000


def hand_in(county, who="alice", size=0, **limits):
    """Hand in a notebook with so many bytes of text, under a site's limits."""
    site = county.site.model_copy(update={"bundle": BundleLimits(**limits)})
    book = json.dumps({**notebook(), "metadata": {"n": hand_in.number, "x": "x" * size}})
    hand_in.number += 1
    body = iter([pack({"u1.ipynb": book.encode()})])
    return submit(county.store, site, county.actor(who), county.assignment, body, via="jupyter")


hand_in.number = 0


def test_what_one_person_hands_in_has_a_sum(county):
    for _ in range(2):
        hand_in(county, size=MB)  # the attack: no limit of attempts, all kept for years
    with pytest.raises(Refused) as refusal:
        hand_in(county, size=MB, person_mb=3)
    assert (refusal.value.code, refusal.value.status) == ("submit.share_full", 413)
    text = refusal.value.text()
    assert "共 2.0 MB" in text and "这一次的 1.0 MB" in text and "每人 3 MB" in text
    hand_in(county, size=MB // 2, person_mb=3)  # what fits is taken
    hand_in(county, "bob", size=MB, person_mb=3)
    with county.store.read() as session:
        assert len(session.scalars(select(Attempt)).all()) == 4
        outcomes = session.scalars(select(AuditEvent.outcome)).all()
    assert outcomes.count("refused submit.share_full") == 1


def test_the_bytes_of_an_attempt_are_kept(county):
    hand_in(county, size=1000)
    with county.store.read() as session:
        assert 1000 < session.scalars(select(Attempt.bundle_bytes)).one() < 3000


def test_somebody_hands_in_as_often_as_people_do(county, clock):
    for _ in range(2):
        hand_in(county, per_hour=2)
    with pytest.raises(Refused) as refusal:
        hand_in(county, per_hour=2)
    assert (refusal.value.code, refusal.value.status) == ("submit.too_often", 429)
    assert "最多提交 2 次" in refusal.value.text()
    hand_in(county, "bob", per_hour=2)
    clock.advance(hours=1, seconds=1)
    hand_in(county, per_hour=2)
