"""``make attack`` fails when an attack takes more of others than it may."""

import pytest

from tests.attacks.bounds import MOST_MB, exceeded
from tests.attacks.measure import PARTS, Noticed

CALM = Noticed("nothing", [0.02, 0.1], [0.01, 0.05], 0, dict.fromkeys(PARTS, 50.0))


def seen(**more) -> Noticed:
    return Noticed(
        **{"name": "x", "portal": [0.1] * 10, "server": [0.1] * 10, "memory": {"hub": 247.0}} | more
    )


@pytest.mark.parametrize(
    ("noticed", "said"),
    [
        (seen(), []),
        (seen(portal=[0.1, 2.9]), []),  # a busy machine
        (seen(portal=[0.1, 26.0]), ["x: portal 26.0 s, 0.10 s without an attack"]),
        (seen(server=[46.0]), ["x: server 46.0 s, 0.05 s without an attack"]),
        (seen(failed=1), []),
        (seen(failed=2), ["x: 2 of 22 pages failed"]),
        (seen(portal=[], server=[], failed=1), ["x: 1 of 1 pages failed"]),
        (seen(memory={"records": 1012.0}), ["x: records 1012 MB, more than 350"]),
    ],
)
def test_what_is_beyond_a_bound_is_said(noticed, said):
    assert exceeded([CALM, noticed]) == said


def test_every_part_has_a_bound():
    assert set(MOST_MB) == set(PARTS)
