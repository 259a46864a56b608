"""One request to the records service, with the person's own token.

The token is read from the environment at the moment of use; it is never kept, shown, put
into an exception, or sent along a redirect. Decides what an answer means: a refusal with the
service's sentence, or trouble that is worth another try. Called by ``records`` and ``upload``.
"""

import http.client
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any

from yanxiu_formats.sentences import language as language_of_server

from nbgrader_yanxiu import tokens
from nbgrader_yanxiu.errors import NotConnected, RecordsError, Refused, TryAgain

API = "/api/v1"
TIMEOUT_S = 60
MAX_JSON = 5_000_000
MAX_RELEASE = 100_000_000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    # A redirect leads to a login page; and a token must not follow one.
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


@dataclass(frozen=True)
class Answer:
    """What the service said."""

    status: int
    headers: Message
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """Return the body as JSON. :raises TryAgain: it is something else, such as half of it"""
        try:
            return json.loads(self.body)
        except ValueError:
            raise TryAgain("unreachable") from None


@dataclass(frozen=True)
class Wire:
    """The way to the service.

    :param language: ``zh_CN`` or ``en``, for what the service says
    :param environ: where address and token are looked up, at every request
    :param timeout_s: of each step on the network
    :param token: looks the token up in ``environ``
    """

    language: str
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    timeout_s: float = TIMEOUT_S
    token: Callable[[Mapping[str, str]], str] = tokens.learning

    def base(self) -> str:
        """Return the service's address, without a slash. :raises NotConnected: there is none"""
        base = self.environ.get("YANXIU_RECORDS_URL", "")
        if not base.startswith(("http://", "https://")):
            raise NotConnected("no_server")
        return base.rstrip("/")

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        most: int = MAX_JSON,
    ) -> Answer:
        """Send one request and return a good answer.

        :param path: below ``/api/v1``
        :param most: bytes of an answer that are taken
        :raises TryAgain: network or server trouble
        :raises Refused: the service refused, with its own sentence
        """
        request = urllib.request.Request(  # noqa: S310 - base() checked the scheme
            f"{self.base()}{API}{path}",
            data=body,
            method=method,
            headers={
                "Accept": "application/json",
                "Accept-Language": self.language.replace("_", "-"),
                "Authorization": f"token {self.token(self.environ)}",
                **(headers or {}),
            },
        )
        # The service is on this machine or in this cluster: no proxy of the environment.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        try:
            with opener.open(request, timeout=self.timeout_s) as response:
                content = response.read(most + 1)
                if len(content) > most:
                    raise TryAgain("server_trouble")
                return Answer(response.status, response.headers, content)
        except urllib.error.HTTPError as error:
            with error:
                raise _refusal(error, reading=method == "GET") from None
        except (OSError, ValueError, http.client.HTTPException):
            # URLError is an OSError; a header that is none is a ValueError.
            raise TryAgain("unreachable") from None

    def post_json(self, path: str, content: Mapping[str, Any]) -> Any:
        """Send ``content`` as JSON and return the answer's JSON; raises as ``ask`` does."""
        headers = {"Content-Type": "application/json"}
        return self.ask("POST", path, json.dumps(content).encode(), headers).json()


def wire_of_server(
    language: str | None = None,
    environ: Mapping[str, str] | None = None,
    token: Callable[[Mapping[str, str]], str] = tokens.learning,
) -> Wire:
    """Return the way from this server, in ``language`` or the server's own."""
    found = os.environ if environ is None else environ
    return Wire(language or language_of_server(found), found, token=token)


def _refusal(error: urllib.error.HTTPError, *, reading: bool) -> RecordsError:
    status, code, message = error.code, "", ""
    try:
        said = json.loads(error.read(MAX_JSON))
        code, message = str(said.get("code", "")), str(said["message"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, http.client.HTTPException):
        pass
    # 507 is a full disk: it has a sentence, and another try in a second would not help.
    if (status >= 500 and status != 507) or status == 408:
        return TryAgain("server_trouble")
    if message:
        name = "said" if reading else "refused"
        return Refused(name, code=code, status=status, message=message)
    if status in (401, 403) or status < 400:
        return Refused("refused_login", status=status)
    return TryAgain("server_trouble")
