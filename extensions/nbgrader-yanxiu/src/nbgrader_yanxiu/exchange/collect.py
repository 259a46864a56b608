"""``nbgrader collect``: the newest submission of everybody whom the organizer is in charge of.

Who handed in is what the platform says; there is no owner of a file to be compared with, and
nothing in an archive is a link.
"""

import shutil
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from nbgrader.exchange import abc
from yanxiu_formats.bundle import TIMESTAMP, unpack

from nbgrader_yanxiu import folder

from .base import name_of, timestamp_of
from .sentences import tell
from .teaching import TeachingExchange


class ExchangeCollect(TeachingExchange, abc.ExchangeCollect):
    """Collect submissions."""

    def copy_files(self) -> None:
        """Write ``submitted/<person>/<assignment>/`` for everybody."""
        found = self.assignment()
        name, newest = name_of(found), self._newest(found)
        said = {"course": found["course"], "name": name}
        if not newest:
            self.log.warning(tell("nothing_to_collect", **said))
        else:
            self.log.info(tell("collecting", **said, count=len(newest)))
        for student, one in sorted(newest.items()):
            self._take(student, name, one)

    def _newest(self, found: dict[str, Any]) -> dict[str, dict[str, Any]]:
        """Return the attempt to take of each person."""
        wanted = self.coursedir.student_id or "*"
        left_out = set(filter(None, self.coursedir.student_id_exclude.split(",")))
        # A minute that is printed as due lasts until its end.
        over = datetime.fromisoformat(found["due_at"]) + timedelta(minutes=1)
        chosen: dict[str, dict[str, Any]] = {}
        for one in self.teaching.submissions(found["assignment"]):
            student = str(one["student"])
            if student in left_out or not fnmatch(student, wanted):
                continue
            late = datetime.fromisoformat(one["received_at"]) >= over
            # They come oldest first: a later one replaces it, unless it is too late and
            # there is one that is not.
            if not (self.before_duedate and late and student in chosen):
                chosen[student] = one
        return chosen

    def _take(self, student: str, name: str, one: dict[str, Any]) -> None:
        place = Path(self.coursedir.format_path(self.coursedir.submitted_directory, student, name))
        said = {"student": student, "attempt": one["attempt"]}
        if one.get("deleted"):
            self.log.warning(tell("contents_deleted", **said))
            return
        sentence = "collected"
        if place.is_dir():
            existing = self.coursedir.get_existing_timestamp(str(place))
            received = datetime.fromisoformat(one["received_at"]).astimezone(UTC)
            newer = existing is None or received.replace(tzinfo=None) > existing
            if not (self.update and newer):
                self.log.info(tell("collected_before", student=student))
                return
            sentence = "collected_newer"
        files = unpack(self.teaching.bundle(one["submission"]))
        files[TIMESTAMP] = timestamp_of(one["received_at"]).encode()
        if place.is_dir():
            shutil.rmtree(place)
        place.mkdir(parents=True)
        folder.add_missing(place, files)
        self.log.info(tell(sentence, **said))
