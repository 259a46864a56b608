"""Ask the hub who a token belongs to, and remember the answer for half a minute.

Decides how long an answer holds: 30 s, so that logout bites within a minute; and up to
60 s when the hub is away for a moment, so that a restart of the hub does not throw
readers out. Does not know cookies or pages. Called by ``deps`` and ``login``.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jupyterhub.services.auth import HubOAuth
from tornado.web import HTTPError

from yanxiu.sandbox.inside.watch import WATCH_HEADER

from .service import Service

__all__ = ["WATCH_HEADER", "Hub", "HubAway", "HubUser"]

FRESH_S = 30.0
STALE_S = 60.0
#: The hub answers in milliseconds; a reader waits for a page meanwhile.
TIMEOUT_S = 10.0
MOST_REMEMBERED = 20_000
MAX_LOGIN_ID = 255


class HubAway(Exception):
    """The hub did not answer, and what we remember is too old."""


@dataclass(frozen=True)
class HubUser:
    """Whom a token belongs to.

    :param name: the hub user name, which is the person's id
    :param login_id: of the browser's login that the token came of; None for other tokens
    """

    name: str
    scopes: frozenset[str]
    login_id: str | None = field(default=None, repr=False)


class _WatchingAuth(HubOAuth):
    """Asks without keeping a login awake by it."""

    async def _api_request(self, method: str, url: str, /, **more: Any) -> Any:
        more["headers"] = {**more.get("headers", {}), WATCH_HEADER: "1"}
        return await super()._api_request(method, url, **more)


class Hub:
    """The hub, seen from a service.

    :param monotonic: seconds that only grow; tests move them
    :param watching: questions are no use of the login; such a hub has a memory of its own, so
        that they do not stand in for those that are
    """

    def __init__(
        self,
        service: Service,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        watching: bool = False,
    ):
        self.auth = (_WatchingAuth if watching else HubOAuth)(
            api_url=service.hub_api_url,
            api_token=service.hub_api_token,
            # Portal and hub share an origin: browsers are sent there by path.
            hub_host="",
            hub_prefix=f"{service.base_url}hub/",
            base_url=service.prefix,
            oauth_client_id=service.client_id,
            oauth_redirect_uri=f"{service.layout.portal}{service.callback_path}",
            access_scopes=set(service.access_scopes),
        )
        self.monotonic = monotonic
        self._known: dict[str, tuple[float, HubUser | None]] = {}

    async def user(self, token: str) -> HubUser | None:
        """Return whom ``token`` belongs to, None when the hub does not know it.

        :raises HubAway: the hub does not answer
        """
        key = hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
        now = self.monotonic()
        known = self._known.get(key)
        if known and now - known[0] < FRESH_S:
            return known[1]
        try:
            user = _user(
                await asyncio.wait_for(
                    self.auth.user_for_token(token, use_cache=False, sync=False), TIMEOUT_S
                )
            )
        except (HTTPError, TimeoutError, OSError, ValueError) as error:
            if known and now - known[0] < STALE_S:
                return known[1]
            raise HubAway from error
        if len(self._known) >= MOST_REMEMBERED:
            self._forget_old(now)
        self._known[key] = (now, user)
        return user

    async def token_for_code(self, code: str, verifier: str) -> str | None:
        """Exchange the code of a login for a token; None when the hub refuses it.

        :raises HubAway: the hub does not answer
        """
        try:
            token: str = await asyncio.wait_for(
                self.auth.token_for_code(code, code_verifier=verifier, sync=False), TIMEOUT_S
            )
        except HTTPError as error:
            # HubOAuth says 500 for both; only a refusal names what the hub objected to.
            if "Failed to check authorization" in (error.log_message or ""):
                return None
            raise HubAway from error
        except (TimeoutError, OSError) as error:
            raise HubAway from error
        return token

    def may_enter(self, user: HubUser) -> bool:
        """Say whether the token was made for this service."""
        return bool(self.auth.check_scopes(self.auth.access_scopes, {"scopes": user.scopes}))

    def forget(self, token: str) -> None:
        """Ask the hub again next time: after a logout."""
        self._known.pop(hashlib.sha256(token.encode("utf-8", "replace")).hexdigest(), None)

    def _forget_old(self, now: float) -> None:
        self._known = {k: v for k, v in self._known.items() if now - v[0] < STALE_S}
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()


def _user(model: Mapping[str, Any] | None) -> HubUser | None:
    if model is None or model.get("kind", "user") != "user":
        return None
    return HubUser(
        name=str(model["name"]),
        scopes=frozenset(model.get("scopes", ())),
        # A browser writes it: what is too long to be kept is none of the hub's making.
        login_id=str(model.get("session_id") or "")[:MAX_LOGIN_ID] or None,
    )
