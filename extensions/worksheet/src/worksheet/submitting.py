"""The submit button and the list of what is done.

Decides the order of the steps and what is said at each; ``nbgrader_yanxiu`` packs and
sends, imported when the button is pressed: grading runs have no use for it. One key goes with
one content until the service has answered, so pressing again after a broken connection never
makes a second attempt.
"""

import html
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from worksheet.lang import language, pick, say
from worksheet.state import Sheet
from worksheet.views import BAD, DIM, GOOD

if TYPE_CHECKING:
    from nbgrader_yanxiu.bundle import Bundle
    from nbgrader_yanxiu.records import Receipt, Records


def _connect() -> "Records":
    from nbgrader_yanxiu.records import Records

    return Records.from_environment(language())


class SubmitView(w.VBox):
    """The button, and under it what happened."""

    def __init__(self, sheet: Sheet, connect: "Callable[[], Records]" = _connect):
        self._sheet, self._connect = sheet, connect
        self._pending: tuple[str, str] | None = None  # digest and key not yet answered
        self._warned = False
        self.button = w.Button(description=say("submit"), button_style="primary")
        self.status = w.HTML(f'<span style="color:{DIM}">{html.escape(say("submit_note"))}</span>')
        self.button.on_click(self._pressed)
        super().__init__([self.button, self.status])

    def _pressed(self, _button: Any = None) -> None:
        missing = self._sheet.missing()
        if missing and not self._warned:
            names = "、".join(pick(self._sheet.tasks[name].title) for name in missing)
            self._say(say("still_missing", count=len(missing), tasks=names), BAD)
            self.button.description, self._warned = say("submit_again"), True
            return
        from nbgrader_yanxiu.errors import RecordsError

        self.button.disabled = True
        try:
            self._submit()
        except RecordsError as error:
            self._say(str(error), BAD)
        finally:
            self.button.description, self._warned = say("submit"), False
            self.button.disabled = False

    def _submit(self) -> None:
        from nbgrader_yanxiu import bundle, errors, folder
        from yanxiu_formats.bundle import human

        assignment = folder.assignment_of(self._sheet.folder)
        self._say(say("packing"), DIM)
        packed = bundle.pack(self._sheet.folder, self._sheet.unit)
        if self._pending is None or self._pending[0] != packed.digest:
            self._pending = (packed.digest, uuid.uuid4().hex)
        size = human(len(packed.body))

        def progress(arrived: int, total: int) -> None:
            percent = arrived * 100 // max(1, total)
            self._say(say("sending", files=packed.count, size=size, percent=percent), DIM)

        try:
            receipt = self._connect().submit(assignment, packed, self._pending[1], progress)
        except errors.TryAgain:
            raise  # the key stays: next time it is the same attempt
        except errors.RecordsError:
            self._pending = None
            raise
        self._pending = None
        self._show(receipt, packed)

    def _show(self, receipt: "Receipt", packed: "Bundle") -> None:
        sentence = say(
            "receipt",
            receipt=receipt.receipt,
            attempt=receipt.attempt,
            time=receipt.local_time,
        )
        more = ""
        # Only a page of a web site, never javascript: or data:.
        if receipt.url.startswith(("https://", "http://", "/")):
            url, text = html.escape(receipt.url), html.escape(say("see_result"))
            more += f' <a href="{url}" target="_blank" rel="noopener">{text}</a>'
        notes = [note.text(language()) for note in packed.notes]
        more += "".join(f"<br>{html.escape(note)}" for note in notes)
        self._say(sentence, GOOD, more)

    def _say(self, sentence: str, colour: str, more: str = "") -> None:
        self.status.value = (
            f'<span role="status" style="color:{colour}">{html.escape(sentence)}</span>{more}'
        )


class ProgressView(w.HTML):
    """Every task and what is missing; follows each save."""

    def __init__(self, sheet: Sheet):
        super().__init__()
        self._sheet = sheet
        self.refresh()
        sheet.watch(self.refresh)

    def refresh(self) -> None:
        """Read the answers again and show where things stand."""
        missing = self._sheet.missing()
        lines = "".join(
            f'<li style="color:{DIM if name in missing else GOOD}">'
            f"{'○' if name in missing else '●'} {html.escape(pick(task.title))}："
            f"{html.escape(missing.get(name, say('done')))}</li>"
            for name, task in self._sheet.tasks.items()
        )
        total = len(self._sheet.tasks)
        head = say("progress", done=total - len(missing), total=total)
        self.value = (
            f'<p><b>{html.escape(head)}</b></p><ul style="list-style:none;padding:0">{lines}</ul>'
        )
