"""Which user id a home or a run has."""

import os
from pathlib import Path

import pytest
from yanxiu.errors import Refused
from yanxiu.sandbox.identity import _mapped, _of_root, subordinate
from yanxiu.sandbox.ids import FOR_RUNS, Ids, Range
from yanxiu.settings.limits import FEWEST_IDS as FEWEST

OWN = os.getuid()


def homes(folder: Path, *names: str) -> list[Path]:
    """Make homes that belong to whoever runs the test."""
    for name in names:
        (folder / name).mkdir()
    return [folder / name for name in names]


def test_two_homes_never_have_one_id_and_each_keeps_its_own(tmp_path):
    one, two = homes(tmp_path, "one", "two")
    ids = Ids(Range(5000, FEWEST))
    assert ids.of_home(one) == 5000
    assert ids.of_home(two) == 5001
    assert ids.of_home(one) == 5000  # still being carried over


def test_of_two_homes_with_one_owner_the_first_keeps_it(tmp_path):
    """A home copied from another machine, owner and all."""
    one, two = homes(tmp_path, "one", "two")
    ids = Ids(Range(OWN, FEWEST))
    ids.learn(tmp_path)
    assert ids.of_home(one) == OWN
    assert ids.of_home(two) == OWN + 1


def test_ids_of_homes_that_are_gone_are_given_anew_when_all_are_taken(tmp_path):
    many = homes(tmp_path, *(f"h{number}" for number in range(FEWEST - FOR_RUNS)))
    ids = Ids(Range(5000, FEWEST))
    assert len({ids.of_home(home) for home in many}) == FEWEST - FOR_RUNS
    (late,) = homes(tmp_path, "late")
    with pytest.raises(Refused, match=r"launcher\.ids"):
        ids.of_home(late)
    many[7].rmdir()
    assert ids.of_home(late) == 5007


def test_runs_have_ids_of_their_own_in_turn_and_never_a_home_s():
    ids = Ids(Range(5000, FEWEST))
    seen = []
    for _ in range(3):
        with ids.of_run() as one, ids.of_run() as two:
            seen += [one, two]
    assert len(set(seen)) == 6
    assert not set(seen) & set(Range(5000, FEWEST).homes)


def test_without_ids_there_are_none(tmp_path):
    (one,) = homes(tmp_path, "one")
    ids = Ids()
    ids.learn(tmp_path)
    assert ids.of_home(one) is None
    with ids.of_run() as run:
        assert run is None


def test_ids_of_an_account_of_this_machine_are_not_given(monkeypatch):
    found = _of_root(Range(OWN, FEWEST))
    assert found.available is None
    assert found.why is not None
    assert "sandbox.first_id" in found.why[0]


def test_ids_that_a_container_does_not_have_are_not_given():
    found = _of_root(Range(2**32 - 100, FEWEST))
    assert found.available is None
    assert found.why is not None
    assert "/proc/self/uid_map" in found.why[0]
    assert _mapped("0 1000 1\n1 100000 65536\n") == [range(1), range(1, 65537)]


@pytest.mark.parametrize(
    ("text", "granted"),
    [
        ("op:100000:65536\n", range(100000, 165536)),
        ("1000:5:10\nop:100:3\n", range(5, 15)),
        ("other:100000:65536\n# op\nop:x:3\nop\n", range(0)),
        ("", range(0)),
    ],
)
def test_what_etc_subuid_grants(text, granted):
    assert subordinate(text, "op", 1000) == granted
