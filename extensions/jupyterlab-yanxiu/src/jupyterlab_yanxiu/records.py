"""Ask the records service for a unit, with the server's own token.

Decides what its answers mean for the teacher who clicked. Called by ``handlers``; the
contract is docs/reference/records-api.md.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote, urlsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest

from .errors import CannotOpen

API = "/api/v1"


@dataclass(frozen=True)
class Records:
    """The records service as this server reaches it.

    :param url: with its prefix, such as ``http://127.0.0.1:9001/services/records``
    :param token: the server's own
    :param accept_language: the browser's, so that refusals come in the teacher's language
    """

    url: str
    token: str = field(repr=False)
    accept_language: str = ""

    @classmethod
    def from_environment(
        cls, accept_language: str, environ: Mapping[str, str] = os.environ
    ) -> Self:
        """Return the service that this server was started with.

        :raises CannotOpen: ``not_configured``
        """
        url, token = environ.get("YANXIU_RECORDS_URL"), environ.get("JUPYTERHUB_API_TOKEN")
        if not url or not token:
            raise CannotOpen("not_configured", status=503)
        return cls(url.rstrip("/"), token, accept_language)

    def page(self, assignment: str) -> str:
        """Return the path of the unit's page in the portal, for the browser."""
        return f"{urlsplit(self.url).path}/units/{quote(assignment, safe='')}"

    async def folder(self, assignment: str) -> str:
        """Return the name that the unit's folder should have.

        :raises CannotOpen: also when it is none of the teacher's units
        """
        units: Any = json.loads(await self._get("/units"))
        for unit in units:
            if unit["assignment"] == assignment:
                return str(unit["folder"])
        raise CannotOpen("no_unit", status=404)

    async def release(self, assignment: str) -> bytes:
        """Return the unit's release as tar."""
        return await self._get(f"/units/{quote(assignment, safe='')}/release")

    async def _get(self, path: str) -> bytes:
        request = HTTPRequest(
            f"{self.url}{API}{path}",
            headers={
                "Authorization": f"token {self.token}",
                "Accept-Language": self.accept_language or "zh-CN",
            },
            connect_timeout=5,
            request_timeout=60,
            # The token belongs to this address only.
            follow_redirects=False,
        )
        try:
            return (await AsyncHTTPClient().fetch(request)).body
        except HTTPClientError as error:
            raise _meaning(error) from None
        except OSError:
            raise CannotOpen("away", status=503) from None


def _meaning(error: HTTPClientError) -> CannotOpen:
    # 599 is tornado's own, for a time-out or a connection that broke.
    if error.code >= 500 or error.code == 429:
        return CannotOpen("away", status=503)
    if error.code == 401:
        return CannotOpen("token", status=403)
    code = "no_unit" if error.code == 404 else "refused"
    return CannotOpen(code, status=404 if error.code == 404 else 403, detail=_message(error))


def _message(error: HTTPClientError) -> str:
    try:
        return str(json.loads(error.response.body if error.response else b"")["message"])
    except (ValueError, KeyError, TypeError):
        return ""
