"""Say how far a long step is: to an operator at a terminal, and to a log without flooding it.

Also the pulse of a long piece of work: whoever must do something now and then hooks in here.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

#: A line at most this often, and always one at the end of a step.
_EVERY_S = 2.0


class Progress:
    """Tells ``echo`` how far each step is."""

    def __init__(
        self, echo: Callable[[str], object], monotonic: Callable[[], float] = time.monotonic
    ):
        self._echo = echo
        self._monotonic = monotonic
        self._said = monotonic()
        self._pulse: Callable[[], object] | None = None

    def every(self, pulse: Callable[[], object] | None) -> None:
        """Call ``pulse`` with each step from now on; None to stop."""
        self._pulse = pulse

    def tick(self, *_: int) -> None:
        """Do something small: nothing is said."""
        if self._pulse is not None:
            self._pulse()

    def steps(self, title: str) -> Callable[[int, int], None]:
        """Return what is told how many are done, of how many."""

        def step(done: int, total: int) -> None:
            self.tick()
            now = self._monotonic()
            if done == total or now - self._said >= _EVERY_S:
                self._said = now
                self._echo(f"  {title} {done}/{total}")

        return step

    def each(self, title: str, things: Sequence[T]) -> Iterator[T]:
        """Give the things one by one, and say how far it is."""
        step = self.steps(title)
        for done, thing in enumerate(things):
            step(done, len(things))
            yield thing
        step(len(things), len(things))
