"""The service as an organizer's own computer asks it, with an expiring token for teaching.

Not for teachers' servers: their tokens open none of this. Called by the exchange's verbs for
instructors; ``wire`` sends and says what an answer means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import quote

from nbgrader_yanxiu.errors import TryAgain
from nbgrader_yanxiu.tokens import teaching
from nbgrader_yanxiu.wire import MAX_RELEASE, Wire, wire_of_server

TAR = {"Content-Type": "application/x-tar"}


@dataclass(frozen=True)
class Teaching:
    """The records service for an organizer."""

    wire: Wire

    @classmethod
    def from_environment(
        cls, language: str | None = None, environ: Mapping[str, str] | None = None
    ) -> Self:
        """Return the service that YANXIU_RECORDS_URL names; nothing is read yet."""
        return cls(wire_of_server(language, environ, token=teaching))

    def assignments(self) -> list[dict[str, Any]]:
        """Return the assignments whose submissions may be collected, newest offering first."""
        return _list(self.wire.ask("GET", "/teach/assignments").json())

    def submissions(self, assignment: str) -> Iterator[dict[str, Any]]:
        """Return every submission to an assignment, oldest first."""
        path, after = f"/teach/assignments/{quote(assignment, safe='')}/submissions", ""
        while page := _list(self.wire.ask("GET", path + after).json()):
            yield from page
            after = f"?after={quote(str(page[-1]['submission']), safe='')}"

    def bundle(self, submission: str) -> bytes:
        """Return what was handed in, as tar."""
        path = f"/teach/submissions/{quote(submission, safe='')}/bundle"
        return self.wire.ask("GET", path, most=MAX_RELEASE).body

    def give_feedback(self, submission: str, files: bytes) -> str | None:
        """Send a tar of HTML files; return why the result was not released, None if it is."""
        path = f"/teach/submissions/{quote(submission, safe='')}/feedback"
        answer = self.wire.ask("POST", path, files, TAR).json()
        if not isinstance(answer, dict):
            raise TryAgain("server_trouble")
        return None if answer.get("released") else str(answer.get("message") or "")

    def release_assignment(self, course: str, name: str, files: bytes) -> dict[str, Any]:
        """Send a tar with ``source/…`` and ``release/…`` of one assignment."""
        path = f"/teach/courses/{quote(course, safe='')}/assignments/{quote(name, safe='')}"
        answer = self.wire.ask("POST", path, files, TAR).json()
        if not isinstance(answer, dict):
            raise TryAgain("server_trouble")
        return answer


def _list(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, list):
        raise TryAgain("server_trouble")
    return answer
