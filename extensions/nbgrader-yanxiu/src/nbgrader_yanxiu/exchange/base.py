"""What all of the exchange's verbs share: who asks, which assignment is meant, how errors end.

The person is whoever the token belongs to; the operating system's user and ``--student`` say
nothing. Decides nothing about courses. The verbs are this package's other modules; nbgrader
calls them through its ``ExchangeFactory``.
"""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.exchange import abc
from traitlets import Bool
from yanxiu_formats.bundle import BadBundle

from nbgrader_yanxiu.errors import RecordsError
from nbgrader_yanxiu.records import Records

from .sentences import tell


class Exchange(abc.Exchange):
    """The base of all verbs: over HTTP instead of a shared folder."""

    path_includes_course = Bool(
        False, help="Whether folders of assignments lie in a folder of their course."
    ).tag(config=True)

    def start(self) -> Any:
        """Run the verb; whatever cannot be done ends with its sentence."""
        try:
            return super().start()
        except RecordsError as error:
            self.fail(str(error))
        except BadBundle:
            self.fail(tell("bad_archive"))
        except OSError as error:
            place = Path(str(error.filename or self.assignment_dir)).name
            self.fail(tell("disk", place=place, reason=error.strerror or type(error).__name__))

    def init_src(self) -> None:
        """Nothing: there is no shared folder to look at."""

    def init_dest(self) -> None:
        """Nothing."""

    @property
    def records(self) -> Records:
        """The records service, asked with the person's own token."""
        return Records.from_environment()

    @property
    def person(self) -> str:
        """The hub user whose server this is, for showing; the token decides."""
        return os.environ.get("JUPYTERHUB_USER", "")

    def units(self) -> list[dict[str, Any]]:
        """Return the person's units, of the course that was asked for if one was."""
        course = self.coursedir.course_id
        return [one for one in self.records.units() if course in ("", one["course"])]

    def unit(self) -> dict[str, Any]:
        """Return the unit that is meant, or end with a sentence that names what there is."""
        name, every = self.coursedir.assignment_id, self.units()
        if not self.coursedir.course_id and len({one["course"] for one in every}) != 1:
            self._which_course(every)
        # The newest offering of a course comes first.
        found = next((one for one in every if name in (one["unit"], one.get("name"))), None)
        if found is None:
            course = self.coursedir.course_id or (every[0]["course"] if every else "")
            known = "、".join(dict.fromkeys(name_of(one) for one in every)) or "—"
            self.fail(tell("no_assignment", course=course, name=name, known=known))
        assert found is not None
        self.coursedir.course_id = found["course"]
        return found

    def _which_course(self, every: list[dict[str, Any]]) -> None:
        known = "、".join(dict.fromkeys(str(one["course"]) for one in every))
        self.fail(tell("which_course", known=known) if known else tell("no_courses"))

    def place(self, course: str, name: str) -> Path:
        """Return where an assignment's folder is, or would be."""
        below = Path(course, name) if self.path_includes_course else Path(name)
        return Path(self.assignment_dir, below).absolute()


def name_of(unit: dict[str, Any]) -> str:
    """Return what nbgrader calls the assignment."""
    return str(unit.get("name") or unit["unit"])


def timestamp_of(received_at: str) -> str:
    """Return the service's instant as nbgrader writes it: UTC, which every parser reads alike.

    >>> timestamp_of("2026-09-02T09:00:00.250000+08:00")
    '2026-09-02 01:00:00.250000 UTC'
    """
    return f"{datetime.fromisoformat(received_at).astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
