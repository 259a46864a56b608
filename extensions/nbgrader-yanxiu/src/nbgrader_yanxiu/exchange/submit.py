"""``nbgrader submit``: hand in a folder as the person whose token it is.

A folder that ``fetch_assignment`` made or one of the Lab panel: its mark says which unit it
is. ``bundle`` packs without following links, ``records`` sends and goes on after a broken line.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbgrader.exchange import abc
from yanxiu_formats.bundle import human
from yanxiu_formats.sentences import language

from nbgrader_yanxiu import bundle, folder

from .base import Exchange, name_of
from .sentences import tell

#: Where the Lab panel and the portal put units.
PANEL_HOME = "研修"


class ExchangeSubmit(Exchange, abc.ExchangeSubmit):
    """Submit a unit."""

    def copy_files(self) -> None:
        """Pack, send, and say the receipt."""
        asked = self.coursedir.student_id
        if asked not in ("*", "", self.person):
            self.fail(tell("not_as_others", asked=asked))
        unit = self.unit()
        place = self._folder(unit)
        packed = bundle.pack(place, folder.unit_in(place), unit["notebooks"])
        self._check_notebooks(place, unit)
        size = human(len(packed.body))
        self.log.info(tell("sending", place=place, count=packed.count, size=size))
        for note in packed.notes:
            self.log.warning(note.text(language()))
        assignment = unit["assignment"]
        key = folder.key_for(place, packed.digest, lambda: self._newest(assignment))
        receipt = self.records.submit(assignment, packed, key, self._teller())
        folder.keep_key(place, packed.digest, key, receipt.receipt)
        said = {"receipt": receipt.receipt, "attempt": receipt.attempt, "time": receipt.local_time}
        self.log.info(tell("receipt", **said))

    def _folder(self, unit: dict[str, Any]) -> Path:
        """Return the folder to submit: here by name, else the Lab panel's."""
        name = name_of(unit)
        place = self.place(unit["course"], Path(self.coursedir.assignment_id).name)
        if place.is_dir():
            marked = folder.read_json(place / folder.MARK).get("assignment")
            if marked not in (None, unit["assignment"]):
                self.fail(tell("other_folder", place=place.name))
            return place
        for home in (Path(self.assignment_dir, PANEL_HOME), Path.home() / PANEL_HOME):
            marks = [(one, folder.read_json(one)) for one in home.glob(f"*/{folder.MARK}")]
            # The one that the teacher chose last, when a unit lies there in two versions.
            marks.sort(key=lambda one: str(one[1].get("chosen_at", "")), reverse=True)
            for path, mark in marks:
                if mark.get("assignment") == unit["assignment"]:
                    return path.parent.absolute()
        self.fail(tell("no_folder", name=name, course=unit["course"]))
        raise AssertionError  # fail() raises

    def _check_notebooks(self, place: Path, unit: dict[str, Any]) -> None:
        missing = [one for one in unit["notebooks"] if not (place / one).is_file()]
        if not missing:
            return
        sentence = tell("missing", known="、".join(missing))
        if self.strict:
            self.fail(sentence)
        self.log.warning(sentence)

    def _newest(self, assignment: str) -> str | None:
        attempts = self.records.attempts(assignment)
        newest = max(attempts, key=lambda one: int(one["attempt"]), default=None)
        return str(newest["receipt"]) if newest else None

    def _teller(self) -> Callable[[int, int], None]:
        said = [0]

        def progress(sent: int, total: int) -> None:
            percent = sent * 100 // max(1, total)
            # A line for each quarter: a terminal keeps everything.
            if percent >= said[0] + 25:
                said[0] = percent
                self.log.info(tell("part", percent=percent))

        return progress
