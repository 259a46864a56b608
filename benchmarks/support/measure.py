"""Take turns, so that a machine that is busy for a while is busy for both sides.

Decides how many rounds there are. Progress goes to stderr: stdout belongs to ``run.py``.
"""

import os
import sys
import time
from collections.abc import Callable

#: Kept back of a benchmark's time, to look at what is left and to end its servers.
RESERVE_S = 30.0
_deadline = float("inf")


def begin(limit_s: float) -> None:
    """Say that a benchmark begins, and how long it may take with everything."""
    global _deadline  # noqa: PLW0603 - one benchmark at a time
    _deadline = time.monotonic() + limit_s - RESERVE_S


def say(text: str) -> None:
    """Tell whoever waits."""
    print(f"  {text}", file=sys.stderr, flush=True)


def rounds(usual: int) -> int:
    """Return how many rounds to measure: ``run.py --rounds`` wins."""
    return int(os.environ.get("YANXIU_BENCH_ROUNDS") or usual)


def take_turns(
    ours: Callable[[], float], stock: Callable[[], float], usual: int
) -> tuple[list[float], list[float]]:
    """Measure both sides in turn, after one round for warming up.

    Whoever goes first changes with every round. Stops early, with a round for each side
    at least, when another would come too late.
    """
    began = time.monotonic()
    say(f"warming up: ours {ours():.2f}, stock {stock():.2f}")
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds(usual)):
        sides = [(found[0], ours), (found[1], stock)]
        for values, measure in sides if number % 2 == 0 else reversed(sides):
            values.append(measure())
        say(f"round {number + 1}: ours {found[0][-1]:.3f}, stock {found[1][-1]:.3f}")
        now = time.monotonic()
        if now + (now - began) / (number + 2) > _deadline:
            break
    return found
