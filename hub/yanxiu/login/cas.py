"""Log in with a CAS 3.0 server: ``/login``, a ticket, ``/p3/serviceValidate``.

The state travels in the service address, which CAS repeats to us and compares when the
ticket is validated. CAS cannot be asked again later: after the login the roster alone
says who may stay.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from defusedxml.ElementTree import fromstring

from yanxiu.settings.sso import CasSettings

from .sso import Answer, Visit, away, cancelled, rejected
from .sso_http import Declined, ask

_NS = "{http://www.yale.edu/tp/cas}"


class CasProvider:
    """One CAS server."""

    def __init__(self, settings: CasSettings):
        self._url = settings.url

    async def leave(self, visit: Visit) -> str:
        """Return the login page with our service."""
        return f"{self._url}/login?{urlencode({'service': _service(visit)})}"

    async def arrive(self, visit: Visit, arguments: Mapping[str, str]) -> Answer:
        """Validate the ticket, which works once and for our service alone."""
        ticket = arguments.get("ticket", "")
        if not ticket:
            raise cancelled()
        query = urlencode({"service": _service(visit), "ticket": ticket[:512]})
        try:
            body = await ask("GET", f"{self._url}/p3/serviceValidate?{query}")
        except Declined:
            raise away() from None
        return Answer(read_validation(body))

    async def again(self, keep: Mapping[str, str]) -> None:
        """CAS validates a ticket once and says nothing later."""


def read_validation(body: bytes) -> dict[str, Any]:
    """Return the user and the attributes of a validation answer.

    :raises Refused: the ticket is no good, or this is not an answer
    """
    try:
        root = fromstring(body, forbid_dtd=True)
    except Exception:  # expat's and defusedxml's errors have no common parent of their own
        raise away() from None
    success = root.find(f"{_NS}authenticationSuccess")
    if success is None:
        raise rejected()
    claims: dict[str, Any] = {}
    for one in success.find(f"{_NS}attributes") or ():
        claims.setdefault(one.tag.removeprefix(_NS), []).append((one.text or "").strip())
    # Last: no attribute may pose as the user.
    claims["user"] = (success.findtext(f"{_NS}user") or "").strip()
    return claims


def _service(visit: Visit) -> str:
    return f"{visit.callback}?{urlencode({'state': visit.state})}"
