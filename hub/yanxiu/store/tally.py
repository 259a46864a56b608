"""Count what is refused at the door, and write it down a few times a minute, not each time.

Whoever asks for what is not theirs, logged in or not, could otherwise fill the database as fast
as it can refuse them. The first of a kind is written at once, what follows within a minute as one row with their number.
Never in the way of an answer, whose time would tell who exists: a thread writes. At most a
minute's numbers are lost with the process. Used through ``Store.count``.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from uuid import UUID

from .audit import Event

log = logging.getLogger("yanxiu.audit")

PERIOD_S = 60.0
#: Kinds at once, of everybody and of one actor; objects beyond them are counted together.
MOST_KINDS, MOST_OF_ONE = 500, 50


@dataclass
class _Kind:
    event: Event
    times: int = 0
    written: float | None = None


class Tally:
    """How often each kind of event has happened since it was last written.

    :param write: writes one event; called in a thread of the tally's own, or by ``flush``
    """

    def __init__(
        self, write: Callable[[Event], None], monotonic: Callable[[], float] = time.monotonic
    ):
        self._write = write
        self._monotonic = monotonic
        self._kinds: dict[Hashable, _Kind] = {}
        self._changed = threading.Condition()
        #: One writes at a time: whoever flushes has all of it written afterwards.
        self._writing = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False

    def count(self, event: Event) -> None:
        """Count an event that changed nothing. Looks at no database."""
        with self._changed:
            key = _key(event)
            if key not in self._kinds and self._is_full(event.actor):
                event = replace(event, object_id="", school_id=None)
                key = _key(event)
            kind = self._kinds.setdefault(key, _Kind(event))
            kind.times += 1
            if self._closed:
                return
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="tally", daemon=True)
                self._thread.start()
            elif kind.written is None:
                self._changed.notify()

    def flush(self) -> None:
        """Write whatever was counted, now."""
        with self._writing:
            self._write_all(self._due(everything=True))

    def close(self) -> None:
        """Write what is left; the thread ends."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()
        self.flush()

    def _run(self) -> None:
        while True:
            with self._writing:
                self._write_all(self._due())
            with self._changed:
                if self._closed:
                    return
                new = any(kind.written is None for kind in self._kinds.values())
                if not new:
                    self._changed.wait(PERIOD_S if self._kinds else None)
                if self._closed:
                    return

    def _is_full(self, actor: str) -> bool:
        if len(self._kinds) >= MOST_KINDS:
            return True
        return sum(1 for one in self._kinds.values() if one.event.actor == actor) >= MOST_OF_ONE

    def _due(self, *, everything: bool = False) -> list[Event]:
        """Return what is to be written now, and count it from nothing again."""
        now, due = self._monotonic(), []
        with self._changed:
            for key, kind in list(self._kinds.items()):
                if not everything and kind.written is not None:
                    if now - kind.written < PERIOD_S:
                        continue
                    if not kind.times:
                        del self._kinds[key]
                        continue
                if kind.times:
                    details = {**kind.event.details, "times": kind.times}
                    due.append(replace(kind.event, details=details))
                kind.times, kind.written = 0, now
        return due

    def _write_all(self, due: list[Event]) -> None:
        for event in due:
            try:
                self._write(event)
            except Exception as error:
                # The refusal itself has been given; on a full disk there is nothing else to do.
                log.error("%s was not noted: %s", event.verb, type(error).__name__)


def _key(event: Event) -> tuple[str, str, str, str, UUID | None, str]:
    return (
        *(event.actor, event.verb, event.kind, str(event.object_id)),
        event.school_id,
        event.outcome,
    )
