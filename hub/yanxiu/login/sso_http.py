"""Ask an identity provider over HTTP: bounded in time and size, and silent.

Nothing that is sent or received gets into a log or an error: it holds tickets, tokens
and names. Called by ``cas`` and ``ticket``; ``oidc`` has oauthenticator's client.
"""

import ssl
from functools import cache
from typing import Any

import httpx

from .sso import away

TIMEOUT_S = 10.0
MOST_BYTES = 1 << 20


class Declined(Exception):
    """The provider answered that it will not (4xx)."""


@cache
def _trust() -> ssl.SSLContext:
    # The machine's own certificates, where an operator installs those of a county.
    return ssl.create_default_context()


async def ask(method: str, url: str, **request: Any) -> bytes:
    """Return the body of a good answer.

    :raises Declined: 4xx
    :raises Refused: ``away``: no answer, 3xx, 5xx, or too much of it
    """
    try:
        async with (
            httpx.AsyncClient(timeout=TIMEOUT_S, verify=_trust(), trust_env=False) as client,
            client.stream(method, url, **request) as answer,
        ):
            if 400 <= answer.status_code < 500:
                raise Declined
            if answer.status_code != 200:
                raise away()
            body = b""
            async for chunk in answer.aiter_bytes():
                body += chunk
                if len(body) > MOST_BYTES:
                    raise away()
            return body
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        raise away() from None
