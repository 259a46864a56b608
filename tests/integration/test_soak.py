"""A minute of ``make soak``: three teachers at work, nothing fails and nothing grows."""

from tests.soak.readings import Reading, growth
from tests.soak.soak import soak


def test_nothing_fails_and_nothing_grows_while_teachers_work(tmp_path):
    found = soak(tmp_path / "soak", teachers=3, minutes=0.7, pause_s=0.5)

    assert found.failed == []
    assert found.done["handed in"] >= 3
    assert found.done["cell"] >= 9
    assert {"hub", "records", "proxy", "launcher", "servers", "kernels"} <= set(found.taken[-1])
    assert found.grown == [], found.table()


def test_what_grows_is_named():
    def at(descriptors: int, memory: float) -> dict[str, Reading]:
        return {"relay": Reading(3, descriptors, 9, memory), "hub": Reading(1, 50, 9, 120.0)}

    steady = [at(100 + wobble, 90.0) for wobble in (0, 8, 3, 6, 2, 9)]
    assert growth(steady) == []
    leaking = [at(100 + 30 * step, 90.0 + 40 * step) for step in range(6)]
    assert growth(leaking) == ["relay: descriptors 130 → 220", "relay: memory_mb 130 → 250"]
