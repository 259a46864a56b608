"""Which servers the idle culler ends."""

from datetime import UTC, datetime, timedelta

import pytest
from yanxiu.culler.rules import cull_arbiter
from yanxiu_formats.idle import Peak

PERSON = "uabcdefghij234567"
LIMIT_S = 3600


@pytest.mark.parametrize(
    ("unused_s", "limit_s", "active", "unwanted", "ends"),
    [
        (LIMIT_S - 1, LIMIT_S, True, False, False),
        (LIMIT_S, LIMIT_S, True, False, True),
        (0, LIMIT_S, False, False, True),  # in full use, by somebody who is no longer here
        (10**6, 0, True, False, False),  # the site says never
        (10**6, 0, False, False, True),
        (None, LIMIT_S, True, False, False),  # nothing known: better one too many than work lost
        (0, LIMIT_S, True, True, True),  # in full use, and an organizer wants it ended
        (None, 0, True, True, True),
    ],
)
def test_a_server_ends_when_nobody_uses_it_or_wants_it_or_its_owner_has_gone(
    unused_s, limit_s, active, unwanted, ends
):
    asked = []

    def is_active(person_id: str) -> bool:
        asked.append(person_id)
        return active

    def is_unwanted(person_id: str, server_name: str) -> bool:
        assert (person_id, server_name) == (PERSON, "")
        return unwanted

    answer = cull_arbiter(is_active, is_unwanted)(
        inactive=None if unused_s is None else timedelta(seconds=unused_s),
        inactive_limit=limit_s,
        server={"full_name": f"{PERSON}/"},
    )
    assert answer is ends
    assert set(asked) <= {PERSON}


EVENING = Peak(630, 810, 30)
SET = datetime(2026, 9, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "unused_minutes", "started", "ends"),
    [
        ("11:00", 31, "09:00", True),
        ("11:00", 29, "09:00", False),
        ("10:29", 50, "09:00", False),  # before the hours begin
        ("10:30", 50, "09:00", True),
        ("13:40", 40, "09:00", False),  # long enough only at their end
        ("11:00", 50, "01:59", False),  # it started before: nobody has told its owner
    ],
)
def test_in_the_hours_of_a_school_it_ends_sooner_if_it_was_told(now, unused_minutes, started, ends):
    hour, minute = now.split(":")
    arbiter = cull_arbiter(
        lambda person_id: True,
        lambda person_id, name: False,
        lambda person_id: (EVENING, SET),
        lambda: SET.replace(hour=int(hour), minute=int(minute)),
    )
    server = {"full_name": f"{PERSON}/", "started": f"2026-09-01T{started}:00.000000Z"}
    assert (
        arbiter(inactive=timedelta(minutes=unused_minutes), inactive_limit=7200, server=server)
        is ends
    )
