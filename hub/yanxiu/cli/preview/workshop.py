"""Watch a course's sources and rebuild its release whenever they change.

Knows files and the builder, nothing of pages. A release that cannot be built leaves the last
good one to look at. Changes are seen by asking twice a second: the folder is small, and it
works on every file system.
"""

import json
import tempfile
import threading
from pathlib import Path

from yanxiu_formats.units import Unit, unit_of

from .tool import Failed, Tool

POLL_S = 0.5
MOST_FILES = 2000
#: What a source file's change is told by: its name, time and size.
Stamp = frozenset[tuple[str, int, int]]


class Workshop:
    """One course being written.

    :ivar version: counts the rebuilds; a page that shows an older one is out of date
    """

    def __init__(self, course: Path, tool: Tool):
        self.course, self.tool = course.resolve(), tool
        self.version = 0
        self.problems: list[str] = []
        self.advice: list[str] = []
        self.units: dict[str, Unit] = {}
        self._made = tempfile.TemporaryDirectory(prefix="yanxiu-preview-")
        self.release = Path(self._made.name) / "release"
        self._seen: Stamp | None = None
        self._executed: dict[str, tuple[int, bytes]] = {}
        self._stop, self._turn = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Build once, then watch until ``close``."""
        self.look()
        self._thread.start()

    def close(self) -> None:
        """Stop watching and remove what was built."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        self._made.cleanup()

    def look(self) -> bool:
        """Rebuild if anything changed since the last look, and say whether it did."""
        stamp = _stamp(self.course)
        if stamp == self._seen:
            return False
        self._seen = stamp
        self._rebuild()
        return True

    def folder(self, part: str, unit: str) -> Path:
        """Return ``learner`` or ``scoring`` of a unit of the last good release."""
        return self.release / part / unit

    def executed(self, unit: str) -> bytes:
        """Return the unit's notebook, executed once for each version. :raises Failed: why not"""
        with self._turn:
            version, notebook = self._executed.get(unit, (-1, b""))
            if version != self.version:
                version = self.version
                notebook = self.tool.execute(self.folder("learner", unit))
                self._executed[unit] = version, notebook
            return notebook

    def _watch(self) -> None:
        while not self._stop.wait(POLL_S):
            self.look()

    def _rebuild(self) -> None:
        try:
            with self._turn:  # nobody reads a release that is being replaced
                found = self.tool.build(self.course, self.release)
                self.problems, self.advice = found["problems"], found["advice"]
                if not self.problems:
                    manifest = json.loads((self.release / "release.json").read_text("utf-8"))
                    self.units = {one["id"]: unit_of(one) for one in manifest["units"]}
        except (Failed, ValueError, KeyError, OSError) as error:
            self.problems = [str(error)]
        self.version += 1


def _stamp(folder: Path) -> Stamp:
    found = []
    for path in folder.rglob("*"):
        if "__pycache__" in path.parts or any(part.startswith(".") for part in path.parts[-2:]):
            continue
        try:
            state = path.stat()
        except OSError:  # an editor just replaced it
            continue
        found.append((str(path), state.st_mtime_ns, state.st_size))
        if len(found) >= MOST_FILES:
            break
    return frozenset(found)
