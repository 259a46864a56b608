"""So many start at once, the rest wait in order, and a turn is never lost."""

import asyncio

import pytest
from yanxiu.spawn.starts import Crowded, Starts


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_the_rest_wait_in_the_order_in_which_they_came():
    starts, begun, let_go = Starts(2), [], [asyncio.Event() for _ in range(5)]

    async def one(number: int) -> None:
        async with starts.turn():
            begun.append(number)
            await let_go[number].wait()

    tasks = [asyncio.create_task(one(number)) for number in range(5)]
    await settle()
    assert begun == [0, 1]
    assert starts.waiting == 3
    for number in (1, 0, 2, 3, 4):
        let_go[number].set()
        await settle()
        assert begun == list(range(min(5, len(begun))))
    await asyncio.gather(*tasks)
    assert begun == [0, 1, 2, 3, 4]
    assert starts.waiting == 0


async def test_who_comes_when_too_many_wait_is_told_so_at_once():
    starts = Starts(1, most_waiting=1)
    async with starts.turn():
        waiting = asyncio.create_task(starts.turn().__aenter__())
        await settle()
        with pytest.raises(Crowded):
            await starts.turn().__aenter__()
        waiting.cancel()
        await settle()
    async with starts.turn():  # and nothing of it is left
        assert starts.waiting == 0


@pytest.mark.parametrize("failing", [RuntimeError, asyncio.CancelledError])
async def test_a_start_that_fails_gives_its_turn_back(failing):
    starts = Starts(1)
    with pytest.raises(failing):
        async with starts.turn():
            raise failing
    async with asyncio.timeout(5), starts.turn():
        pass
