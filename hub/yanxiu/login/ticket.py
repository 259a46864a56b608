"""Log in by exchanging a one-time ticket, in the style of the national platform.

Our application proves itself with ``keyInfo`` (HMAC-SHA1 of appId, appKey and time) and
gets an ``accessToken``; with it a browser's one-time ``ticket`` becomes a session
(``usessionId``) and the user's data. ``retCode`` 000000 is success, 300006 an invalid
ticket or session. Paths differ between regions, so they are settings.
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from yanxiu.settings.sso import TicketSettings

from .sso import Answer, Gone, Visit, away, cancelled, rejected
from .sso_http import Declined, ask

SUCCESS = "000000"
INVALID = "300006"
#: Renewed this long before its end, so that none expires on its way.
EARLY_S = 60.0


class TicketProvider:
    """One platform that hands out tickets.

    :param secret: the appKey
    :param now: seconds since 1970; tests move it
    """

    def __init__(self, settings: TicketSettings, secret: str, now: Callable[[], float] = time.time):
        self._settings = settings
        self._secret = secret
        self._now = now
        self._token, self._token_until = "", 0.0
        self._renewing = asyncio.Lock()

    async def leave(self, visit: Visit) -> str:
        """Return the login page with our application and where to come back."""
        service = f"{visit.callback}?{urlencode({'state': visit.state})}"
        query = urlencode({"appId": self._settings.app_id, "service": service})
        return f"{self._settings.login_url}?{query}"

    async def arrive(self, visit: Visit, arguments: Mapping[str, str]) -> Answer:
        """Exchange the ticket, which works once."""
        ticket = arguments.get("ticket", "")
        if not ticket:
            raise cancelled()
        said = await self._call(self._settings.ticket_path, {"ticket": ticket[:512]})
        if said.get("retCode") != SUCCESS:
            raise rejected()
        return self._answer(said)

    async def again(self, keep: Mapping[str, str]) -> Answer:
        """Ask for the user of a session that has to be alive still."""
        if not keep.get("usession"):
            raise Gone
        said = await self._call(self._settings.session_path, {"usessionId": keep["usession"]})
        if said.get("retCode") == INVALID:
            raise Gone
        if said.get("retCode") != SUCCESS:
            raise away()
        return self._answer(said, keep["usession"])

    def _answer(self, said: dict[str, Any], usession: str = "") -> Answer:
        info = said.get("userInfo")
        if not isinstance(info, dict):
            raise away()
        usession = str(said.get("usessionId") or info.get("usessionId") or usession)
        return Answer(info, {"usession": usession} if usession else {})

    async def _call(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        token = await self._access_token()
        said = await self._post(f"{path}?{urlencode({'accessToken': token})}", body)
        if said.get("retCode") not in (SUCCESS, INVALID) and token == self._token:
            # An accessToken that died early must not stay ours until its written end.
            self._token_until = 0.0
        return said

    async def _access_token(self) -> str:
        async with self._renewing:
            if self._now() < self._token_until:
                return self._token
            stamp = str(int(self._now() * 1000))
            app = self._settings.app_id
            said = await self._post(
                self._settings.token_path,
                {"appId": app, "timeStamp": stamp, "keyInfo": key_info(app, self._secret, stamp)},
            )
            info = said.get("tokenInfo")
            if said.get("retCode") != SUCCESS or not isinstance(info, dict):
                raise away()
            token, valid = info.get("accessToken"), info.get("validTime", 0)
            if not isinstance(token, str) or not token or not str(valid).isdigit():
                raise away()
            self._token, self._token_until = token, self._now() + max(0.0, int(valid) - EARLY_S)
            return token

    async def _post(self, path: str, body: dict[str, str]) -> dict[str, Any]:
        try:
            said = json.loads(await ask("POST", self._settings.api_url + path, json=body))
        except (Declined, ValueError):
            raise away() from None
        if not isinstance(said, dict):
            raise away()
        return said


def key_info(app_id: str, app_key: str, stamp: str) -> str:
    """Return the proof of our application, as the platform computes it too.

    >>> key_info("app", "key", "1700000000000")
    '9C6B6C75FD26E3CA83AF360C82A82BA24AA00B93'
    """
    text = f"{app_id}{app_key}{stamp}".encode()
    return hmac.new(app_key.encode(), text, hashlib.sha1).hexdigest().upper()
