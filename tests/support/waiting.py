"""Wait for other processes and threads, whose clock no test can move."""

import time
from collections.abc import Callable


def eventually(so: Callable[[], bool], seconds: float = 10) -> bool:
    """Ask until it is so, or for so long; the answer is the last one that was given.

    Nothing is asked again after a yes: what is so for a moment may be over by then.
    """
    until = time.monotonic() + seconds
    while not (answer := so()) and time.monotonic() < until:
        time.sleep(0.02)
    return answer
