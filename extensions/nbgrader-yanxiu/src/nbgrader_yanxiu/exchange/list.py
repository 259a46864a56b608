"""``nbgrader list``: one's units, and with ``--inbound`` or ``--cached`` one's attempts.

Returns what nbgrader's own lister returns, because its Assignment List shows it. With a
token for teaching, ``--inbound`` shows the submissions that its holder may collect.
"""

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from nbgrader.exchange import abc
from traitlets import Bool

from nbgrader_yanxiu.errors import NotConnected, Refused
from nbgrader_yanxiu.teaching import Teaching

from . import taught
from .base import Exchange, name_of, timestamp_of
from .sentences import tell

_HERE = timezone(timedelta(hours=8))


class ExchangeList(Exchange, abc.ExchangeList):
    """List units and attempts."""

    as_json = Bool(False, help="Print out assignments as JSON.").tag(config=True)

    def copy_files(self) -> None:
        """Nothing: listing copies nothing."""

    def remove_files(self) -> list[dict[str, Any]]:
        """Refuse: what is released or handed in stays."""
        self.fail(tell("no_remove"))
        return []

    def list_files(self) -> list[dict[str, Any]]:
        """Say and return what there is."""
        found = self._taught()
        if found is not None:
            return found
        units = [one for one in self._wanted() if one["state"] != "planned"]
        if self.inbound or self.cached:
            found = [one for one in map(self._attempts, units) if one["submissions"]]
            lines = [self._attempt_line(each) for one in found for each in one["submissions"]]
            self._say("submitted", lines, found)
        else:
            found = [self._released(unit) for unit in units]
            lines = [self._unit_line(unit) for unit in units]
            self._say("released", lines, found)
        return found

    def _taught(self) -> list[dict[str, Any]] | None:
        """Return what an organizer sees on their own computer; None for everybody else."""
        if os.environ.get("JUPYTERHUB_API_TOKEN"):
            return None
        teaching = Teaching.from_environment()
        try:
            every = teaching.assignments()
        except NotConnected:
            return None  # asked as a learner, it says what is missing
        except Refused as refusal:
            if refusal.code.startswith("token.teach"):
                return None
            raise
        course, name = self.coursedir.course_id, self.coursedir.assignment_id
        wanted = [
            one
            for one in every
            if course in ("", one["course"]) and name in ("", one["unit"], name_of(one))
        ]
        if self.inbound or self.cached:
            found = taught.inbound(teaching, wanted)
            lines = [self._attempt_line(each) for one in found for each in one["submissions"]]
            self._say("submitted", lines, found)
        else:
            found = taught.released(wanted)
            self._say("released", [self._unit_line(one) for one in wanted], found)
        return found

    def _wanted(self) -> list[dict[str, Any]]:
        name = self.coursedir.assignment_id
        units: dict[tuple[str, str], dict[str, Any]] = {}
        for one in self.units():
            # The newest offering of a course comes first.
            units.setdefault((one["course"], one["unit"]), one)
        return [one for one in units.values() if name in ("", one["unit"], name_of(one))]

    def _say(self, title: str, lines: list[str], found: list[dict[str, Any]]) -> None:
        if self.as_json:
            print(json.dumps(found, ensure_ascii=False))
            return
        self.log.info(tell(title))
        for line in lines:
            self.log.info(line)

    def _unit_line(self, unit: dict[str, Any]) -> str:
        place = self.place(unit["course"], name_of(unit))
        due = datetime.fromisoformat(unit["due_at"]).astimezone(_HERE)
        said = {"course": unit["course"], "name": name_of(unit), "due": f"{due:%Y-%m-%d %H:%M}"}
        if place.is_dir():
            return tell("listed_here", **said, place=place.name)
        return tell("listed", **said)

    def _released(self, unit: dict[str, Any]) -> dict[str, Any]:
        place = self.place(unit["course"], name_of(unit))
        fetched = place.is_dir()
        return {
            "course_id": unit["course"],
            "assignment_id": name_of(unit),
            "status": "fetched" if fetched else "released",
            "path": str(place) if fetched else self.records.page(unit["assignment"]),
            "notebooks": [
                {"notebook_id": Path(name).stem, "path": str(place / name)}
                for name in unit["notebooks"]
            ],
        }

    def _attempts(self, unit: dict[str, Any]) -> dict[str, Any]:
        attempts = self.records.attempts(unit["assignment"]) if unit["attempts"] else []
        submissions = [self._attempt(unit, one) for one in reversed(attempts)]
        return {
            "course_id": unit["course"],
            "student_id": self.person,
            "assignment_id": name_of(unit),
            "status": "submitted",
            "submissions": submissions,
        }

    def _attempt(self, unit: dict[str, Any], attempt: dict[str, Any]) -> dict[str, Any]:
        timestamp = timestamp_of(attempt["received_at"])
        place = self.place(unit["course"], name_of(unit))
        feedback = place / "feedback" / timestamp
        here = feedback.is_dir() and any(feedback.glob("*.html"))
        ready = attempt["total_points"] is not None
        state = {
            "has_local_feedback": here,
            "has_exchange_feedback": ready,
            "local_feedback_path": str(feedback) if here else None,
            "feedback_updated": False,
        }
        return {
            "course_id": unit["course"],
            "student_id": self.person,
            "assignment_id": name_of(unit),
            "timestamp": timestamp,
            "status": "submitted",
            "path": str(place),
            "receipt": attempt["receipt"],
            "attempt": attempt["attempt"],
            "notebooks": [
                {"notebook_id": Path(name).stem, "path": str(place / name), **state}
                for name in unit["notebooks"]
            ],
            **state,
        }

    def _attempt_line(self, one: dict[str, Any]) -> str:
        state = "feedback_none"
        if one["has_local_feedback"]:
            state = "feedback_here"
        elif one["has_exchange_feedback"]:
            state = "feedback_ready"
        return tell(
            "attempt",
            course=one["course_id"],
            student=one["student_id"],
            name=one["assignment_id"],
            timestamp=one["timestamp"],
            attempt=one["attempt"],
            receipt=one["receipt"],
            state=tell(state),
        )
