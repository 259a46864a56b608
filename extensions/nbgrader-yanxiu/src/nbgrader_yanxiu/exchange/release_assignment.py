"""``nbgrader release_assignment``: a plain nbgrader assignment becomes a unit of its course.

Learners get what ``release/<assignment>`` holds, less what nbgrader's own exchange leaves out.
The instructor's version goes along because the platform grades with it, AUTOTEST expanded as in
the learners' version; learners never see it.
So do the settings that both were made with (``made_with``): the platform checks with them that
nothing is in the release that nbgrader would have removed.
"""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from nbgrader.exchange import abc
from nbgrader.utils import ignore_patterns
from yanxiu_formats.bundle import pack

from .made_with import settings
from .sentences import tell
from .teaching import TeachingExchange
from .with_tests import with_tests

Leave = Callable[[str, list[str]], Iterable[str]]
_SHOWN = 10


class ExchangeReleaseAssignment(TeachingExchange, abc.ExchangeReleaseAssignment):
    """Release an assignment."""

    def copy_files(self) -> None:
        """Send ``release/<assignment>``, and what the platform needs to grade and check it."""
        course, name = self.coursedir.course_id, self.coursedir.assignment_id
        every = self.teaching.assignments()
        if not course:
            self._which_course(every)
        release = self._folder(self.coursedir.release_directory, "no_release")
        source = self._folder(self.coursedir.source_directory, "no_source")
        self._check_size(release)
        ignore = self.coursedir.ignore
        # As nbgrader's own exchange copies it (exchange/default/exchange.py, do_copy).
        released, left = _files(
            release,
            ignore_patterns(
                exclude=ignore,
                include=self.coursedir.include,
                max_file_size=self.coursedir.max_file_size,
            ),
        )
        graded, _ = _files(source, ignore_patterns(exclude=ignore))
        graded = with_tests(self, source, graded)
        if left:
            shown = "、".join(left[:_SHOWN]) + ("……" if len(left) > _SHOWN else "")
            self.log.warning(tell("not_released", count=len(left), known=shown))
        options, headers = settings(self)
        there = [
            one for one in every if one["course"] == course and name in (one["unit"], one["name"])
        ]
        if there and not self.force:
            self.fail(tell("already_released", course=course, name=name))
        tar = pack(
            {
                "settings.json": json.dumps(options).encode(),
                **_below("parts", headers),
                **_below("release", released),
                **_below("source", graded),
            }
        )
        answer = self.teaching.release_assignment(course, name, tar)
        for note in answer.get("notes", ()):
            self.log.warning(str(note))
        self.log.info(tell("released_as", course=course, name=name))

    def _folder(self, step: str, sentence: str) -> Path:
        name = self.coursedir.assignment_id
        place = Path(self.coursedir.format_path(step, ".", name))
        if not place.is_dir():
            self.fail(tell(sentence, place=place, name=name))
        return place

    def _check_size(self, release: Path) -> None:
        size = sum(
            one.stat().st_size
            for one in release.rglob("*")
            if one.is_file() and not one.is_symlink()
        )
        if size > 1000 * self.coursedir.max_dir_size:
            most = self.coursedir.max_dir_size
            self.fail(tell("release_too_large", place=release, size=-(-size // 1000), most=most))


def _below(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{folder}/{name}": data for name, data in files.items()}


def _files(place: Path, leave: Leave) -> tuple[dict[str, bytes], list[str]]:
    """Return the regular files below ``place``, and the names of what stays behind.

    Links lead elsewhere; hidden files are what systems left there.
    """
    found: dict[str, bytes] = {}
    left: list[str] = []
    todo = [place]
    while todo:
        here = todo.pop()
        names = sorted(one.name for one in here.iterdir())
        out = set(leave(str(here), names))
        for path in (here / one for one in names):
            inside = path.relative_to(place).as_posix()
            if path.name in out or path.name.startswith(".") or path.is_symlink():
                left.append(inside)
            elif path.is_dir():
                todo.append(path)
            elif path.is_file():
                found[inside] = path.read_bytes()
    return found, sorted(left)
