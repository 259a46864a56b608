"""Which servers the idle culler ends."""

from datetime import timedelta

import pytest
from yanxiu.spawn.idle import cull_arbiter

PERSON = "uabcdefghij234567"
LIMIT_S = 3600


@pytest.mark.parametrize(
    ("unused_s", "limit_s", "active", "ends"),
    [
        (LIMIT_S - 1, LIMIT_S, True, False),
        (LIMIT_S, LIMIT_S, True, True),
        (0, LIMIT_S, False, True),  # in full use, by somebody who is no longer here
        (10**6, 0, True, False),  # the site says never
        (10**6, 0, False, True),
        (None, LIMIT_S, True, False),  # nothing known: better one too many than work lost
    ],
)
def test_a_server_ends_when_nobody_uses_it_or_its_owner_has_gone(unused_s, limit_s, active, ends):
    asked = []

    def is_active(person_id: str) -> bool:
        asked.append(person_id)
        return active

    answer = cull_arbiter(is_active)(
        inactive=None if unused_s is None else timedelta(seconds=unused_s),
        inactive_limit=limit_s,
        server={"full_name": f"{PERSON}/"},
    )
    assert answer is ends
    assert set(asked) <= {PERSON}
