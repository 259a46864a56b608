"""The one client of the records service: units, releases, submitting, feedback.

Decides nothing about courses: the service says who has which unit. Synchronous; a server
calls it in a thread. ``wire`` sends, ``upload`` resumes, ``errors`` says what can go wrong.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Self
from urllib.parse import quote, urlsplit

from nbgrader_yanxiu.bundle import Bundle
from nbgrader_yanxiu.errors import RecordsError, Refused, TryAgain
from nbgrader_yanxiu.upload import Progress, Sending
from nbgrader_yanxiu.wire import MAX_RELEASE, Wire, wire_of_server

__all__ = ["Receipt", "Records", "RecordsError", "Refused", "TryAgain"]


@dataclass(frozen=True)
class Receipt:
    """What the service gave for an accepted bundle.

    :param received_at: the service's clock, ISO 8601
    :param url: of the receipt's page in the portal
    """

    receipt: str
    attempt: int
    received_at: str
    digest: str
    late: bool
    url: str

    @property
    def local_time(self) -> str:
        """The time as people here read it; the country has one zone and no summer time."""
        when = datetime.fromisoformat(self.received_at)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return f"{when.astimezone(timezone(timedelta(hours=8))):%Y-%m-%d %H:%M:%S}"


@dataclass(frozen=True)
class Records:
    """The records service as this server reaches it."""

    wire: Wire
    sleep: Callable[[float], None] = field(default_factory=lambda: time.sleep, repr=False)

    @classmethod
    def from_environment(
        cls, language: str | None = None, environ: Mapping[str, str] = os.environ
    ) -> Self:
        """Return the service that this server was started with.

        Nothing is read yet: address and token are looked up at every request.

        :param language: ``zh_CN`` or ``en``; None for the server's own
        """
        return cls(wire_of_server(language, environ))

    def page(self, assignment: str) -> str:
        """Return the address of the unit's page in the portal, for the browser.

        Inside the platform records is asked at an address of its own; the hub says the portal's.
        """
        portal = self.wire.environ.get("JUPYTERHUB_HOST", "")
        return f"{portal}{urlsplit(self.wire.base()).path}/units/{quote(assignment, safe='')}"

    def units(self) -> list[dict[str, Any]]:
        """Return the person's units as ``GET units`` describes them."""
        found = self.wire.ask("GET", "/units").json()
        if not isinstance(found, list):
            raise TryAgain("server_trouble")
        return found

    def notices(self) -> list[dict[str, Any]]:
        """Return what the person at work here has to be told now, as ``GET server/notices`` says it."""
        found = self.wire.ask("GET", "/server/notices").json()
        return found if isinstance(found, list) else []

    def release(self, assignment: str) -> bytes:
        """Return the unit's release as tar, its files below ``<unit-id>/``."""
        return self.wire.ask("GET", f"{_unit(assignment)}/release", most=MAX_RELEASE).body

    def attempts(self, assignment: str) -> list[dict[str, Any]]:
        """Return the person's attempts, newest first; points only once they are released."""
        found = self.wire.ask("GET", f"{_unit(assignment)}/submissions").json()
        if not isinstance(found, list):
            raise TryAgain("server_trouble")
        return found

    def feedback(self, assignment: str) -> dict[str, Any] | None:
        """Return the newest released feedback, None as long as there is none."""
        found = self.wire.ask("GET", f"{_unit(assignment)}/feedback").json()
        if not isinstance(found, dict):
            raise TryAgain("server_trouble")
        return found if found.get("released") else None

    def feedback_files(self, assignment: str, receipt: str) -> bytes:
        """Return the feedback of one attempt as tar."""
        path = f"{_unit(assignment)}/submissions/{quote(receipt, safe='')}/feedback"
        return self.wire.ask("GET", path, most=MAX_RELEASE).body

    def submit(
        self, assignment: str, bundle: Bundle, key: str, progress: Progress | None = None
    ) -> Receipt:
        """Hand in ``bundle`` and return the receipt.

        Goes on where a broken line left off, several times; the same key never makes a
        second attempt, so after ``TryAgain`` call it again with the same.

        :param progress: called with the bytes that arrived and the bytes in all
        :raises TryAgain: network or server trouble, said with how much has arrived
        :raises Refused: the service refused, with its own sentence
        """
        sending = Sending(self.wire, quote(assignment, safe=""), bundle, key, progress, self.sleep)
        return _receipt(sending.run())


def _unit(assignment: str) -> str:
    return f"/units/{quote(assignment, safe='')}"


def _receipt(answer: Any) -> Receipt:
    try:
        receipt = Receipt(
            str(answer["receipt"]),
            int(answer["attempt"]),
            str(answer["received_at"]),
            str(answer.get("digest") or ""),
            bool(answer.get("late")),
            str(answer.get("url") or ""),
        )
        datetime.fromisoformat(receipt.received_at)
    except (KeyError, TypeError, AttributeError, ValueError):
        raise TryAgain("unreachable") from None
    return receipt
