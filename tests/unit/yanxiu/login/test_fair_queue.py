"""The line of passwords to check: sources take turns, and nobody fills it for the others."""

import asyncio

import pytest
from yanxiu.login.fair_queue import FairQueue, Full


class Line:
    """People in a line of one place, in the order in which they had it."""

    def __init__(self, slots: int = 1, most: int = 600):
        self.queue = FairQueue(slots, most)
        self.order: list[str] = []
        self.tasks: list[asyncio.Task[str]] = []

    async def come(self, who: str, lane: str, *, known: bool = False) -> asyncio.Task[str]:
        """Join the line."""

        async def wait() -> str:
            try:
                async with self.queue.turn(lane, known=known):
                    self.order.append(who)
                    await asyncio.sleep(0)
            except Full:
                return "full"
            return "done"

        self.tasks.append(asyncio.create_task(wait()))
        await asyncio.sleep(0)
        return self.tasks[-1]

    async def work_off(self) -> list[str]:
        """Let everybody have their turn; return how it went for each."""
        return list(await asyncio.gather(*self.tasks))


@pytest.fixture
async def held():
    """A line whose one place is taken until the test gives it back."""
    line, free = Line(most=90), asyncio.Event()

    async def hold() -> None:
        async with line.queue.turn("somebody"):
            await free.wait()

    holder = asyncio.create_task(hold())
    await asyncio.sleep(0)
    yield line, free
    free.set()
    await holder


async def test_another_source_waits_for_one_check_and_not_for_ninety(held):
    line, free = held
    for number in range(90):
        await line.come(f"flood {number}", "attacker")
    await line.come("teacher", "school")
    free.set()
    await line.work_off()
    assert line.order.index("teacher") <= 1
    # In one line for all, as it was before, the teacher had the last place, or none.
    assert len(line.order) == 90


async def test_a_full_line_takes_the_last_place_of_whoever_has_most(held):
    line, free = held
    flood = [await line.come(f"flood {number}", "attacker") for number in range(90)]
    assert await (await line.come("one more", "attacker")) == "full"
    teachers = [await line.come(f"teacher {number}", "school") for number in range(40)]
    free.set()
    await line.work_off()
    assert [task.result() for task in teachers] == ["done"] * 40
    assert [task.result() for task in flood] == ["done"] * 50 + ["full"] * 40


async def test_sixty_teachers_of_one_school_all_pass(held):
    line, free = held
    for number in range(60):
        await line.come(f"teacher {number}", "school")
    free.set()
    assert await line.work_off() == ["done"] * 60


async def test_a_known_browser_has_every_second_turn(held):
    line, free = held
    for number in range(40):
        await line.come(f"flood {number}", f"source {number}")
    for number in range(5):
        await line.come(f"known {number}", f"browser {number}", known=True)
    free.set()
    await line.work_off()
    assert {f"known {number}" for number in range(5)} <= set(line.order[:10])
    assert len(line.order) == 45, "and strangers have the others"


async def test_a_full_line_has_a_place_for_a_known_browser(held):
    line, free = held
    for number in range(90):
        await line.come(f"flood {number}", f"source {number}")
    known = await line.come("known", "browser", known=True)
    free.set()
    await line.work_off()
    assert known.result() == "done"
    assert sum(task.result() == "full" for task in line.tasks) == 1


async def test_whoever_goes_away_has_left_the_line(held):
    line, free = held
    for number in range(50):
        await line.come(f"gone {number}", "school")
    for task in line.tasks:
        task.cancel()
    await asyncio.gather(*line.tasks, return_exceptions=True)
    assert line.queue.waiting == 0
    line.tasks.clear()
    await line.come("teacher", "school")
    free.set()
    assert await line.work_off() == ["done"]
    assert line.order == ["teacher"]


async def test_no_place_is_lost_however_it_ends():
    line = Line(slots=2)
    for number in range(30):
        task = await line.come(f"one {number}", f"source {number % 3}")
        if number % 4 == 0:
            task.cancel()
    await asyncio.gather(*line.tasks, return_exceptions=True)
    async with line.queue.turn("a"), line.queue.turn("b"):
        pass
    assert line.queue._free == 2
