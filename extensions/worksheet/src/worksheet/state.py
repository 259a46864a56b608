"""The unit beside the notebook and its answers.json: reading, and saving at every change.

The only module that writes the teacher's answers. A save reads the file again first, so two
open notebooks keep each other's tasks, and replaces it whole, so a crash leaves the old one.
"""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from worksheet import forms
from worksheet.lang import say

ANSWERS = "answers.json"


class WorksheetError(Exception):
    """Something a teacher can read; in a notebook only the sentence is shown."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


class Sheet:
    """One unit in one folder: its tasks, and the answers as they are on disk.

    :raises WorksheetError: unit.json is missing or broken
    """

    def __init__(self, folder: Path):
        self.folder = folder
        self.unit = _read_unit(folder / "unit.json")
        self.tasks = {task["id"]: task for task in self.unit["tasks"]}
        self.notice = ""
        self._watchers: list[Callable[[], None]] = []

    def task(self, task_id: str) -> dict[str, Any]:
        """Return a task. :raises WorksheetError: there is none of this id"""
        if task_id not in self.tasks:
            known = "、".join(self.tasks)
            raise WorksheetError(say("unknown_task", task=task_id, known=known))
        return self.tasks[task_id]

    def value(self, task_id: str) -> Any:
        """Return the saved answer; one of a wrong shape reads as empty and stays on disk."""
        return _readable(self.task(task_id), self._read())

    def save(self, task_id: str, raw: Any) -> Any:
        """Check, save and return the answer.

        :raises WrongValue: it cannot be kept; the file is as it was
        :raises OSError: it could not be written; the file is as it was
        """
        value = forms.clean(self.task(task_id), raw)
        self._write({**self._read(), task_id: value})
        for watcher in list(self._watchers):
            watcher()
        return value

    def missing(self) -> dict[str, str]:
        """Return what is still to do, by task id, in the unit's order."""
        answers = self._read()
        found = {
            name: forms.missing(task, _readable(task, answers)) for name, task in self.tasks.items()
        }
        return {name: sentence for name, sentence in found.items() if sentence}

    def watch(self, watcher: Callable[[], None]) -> None:
        """Call ``watcher`` after every save; only the newest twenty are kept."""
        # A cell run again and again shows a new view each time and forgets the old one.
        self._watchers = [*self._watchers[-19:], watcher]

    def _read(self) -> dict[str, Any]:
        path = self.folder / ANSWERS
        try:
            content = json.loads(path.read_bytes())
            answers = content["answers"]
            if content["unit"] != self.unit["id"] or not isinstance(answers, dict):
                raise ValueError
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, RecursionError):
            aside = _free_name(path)
            path.rename(aside)
            self.notice = say("answers_aside", name=aside.name)
            return {}
        return answers

    def _write(self, answers: dict[str, Any]) -> None:
        content = {"format": 1, "unit": self.unit["id"], "answers": answers}
        text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=f".{ANSWERS}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
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


def _read_unit(path: Path) -> dict[str, Any]:
    try:
        unit = json.loads(path.read_bytes())
    except FileNotFoundError:
        raise WorksheetError(say("no_unit")) from None
    except ValueError:
        raise WorksheetError(say("bad_unit")) from None
    if not isinstance(unit, dict) or not isinstance(unit.get("tasks"), list):
        raise WorksheetError(say("bad_unit"))
    return unit


def _readable(task: dict[str, Any], answers: dict[str, Any]) -> Any:
    try:
        return forms.clean(task, answers.get(task["id"]))
    except forms.WrongValue:
        return forms.empty(task)


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"answers-{number}.broken.json")).exists():
        number += 1
    return aside
