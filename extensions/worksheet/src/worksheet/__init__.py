"""Course tasks in a notebook: what a unit's cells call.

Thin: finds the unit beside the notebook and shows a view. Works without a front end, so
that grading can execute the same cells. See docs/reference/release-format.md.
"""

from typing import Any

from IPython.display import HTML, Markdown, display

from worksheet.lang import language, pick, say
from worksheet.state import WorksheetError, open_sheet

__all__ = [
    "WorksheetError",
    "answer",
    "intro",
    "progress",
    "show_data",
    "submit_button",
    "task",
]


def intro() -> None:
    """Show the unit's introduction, in English if there is one and the teacher reads it."""
    sheet = open_sheet()
    path = sheet.folder / sheet.unit.intro
    english = path.with_name(f"{path.stem}.en.md")
    if language() == "en" and english.is_file():
        path = english
    if not path.is_file():
        raise WorksheetError(say("no_file", file=path.name, known="unit.json"))
    display(Markdown(path.read_text(encoding="utf-8")))


def show_data(file: str) -> None:
    """Show one of the unit's tables, and its chart if the unit asks for one.

    :raises WorksheetError: the unit has no such file
    """
    from worksheet.tables import sp_html, table_html

    sheet = open_sheet()
    entries = {entry.file: entry for entry in sheet.unit.data}
    path = sheet.folder / file
    if file not in entries or not path.is_file():
        raise WorksheetError(say("no_file", file=file, known="、".join(entries)))
    display(HTML(table_html(path, pick(entries[file].title), file)))
    if entries[file].chart == "sp":
        display(HTML(sp_html(path)))


def task(task_id: str) -> None:
    """Show a task as a form with what was saved. :raises WorksheetError: no such task"""
    from worksheet.views import TaskView

    sheet = open_sheet()
    display(TaskView(sheet, sheet.task(task_id)))


def answer(task_id: str, value: Any) -> None:
    """Save an answer from code; cells of a table that are not given become empty.

    :raises WorksheetError: no such task, or a value that cannot be kept; nothing is saved
    """
    open_sheet().save(task_id, value)


def progress() -> None:
    """Show what is done and what is missing."""
    from worksheet.submitting import ProgressView

    display(ProgressView(open_sheet()))


def submit_button() -> None:
    """Show the button that hands the unit in. Nothing is sent before it is pressed."""
    from worksheet.submitting import SubmitView

    display(SubmitView(open_sheet()))
