"""The unit beside the notebook and its answers.json: reading, and saving at every change.

The only module that writes the teacher's answers. A save reads the file again first, so two
open notebooks keep each other's tasks, and replaces it whole, so a crash leaves the old one.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from yanxiu_formats import answers, answers_file
from yanxiu_formats.answers import Cleaned
from yanxiu_formats.answers_file import ANSWERS
from yanxiu_formats.tasks import AnyTask
from yanxiu_formats.units import UNIT_FILE, BadUnit, Unit, parse_unit, tasks_by_id

from worksheet.lang import language, say


class WorksheetError(Exception):
    """Something a teacher can read; in a notebook only the sentence is shown."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class WrongValue(WorksheetError):
    """A value that cannot be kept; its text is the sentence about it."""


class Sheet:
    """One unit in one folder: its tasks, and the answers as they are on disk.

    :raises WorksheetError: unit.json is missing or broken
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.unit = _read_unit(folder / UNIT_FILE)
        self.tasks = tasks_by_id(self.unit)
        self.notice = ""
        self._watchers: list[Callable[[], None]] = []

    def task(self, task_id: str) -> AnyTask:
        """Return a task. :raises WorksheetError: there is none of this id"""
        if task_id not in self.tasks:
            raise WorksheetError(say("unknown_task", task=task_id, known=list(self.tasks)))
        return self.tasks[task_id]

    def value(self, task_id: str) -> Any:
        """Return what can be kept of the saved answer; the rest stays on disk."""
        return answers.clean(self.task(task_id), self._read().get(task_id)).value

    def save(self, task_id: str, raw: Any) -> Any:
        """Check, save and return an answer that code gives.

        :raises WrongValue: something of it cannot be kept; the file is as it was
        :raises OSError: it could not be written; the file is as it was
        """
        cleaned = answers.clean(self.task(task_id), raw)
        if cleaned.wrong:
            raise WrongValue(cleaned.wrong[0].text(language()))
        self._keep(task_id, cleaned.value)
        return cleaned.value

    def keep(self, task_id: str, raw: Any) -> Cleaned:
        """Save what can be kept of what a person typed, and return what is wrong with the rest.

        Where nothing can be kept, the file is as it was.

        :raises OSError: it could not be written; the file is as it was
        """
        cleaned = answers.clean(self.task(task_id), raw)
        if not cleaned.wrong or answers.touched(cleaned.value):
            self._keep(task_id, cleaned.value)
        return cleaned

    def missing(self) -> dict[str, str]:
        """Return what is still to do, by task id, in the unit's order."""
        cleaned, _ = answers.clean_all(self.unit, self._read())
        found = {name: answers.missing(task, cleaned[name]) for name, task in self.tasks.items()}
        return {name: problem.text(language()) for name, problem in found.items() if problem}

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call ``watcher`` after every save; only the newest twenty are kept."""
        # A cell run again and again shows a new view each time and forgets the old one.
        self._watchers = [*self._watchers[-19:], watcher]

    def _keep(self, task_id: str, value: Any) -> None:
        self._write({**self._read(), task_id: value})
        for watcher in list(self._watchers):
            watcher()

    def _read(self) -> dict[str, Any]:
        path = self.folder / ANSWERS
        try:
            return answers_file.read(path.read_bytes(), self.unit)
        except FileNotFoundError:
            return {}
        except answers_file.BadAnswers:
            aside = _free_name(path)
            path.rename(aside)
            self.notice = say("answers_aside", name=aside.name)
            return {}

    def _write(self, saved: dict[str, Any]) -> None:
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=f".{ANSWERS}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(answers_file.write(self.unit, saved))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(self.folder / ANSWERS)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


_open: dict[Path, Sheet] = {}


def open_sheet(folder: Path | None = None) -> Sheet:
    """Return the sheet of ``folder`` (default: where the notebook runs), one for each folder."""
    here = (folder or Path.cwd()).resolve()
    if here not in _open:
        _open[here] = Sheet(here)
    return _open[here]


def _read_unit(path: Path) -> Unit:
    try:
        return parse_unit(path.read_bytes())
    except FileNotFoundError:
        raise WorksheetError(say("no_unit")) from None
    except BadUnit:
        raise WorksheetError(say("bad_unit")) from None


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"answers-{number}.broken.json")).exists():
        number += 1
    return aside
