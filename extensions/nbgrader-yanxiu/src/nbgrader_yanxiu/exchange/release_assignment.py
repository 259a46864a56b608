"""``nbgrader release_assignment``: a plain nbgrader assignment becomes a unit of its course.

Sends the instructor's version too: the platform grades with it, and learners never see it.
"""

from pathlib import Path

from nbgrader.exchange import abc
from yanxiu_formats.bundle import pack

from .sentences import tell
from .teaching import TeachingExchange

_LEFT_OUT = {"__pycache__", ".ipynb_checkpoints"}


class ExchangeReleaseAssignment(TeachingExchange, abc.ExchangeReleaseAssignment):
    """Release an assignment."""

    def copy_files(self) -> None:
        """Send ``release/<assignment>`` and ``source/<assignment>``."""
        course, name = self.coursedir.course_id, self.coursedir.assignment_id
        every = self.teaching.assignments()
        if not course:
            self._which_course(every)
        parts: dict[str, bytes] = {}
        for part, folder, sentence in (
            ("release", self.coursedir.release_directory, "no_release"),
            ("source", self.coursedir.source_directory, "no_source"),
        ):
            place = Path(self.coursedir.format_path(folder, ".", name))
            if not place.is_dir():
                self.fail(tell(sentence, place=place, name=name))
            parts |= {f"{part}/{path}": content for path, content in _files(place).items()}
        there = [
            one for one in every if one["course"] == course and name in (one["unit"], one["name"])
        ]
        if there and not self.force:
            self.fail(tell("already_released", course=course, name=name))
        answer = self.teaching.release_assignment(course, name, pack(parts))
        for note in answer.get("notes", ()):
            self.log.warning(str(note))
        self.log.info(tell("released_as", course=course, name=name))


def _files(place: Path) -> dict[str, bytes]:
    """Return the regular files below ``place``; links lead elsewhere and stay behind."""
    found = {}
    for path in sorted(place.rglob("*")):
        inside = path.relative_to(place)
        if path.is_symlink() or not path.is_file() or _LEFT_OUT & set(inside.parts):
            continue
        if any((place / one).is_symlink() for one in inside.parents):
            continue
        found[inside.as_posix()] = path.read_bytes()
    return found
