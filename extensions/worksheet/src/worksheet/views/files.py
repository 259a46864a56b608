"""A file task: a button that adds files, and a line for each that is there."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import ipywidgets as w
from yanxiu_formats import answers
from yanxiu_formats.answers import Entry
from yanxiu_formats.tasks import FileTask

from worksheet import attachments
from worksheet.lang import say
from worksheet.state import Sheet
from worksheet.views.parts import Changed, Inputs, hint, label


def file(sheet: Sheet, task: FileTask, value: list[Entry], changed: Changed) -> Inputs:
    """Show the files that are there and a button for more."""
    view = _FileView(sheet, task, value, changed)
    asked = say("file_hint", most=task.max_files, mb=task.max_mb, types=task.accept)
    return [hint(asked), view.lines, view.button], view.read


class _FileView:
    def __init__(self, sheet: Sheet, task: FileTask, value: list[Entry], changed: Changed):
        self._sheet, self._task, self._changed = sheet, task, changed
        self._entries = self._as_they_are(value)
        self._new: list[tuple[Entry, bytes]] = []
        self.lines = w.VBox()
        self.button = w.FileUpload(
            accept=",".join(task.accept),
            multiple=task.max_files > 1,
            description=say("file_add"),
            layout={"width": "max-content"},
        )
        self.button.observe(self._uploaded, "value")
        self._show()

    def _as_they_are(self, value: list[Entry]) -> list[Entry]:
        """Return the files as they lie there now: their owner may have worked on them since."""
        entries = attachments.measured(self._sheet.folder, self._task, value)
        if entries != value:
            # One that grew too big, or a full disk, is said when something is handed in.
            with suppress(OSError):
                cleaned = self._sheet.keep(self._task.id, entries)
                if not cleaned.wrong:
                    return list(cleaned.value)
        return list(value)

    def read(self) -> list[Entry]:
        """Write what was uploaded, but for what is unfit, and return every entry."""
        new, self._new = self._new, []
        given = [*self._entries, *(entry for entry, _ in new)]
        kept = answers.clean(self._task, given).value
        for entry, content in new:
            if entry in kept:
                attachments.put(self._sheet.folder, self._task, entry, content)
        self._entries = kept
        self._show()
        return given

    def _uploaded(self, change: Any) -> None:
        if not change["new"]:
            return
        sent = [(one["name"], bytes(one["content"])) for one in change["new"]]
        self._new = attachments.entries_of(sent, self._entries)
        self._changed(None)
        self.button.value = ()

    def _remove(self, entry: Entry) -> Callable[[Any], None]:
        def clicked(_button: Any) -> None:
            self._entries = [one for one in self._entries if one != entry]
            self._changed(None)
            attachments.remove(self._sheet.folder, self._task, entry)

        return clicked

    def _show(self) -> None:
        lines = []
        for entry in self._entries:
            button = w.Button(
                description=say("file_remove"),
                tooltip=say("file_remove_this", name=entry["name"]),
                layout={"width": "auto"},
            )
            button.on_click(self._remove(entry))
            size = f"{max(1, entry['size'] // 1000)} KB"
            lines.append(w.HBox([label(f"{entry['name']}（{size}）"), button]))
        self.lines.children = lines
