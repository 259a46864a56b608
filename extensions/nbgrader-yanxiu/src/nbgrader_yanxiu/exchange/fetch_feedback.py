"""``nbgrader fetch_feedback``: the feedback of every released attempt, beside the folder."""

from pathlib import Path

from nbgrader.exchange import abc
from yanxiu_formats.bundle import unpack

from .base import Exchange, name_of, timestamp_of
from .sentences import tell

HTML = ".html"


class ExchangeFetchFeedback(Exchange, abc.ExchangeFetchFeedback):
    """Fetch feedback."""

    def copy_files(self) -> None:
        """Write ``<assignment>/feedback/<timestamp>/*.html``; newer feedback replaces older."""
        unit = self.unit()
        place = self.place(unit["course"], name_of(unit)) / "feedback"
        got = False
        for attempt in self.records.attempts(unit["assignment"]):
            if attempt["total_points"] is None:
                continue
            files = unpack(self.records.feedback_files(unit["assignment"], attempt["receipt"]))
            there = place / timestamp_of(attempt["received_at"])
            there.mkdir(parents=True, exist_ok=True)
            for name, content in files.items():
                if "/" not in name and name.endswith(HTML):
                    _replace(there / name, content)
            self.log.info(tell("got_feedback", place=there))
            got = True
        if not got:
            self.log.warning(tell("no_feedback", name=name_of(unit)))


def _replace(target: Path, content: bytes) -> None:
    """Write a file whole or not at all; a link of that name is replaced and not followed."""
    draft = target.with_name(f".{target.name}.new")
    draft.unlink(missing_ok=True)
    draft.write_bytes(content)
    draft.replace(target)
