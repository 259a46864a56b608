"""What is known of homes is told once, in pieces, and again to whoever knows another launcher."""

import asyncio

import pytest
from yanxiu.sandbox import files, home_sizes
from yanxiu.sandbox.home_sizes import HomeSizes
from yanxiu.settings.limits import SERVER

ALICE, BOB = "uaaaaaaaaaaaaaaaa", "ubbbbbbbbbbbbbbbb"


def told(sizes, run="", after=0):
    return sizes.news(run, after)


def test_only_what_is_new_is_told(tmp_path):
    sizes = HomeSizes(tmp_path)
    sizes.note(ALICE, 10)
    sizes.note(BOB, 20)
    first = told(sizes)
    assert first["homes"] == [(ALICE, 10), (BOB, 20)]
    sizes.note(ALICE, 10)
    assert told(sizes, first["run"], first["after"])["homes"] == []
    sizes.note(ALICE, 11)
    again = told(sizes, first["run"], first["after"])
    assert again["homes"] == [(ALICE, 11)]
    assert told(sizes, again["run"], again["after"])["homes"] == []


@pytest.mark.parametrize("run, after", [("another launcher", 5), (None, None), (7, "x")])
def test_who_knows_another_launcher_is_told_everything(tmp_path, run, after):
    sizes = HomeSizes(tmp_path)
    sizes.note(ALICE, 10)
    assert told(sizes, run, after)["homes"] == [(ALICE, 10)]


def test_much_is_told_in_pieces_and_nothing_twice(tmp_path, monkeypatch):
    monkeypatch.setattr(home_sizes, "MOST_NEWS", 3)
    sizes = HomeSizes(tmp_path)
    for number in range(7):
        sizes.note(f"u{number}", number)
    found, run, after = [], "", 0
    while answer := told(sizes, run, after):
        if not answer["homes"]:
            break
        found += answer["homes"]
        run, after = answer["run"], answer["after"]
    assert found == [(f"u{number}", number) for number in range(7)]


def test_a_home_that_hides_counts_as_what_one_may_have(tmp_path):
    sizes = HomeSizes(tmp_path)
    sizes.note(ALICE, files.UNMEASURABLE)
    assert told(sizes)["homes"] == [(ALICE, SERVER.disk_mb << 20)]


async def test_homes_are_measured_that_no_server_runs_in(tmp_path):
    (tmp_path / ALICE).mkdir()
    (tmp_path / ALICE / "a.csv").write_bytes(b"x" * 100_000)
    (tmp_path / "not-a-person").mkdir()
    (tmp_path / BOB).symlink_to(tmp_path / ALICE)
    sizes = HomeSizes(tmp_path)
    measuring = asyncio.ensure_future(sizes.measure())
    try:
        async with asyncio.timeout(60):
            while len(told(sizes)["homes"]) < 2:
                await asyncio.sleep(0.02)
            known = dict(told(sizes)["homes"])
            assert known == {ALICE: files.measure(tmp_path / ALICE).size, BOB: 0}
            (tmp_path / ALICE / "a.csv").unlink()
            sizes.changed(ALICE)
            while dict(told(sizes)["homes"])[ALICE] >= known[ALICE]:
                await asyncio.sleep(0.02)
    finally:
        measuring.cancel()
