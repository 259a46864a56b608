"""A file drop: a button that adds files, and a line for each that is there."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import ipywidgets as w

from worksheet import dropping, forms
from worksheet.lang import say
from worksheet.state import Sheet
from worksheet.views.parts import Changed, Inputs, hint, label

Task = dict[str, Any]


def file(sheet: Sheet, task: Task, value: Any, changed: Changed) -> Inputs:
    """Show the files that are there and a button for more."""
    view = _FileView(sheet, task, value, changed)
    return [
        hint(
            say(
                "file_hint",
                most=task["max_files"],
                mb=task["max_mb"],
                types="、".join(task["accept"]),
            )
        ),
        view.lines,
        view.button,
    ], view.read


class _FileView:
    def __init__(self, sheet: Sheet, task: Task, value: Any, changed: Changed):
        self._sheet, self._task, self._changed = sheet, task, changed
        self._entries = self._as_they_are(value)
        self._new: list[tuple[str, bytes]] = []
        self.lines = w.VBox()
        self.button = w.FileUpload(
            accept=",".join(task["accept"]),
            multiple=task["max_files"] > 1,
            description=say("file_add"),
            layout={"width": "max-content"},
        )
        self.button.observe(self._uploaded, "value")
        self._show()

    def _as_they_are(self, value: Any) -> list[dict[str, Any]]:
        """Return the files as they lie there now: their owner may have worked on them since."""
        entries = dropping.measured(self._sheet.folder, self._task, value)
        if entries != value:
            # One that grew too big, or a full disk, is said when something is handed in.
            with suppress(forms.WrongValue, OSError):
                return list(self._sheet.save(self._task["id"], entries))
        return list(value)

    def read(self) -> tuple[Any, str]:
        """Write what was uploaded and return all entries; a file that is unfit is left out."""
        new, self._new, wrong = self._new, [], ""
        for name, content in new:
            try:
                entry = dropping.put(self._sheet.folder, self._task, name, content)
                entries = [one for one in self._entries if one["name"] != entry["name"]]
                self._entries = forms.clean(self._task, [*entries, entry])
            except forms.WrongValue as error:
                wrong = wrong or str(error)
        self._show()
        return self._entries, wrong

    def _uploaded(self, change: Any) -> None:
        if not change["new"]:
            return
        self._new = [(one["name"], bytes(one["content"])) for one in change["new"]]
        self._changed(None)
        self.button.value = ()

    def _remove(self, entry: dict[str, Any]) -> Callable[[Any], None]:
        def clicked(_button: Any) -> None:
            self._entries = [one for one in self._entries if one != entry]
            self._changed(None)
            dropping.remove(self._sheet.folder, self._task, entry)

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
