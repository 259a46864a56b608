"""``nbgrader release_feedback``: give locally made feedback to its authors, and the result.

The platform keeps the HTML as files for the author; the result is released by the platform's
own rules when it is graded there.
"""

from pathlib import Path

from nbgrader.exchange import abc
from yanxiu_formats.bundle import TIMESTAMP, pack

from nbgrader_yanxiu.errors import Refused

from .base import name_of, timestamp_of
from .sentences import tell
from .teaching import TeachingExchange


class ExchangeReleaseFeedback(TeachingExchange, abc.ExchangeReleaseFeedback):
    """Release feedback."""

    def copy_files(self) -> None:
        """Send ``feedback/<person>/<assignment>/*.html`` of everybody."""
        found = self.assignment()
        name = name_of(found)
        wanted = self.coursedir.student_id or "*"
        left_out = set(filter(None, self.coursedir.student_id_exclude.split(",")))
        pattern = self.coursedir.format_path(self.coursedir.feedback_directory, wanted, name)
        root = Path(self.coursedir.root)
        places = sorted(root.glob(str(Path(pattern).relative_to(root))))
        if not places:
            self.fail(tell("no_html", place=pattern, name=name))
        attempts = {
            (str(one["student"]), timestamp_of(one["received_at"])): str(one["submission"])
            for one in self.teaching.submissions(found["assignment"])
        }
        failed = 0
        for place in places:
            student = _student(self.coursedir, place, name)
            if student in left_out:
                continue
            failed += not self._send(place, student, attempts)
        if failed:
            self.fail(tell("some_failed", count=failed))

    def _send(self, place: Path, student: str, attempts: dict[tuple[str, str], str]) -> bool:
        mark = place / TIMESTAMP
        if not mark.is_file():
            self.log.error(tell("no_timestamp", place=place))
            return False
        submission = attempts.get((student, mark.read_text().strip()))
        if submission is None:
            self.log.error(tell("no_attempt", student=student))
            return False
        pages = {
            path.name: path.read_bytes()
            for path in sorted(place.glob("*.html"))
            if path.is_file() and not path.is_symlink()
        }
        if not pages:
            self.log.error(tell("no_html", place=place, name=place.name))
            return False
        try:
            why = self.teaching.give_feedback(submission, pack(pages))
        except Refused as refusal:
            self.log.error("%s: %s", student, refusal)
            return False
        if why is None:
            self.log.info(tell("feedback_sent", student=student))
        else:
            self.log.warning(tell("feedback_kept", student=student, why=why))
        return True


def _student(coursedir: object, place: Path, name: str) -> str:
    """Return whose folder it is, by nbgrader's own structure of folders."""
    whose = coursedir.format_path(  # type: ignore[attr-defined]
        coursedir.feedback_directory,  # type: ignore[attr-defined]
        "\0",
        name,
    )
    parts = Path(whose).parts
    return place.parts[parts.index("\0")]
