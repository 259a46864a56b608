"""Take turns, so that a machine that is busy for a while is busy for both sides.

Decides how many rounds there are. Progress goes to stderr: stdout belongs to ``run.py``.
"""

import os
import sys
import time
from collections.abc import Callable

#: How long the measured part of one benchmark may take, start-up of the servers apart.
BUDGET_S = 80.0


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
    at least, when the budget is used up.
    """
    began = time.monotonic()
    say(f"warming up: ours {ours():.2f}, stock {stock():.2f}")
    found: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds(usual)):
        sides = [(found[0], ours), (found[1], stock)]
        for values, measure in sides if number % 2 == 0 else reversed(sides):
            values.append(measure())
        say(f"round {number + 1}: ours {found[0][-1]:.3f}, stock {found[1][-1]:.3f}")
        spent = time.monotonic() - began
        if spent + spent / (number + 2) > BUDGET_S:
            break
    return found
