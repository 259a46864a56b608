"""One call to the records service: hand in a bundle, get a receipt.

The token of the teacher's own server is read from the environment at the moment of use; it
is never kept, shown, or put into an exception. Called by ``submitting.py``.
"""

import http.client
import json
import os
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from worksheet.lang import language, say
from worksheet.state import WorksheetError

TIMEOUT_S = 60
MAX_ANSWER = 1_000_000


@dataclass(frozen=True)
class Receipt:
    """What the service gave for an accepted bundle."""

    receipt: str
    attempt: int
    received_at: str
    url: str


class TryAgain(WorksheetError):
    """The bundle may not have arrived: the same key may be sent again."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    # A redirect leads to a login page; and a token must not follow one.
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


def read_assignment(folder: Path) -> str:
    """Return the assignment's id from ``.yanxiu.json``. :raises WorksheetError: there is none"""
    try:
        content = json.loads((folder / ".yanxiu.json").read_bytes())
        return str(uuid.UUID(content["assignment"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise WorksheetError(say("no_assignment")) from None


def submit(
    body: bytes, assignment: str, key: str, environ: Mapping[str, str] = os.environ
) -> Receipt:
    """Send the bundle and return the receipt.

    :param key: the client key; the same key never makes a second attempt
    :raises TryAgain: network or server trouble
    :raises WorksheetError: the service refused, with its own sentence
    """
    base, token = environ.get("YANXIU_RECORDS_URL"), environ.get("JUPYTERHUB_API_TOKEN")
    if not base or not token or not base.startswith(("http://", "https://")):
        raise WorksheetError(say("no_server"))
    request = urllib.request.Request(  # noqa: S310 — the scheme is checked above
        f"{base.rstrip('/')}/api/v1/units/{assignment}/submissions",
        data=body,
        method="POST",
        headers={
            "Authorization": f"token {token}",
            "Content-Type": "application/x-tar",
            "X-Client-Key": key,
            "Accept": "application/json",
            "Accept-Language": language().replace("_", "-"),
        },
    )
    # The service is on this machine or in this cluster: no proxy of the environment.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
    try:
        with opener.open(request, timeout=TIMEOUT_S) as response:
            return _receipt(response.read(MAX_ANSWER))
    except urllib.error.HTTPError as error:
        with error:
            raise _refusal(error.code, error) from None
    except (OSError, ValueError, http.client.HTTPException):
        # URLError is an OSError; a half answer is not valid JSON, a ValueError.
        raise TryAgain(say("unreachable")) from None


def _receipt(content: bytes) -> Receipt:
    answer = json.loads(content)
    try:
        return Receipt(
            str(answer["receipt"]),
            int(answer["attempt"]),
            _beijing(str(answer["received_at"])),
            str(answer.get("url") or ""),
        )
    except (KeyError, TypeError, AttributeError):
        raise ValueError from None


def _beijing(moment: str) -> str:
    """Return an ISO time as people here read it; the country has one zone and no summer time."""
    when = datetime.fromisoformat(moment)
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return f"{when.astimezone(timezone(timedelta(hours=8))):%Y-%m-%d %H:%M:%S}"


def _refusal(status: int, error: urllib.error.HTTPError) -> WorksheetError:
    try:
        message = str(json.loads(error.read(MAX_ANSWER))["message"])
    except (OSError, ValueError, KeyError, TypeError):
        message = ""
    if status >= 500 or status == 408:
        return TryAgain(say("server_trouble"))
    if message:
        return WorksheetError(say("refused", message=message))
    if status in (401, 403) or status < 400:
        return WorksheetError(say("refused_login"))
    return TryAgain(say("server_trouble"))
