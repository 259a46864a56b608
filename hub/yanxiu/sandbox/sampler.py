"""Measure all sandboxes and say which one has to end: one process for all of them.

Reads ``/proc`` once for everybody, however many there are, and for at most a small share of
a core; where there are control groups, only what servers hold open. It starts nothing and keeps
nothing: the launcher (``monitor``) tells a new one again what there is.
Started by the launcher as ``python -m yanxiu.sandbox.sampler``; messages in ``helper``.
"""

import select
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from yanxiu.sandbox import files, helper, limit_policy, meters, proctree
from yanxiu.sandbox.cgroups import Group
from yanxiu.sandbox.folders import Folder, Folders
from yanxiu.sandbox.held import Disk
from yanxiu.sandbox.limit_policy import Usage
from yanxiu.sandbox.spec import OUTBOX
from yanxiu.settings.limits import Limits

#: Seconds between two looks.
RUN_EVERY_S = 0.1
SERVER_EVERY_S = 1.0
#: Without control groups a server's memory has to be looked at more often.
TREE_EVERY_S = 0.25
#: Reading the process table may take this share of a core; with more processes it is read
#: less often. A process cannot outrun it: its own memory is limited by RLIMIT_DATA.
SHARE = 0.02
TABLE_AT_LEAST_EVERY_S = 2.0
#: Bytes by which a home has changed when the launcher is told.
WORTH_TELLING = 1 << 20


class Observed:
    """One sandbox under observation.

    :param said: as ``monitor`` sends it
    """

    def __init__(self, said: Mapping[str, Any]):
        self.name: str = said["add"]
        self.limits = Limits(**said["limits"])
        self.is_run: bool = said["is_run"]
        self.told: str | None = None
        self.full = False
        self.usage = Usage()
        self.due = 0.0
        folder = said["folder"]
        self.folder: Folder | None = folder and Folder(
            Path(folder), self.is_run, files.Used(**said["allowed"])
        )
        disk = Disk.of(Path(folder), self.limits) if folder and not self.is_run else None
        #: Of a home, as the launcher knows it.
        self.told_size: int | None = None
        self._begin = time.monotonic()
        self._first: int = said["first"]
        self._tmpfs: list[tuple[str, int, int]] = [tuple(one) for one in said["tmpfs"]]
        self._crowded_since: float | None = None
        self._hurt_since: float | None = None
        group = said["group"]
        self.meter: meters.GroupMeter | meters.TreeMeter = (
            meters.GroupMeter(Group.from_json(group), disk)
            if group
            else meters.TreeMeter(self._first, self.limits, self._tmpfs, disk)
        )

    @property
    def every(self) -> float:
        """Return the seconds between two looks."""
        if self.is_run:
            return RUN_EVERY_S
        return TREE_EVERY_S if self.meter.needs_table else SERVER_EVERY_S

    def look(self, now: float, table: proctree.Table | None) -> str | None:
        """Measure; return the outcome with which it has to end, if it has to."""
        self.usage = self.meter.sample(table, closely=self.is_run)
        if self.usage.tasks >= self.limits.processes:
            self._crowded_since = self._crowded_since or now
        else:
            self._crowded_since = None
        if self.usage.oom_kills:
            self._hurt_since = self._hurt_since or now
        full = meters.full(self._first, self._tmpfs) if self.is_run else None
        self.full = self.full or full is not None
        return limit_policy.must_end(
            self.limits,
            self.usage,
            is_run=self.is_run,
            wall_s=now - self._begin,
            crowded_s=now - self._crowded_since if self._crowded_since else 0.0,
            hurt_s=now - self._hurt_since if self._hurt_since else 0.0,
            outbox_full=full == OUTBOX,
            used=self._used(),
            allowed=self.folder.allowed if self.folder else None,
        )

    def news(self) -> bool:
        """Say whether a home has another size than the launcher was told, by more than a little."""
        folder = self.folder
        if folder is None or self.is_run or folder.used is files.NOTHING:
            return False
        size = folder.used.size
        if self.told_size is not None and abs(size - self.told_size) < WORTH_TELLING:
            return False
        self.told_size = size
        return True

    def _used(self) -> files.Used:
        """Return what its folder takes, with what has no name there any more."""
        if self.folder is None:
            return files.NOTHING
        named = self.folder.used
        return replace(named, size=named.size + self.meter.deleted)

    def final(self) -> dict[str, Any]:
        """Return what is known of it at its end."""
        return {"final": self.name, "usage": asdict(self.usage), "full": self.full}


class Sampler:
    """All sandboxes of one launcher."""

    def __init__(self, line: helper.Line):
        self._line = line
        self._all: dict[str, Observed] = {}
        self._folders = Folders()
        self._table_due = 0.0

    def serve(self) -> None:
        """Measure until the launcher is gone."""
        waiting = select.poll()
        waiting.register(self._line.fileno(), select.POLLIN)
        while True:
            for message in self._line.receive():
                if message is None:
                    return
                self._hear(message)
            now = time.monotonic()
            self._look(now)
            due = min((one.due for one in self._all.values()), default=now + 60)
            waiting.poll(max(0.0, due - time.monotonic()) * 1000)

    def _hear(self, message: Mapping[str, Any]) -> None:
        if "add" in message:
            one = Observed(message)
            self._all[one.name] = one
            if one.folder:
                self._folders.add(one.name, one.folder)
        elif "program" in message:
            known = self._all.get(message["of"])
            if known and isinstance(known.meter, meters.TreeMeter):
                known.meter.programs.append(message["program"])
                known.due = 0.0
        elif "ask" in message:
            self._line.send(message)
        elif "drop" in message:
            self._folders.drop(message["drop"])
            gone = self._all.pop(message["drop"], None)
            if gone:
                gone.meter.close()
            self._line.send(gone.final() if gone else {"final": message["drop"]})

    def _look(self, now: float) -> None:
        # Of this thread: on a busy machine the clock on the wall would count others' work.
        began = time.thread_time()
        due = [one for one in self._all.values() if one.due <= now]
        table = None
        if any(one.meter.needs_table for one in due):
            if now < self._table_due:
                for one in due:
                    if one.meter.needs_table:
                        one.due = self._table_due
                due = [one for one in due if one.due <= now]
            else:
                table = proctree.Table.read()
        for one in due:
            # On the beat, so that many are looked at in one go.
            one.due = (now // one.every + 1) * one.every
            outcome = one.look(now, table)
            if one.news():
                self._line.send({"size": one.name, "bytes": one.told_size})
            if outcome and not one.told:
                one.told = outcome
                self._line.send({"end": one.name, "outcome": outcome})
        if table:
            took = time.thread_time() - began
            self._table_due = now + min(took / SHARE, TABLE_AT_LEAST_EVERY_S)


def main() -> int:
    """Run until the launcher is gone; returns the exit code."""
    Sampler(helper.Line()).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
