"""Log in with an OpenID Connect provider, through oauthenticator.

``OidcProvider`` takes from ``GenericOAuthenticator`` how a client talks to a token and a
user-info endpoint, and adds what OpenID Connect asks on top: discovery, nonce, a checked
ID token, and user info of the same subject. It is not the hub's authenticator: that is
``sso_login``, which has one of these for each provider beside the local accounts.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from oauthenticator.generic import GenericOAuthenticator
from tornado import web
from tornado.httpclient import AsyncHTTPClient, HTTPClientError
from traitlets import default

from yanxiu.settings.sso import OidcSettings

from .oidc_token import BadToken, UnknownKey, check_id_token
from .sso import Answer, Gone, Visit, away, cancelled, rejected
from .sso_http import MOST_BYTES, TIMEOUT_S, Declined

WELL_KNOWN = "/.well-known/openid-configuration"
FRESH_S = 3600.0
#: A forged key id must not make us ask for keys at every login.
KEYS_AGAIN_S = 60.0


class OidcProvider(GenericOAuthenticator):
    """One OpenID Connect provider."""

    def __init__(
        self,
        settings: OidcSettings,
        secret: str,
        monotonic: Callable[[], float] = time.monotonic,
    ):
        super().__init__(
            client_id=settings.client_id,
            client_secret=secret,
            scope=list(settings.scopes),
            basic_auth=settings.client_auth == "basic",
            allow_all=True,
            manage_groups=False,
            http_request_kwargs={
                "connect_timeout": TIMEOUT_S,
                "request_timeout": TIMEOUT_S,
                "follow_redirects": False,
            },
        )
        self._base = settings.issuer
        self._form_post = settings.response_mode == "form_post"
        self._issuer = settings.issuer
        self._monotonic = monotonic
        self._metadata: dict[str, Any] = {}
        self._metadata_until = 0.0
        self._keys: list[dict[str, Any]] = []
        self._keys_at = float("-inf")

    async def leave(self, visit: Visit) -> str:
        """Return the authorization endpoint with state, nonce and PKCE."""
        metadata = await self._discover()
        query = urlencode(
            {
                "response_type": "code",
                **({"response_mode": "form_post"} if self._form_post else {}),
                "client_id": self.client_id,
                "redirect_uri": visit.callback,
                "scope": " ".join(self.scope),
                # Providers hand out refresh tokens only when the person has been asked.
                **({"prompt": "consent"} if "offline_access" in self.scope else {}),
                "state": visit.state,
                "nonce": visit.nonce,
                "code_challenge": challenge(visit.verifier),
                "code_challenge_method": "S256",
            }
        )
        endpoint: str = metadata["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{query}"

    async def arrive(self, visit: Visit, arguments: Mapping[str, str]) -> Answer:
        """Exchange the code, check the ID token, fetch the user info."""
        if arguments.get("error"):
            raise cancelled() if arguments["error"] == "access_denied" else rejected()
        await self._discover()
        # RFC 9207: an answer of another provider that found its way here.
        if arguments.get("iss", self._issuer) != self._issuer or not arguments.get("code"):
            raise rejected()
        params = {
            "grant_type": "authorization_code",
            "code": arguments["code"],
            "redirect_uri": visit.callback,
            "code_verifier": visit.verifier,
        }
        try:
            tokens = await self._tokens(params)
            claims = await self._checked(str(tokens.get("id_token", "")), visit.nonce)
            return await self._info(tokens, claims, subject=claims["sub"])
        except (Declined, BadToken) as error:
            self.log.warning("SSO answer refused: %s", type(error).__name__)
            raise rejected() from None

    async def again(self, keep: Mapping[str, str]) -> Answer:
        """Fetch the user info again, with a new access token if the old one has ended."""
        if not keep.get("access_token"):
            raise Gone
        await self._discover()
        tokens: dict[str, Any] = {
            name: keep[name] for name in ("access_token", "refresh_token") if keep.get(name)
        }
        try:
            return await self._info(tokens, {}, subject=keep.get("subject", ""))
        except BadToken:
            raise Gone from None
        except Declined:
            if not keep.get("refresh_token"):
                raise Gone from None
        try:
            fresh = await self._tokens(
                self.build_refresh_token_request_params(keep["refresh_token"]), signed=True
            )
            fresh.setdefault("refresh_token", keep["refresh_token"])
            return await self._info(fresh, {}, subject=keep.get("subject", ""))
        except (Declined, BadToken):
            raise Gone from None

    async def httpfetch(
        self,
        url: str,
        label: str = "",
        parse_json: bool = True,
        raise_error: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Fetch as the base class does, but keep what was said out of logs and errors."""
        try:
            answer = await self.http_client.fetch(url, **{**self.http_request_kwargs, **kwargs})
            return json.loads(answer.body)
        except HTTPClientError as error:
            if 400 <= error.code < 500:
                raise Declined from None
            raise away() from None
        except (OSError, ValueError):
            raise away() from None

    @default("http_client")
    def _bounded_http_client(self) -> AsyncHTTPClient:
        return AsyncHTTPClient(force_instance=True, max_body_size=MOST_BYTES)

    async def _tokens(self, params: dict[str, str], *, signed: bool = False) -> dict[str, Any]:
        if not self.basic_auth and not signed:
            params |= {"client_id": self.client_id, "client_secret": self.client_secret}
        try:
            tokens = await self.get_token_info(None, params)
        except (web.HTTPError, TypeError):
            # The base class quotes the provider's answer, tokens and all.
            raise BadToken("no access token") from None
        if not isinstance(tokens, dict):
            raise away()
        return tokens

    async def _checked(self, token: str, nonce: str) -> dict[str, Any]:
        wanted = {"issuer": self._issuer, "client_id": self.client_id, "nonce": nonce}
        try:
            return check_id_token(token, await self._jwks(), **wanted)
        except UnknownKey:
            if self._monotonic() - self._keys_at < KEYS_AGAIN_S:
                raise
            self._keys_at = float("-inf")
            return check_id_token(token, await self._jwks(), **wanted)

    async def _info(
        self, tokens: dict[str, Any], claims: dict[str, Any], *, subject: str
    ) -> Answer:
        said = await self.token_to_user({"token_type": "Bearer", **tokens})
        # A user info of somebody else beside a good ID token: token substitution.
        if not isinstance(said, dict) or not hmac.compare_digest(
            str(said.get("sub", "")).encode(), subject.encode()
        ):
            raise BadToken("userinfo")
        keep = {"subject": subject, "access_token": str(tokens["access_token"])}
        if tokens.get("refresh_token"):
            keep["refresh_token"] = str(tokens["refresh_token"])
        return Answer({**claims, **said}, keep)

    async def _discover(self) -> dict[str, Any]:
        if self._monotonic() < self._metadata_until:
            return self._metadata
        try:
            said = await self.httpfetch(self._base + WELL_KNOWN)
        except Declined:
            raise away() from None
        needed = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        if (
            not isinstance(said, dict)
            or str(said.get("issuer", "")).rstrip("/") != self._base
            or not all(isinstance(said.get(name), str) for name in needed)
        ):
            self.log.error("SSO discovery: wrong issuer, or an endpoint is missing")
            raise away()
        self._metadata, self._metadata_until = said, self._monotonic() + FRESH_S
        self._issuer = said["issuer"]  # with its closing slash, if it has one
        self.token_url, self.userdata_url = said["token_endpoint"], said["userinfo_endpoint"]
        return said

    async def _jwks(self) -> list[dict[str, Any]]:
        if self._monotonic() - self._keys_at < FRESH_S:
            return self._keys
        try:
            said = await self.httpfetch((await self._discover())["jwks_uri"])
            self._keys = [key for key in said["keys"] if isinstance(key, dict)]
        except (Declined, KeyError, TypeError):
            raise away() from None
        self._keys_at = self._monotonic()
        return self._keys


def challenge(verifier: str) -> str:
    """Return the PKCE challenge of a verifier (RFC 7636, S256).

    >>> challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
