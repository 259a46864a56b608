"""Which servers the idle culler ends."""

from datetime import timedelta

import pytest
from yanxiu.spawn.idle import cull_arbiter

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
