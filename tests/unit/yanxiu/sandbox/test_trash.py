"""Removing what nobody waits for."""

import asyncio

from yanxiu.sandbox.trash import Trash

WAIT_S = 60


async def test_what_is_thrown_away_is_out_of_the_way_at_once_and_gone_later(tmp_path):
    bin_, left = tmp_path / "trash", tmp_path / "left"
    bin_.mkdir()
    left.mkdir()
    for number in range(3000):
        (left / str(number)).touch()
    trash = Trash(bin_)
    trash.throw(left)
    assert not left.exists()
    await asyncio.wait_for(trash.empty(), WAIT_S)
    assert list(bin_.iterdir()) == []


async def test_what_a_launcher_that_is_gone_left_is_removed(tmp_path):
    (tmp_path / "before" / "deeper").mkdir(parents=True)
    await asyncio.wait_for(Trash(tmp_path).empty(), WAIT_S)
    assert list(tmp_path.iterdir()) == []


async def test_throwing_away_nothing_is_nothing(tmp_path):
    trash = Trash(tmp_path)
    trash.throw(tmp_path / "missing")
    await asyncio.wait_for(trash.empty(), WAIT_S)
