"""Log in with a CAS server of protocol 2 or 3: ``/login``, a ticket, its validation.

Attributes come in three styles (in ``cas:attributes``, beside ``cas:user``, as
``cas:attribute`` with name and value) and from some servers in GBK; all are read. The state travels in the service address, which CAS repeats to us and compares when the
ticket is validated. CAS cannot be asked again later: after the login the roster alone
says who may stay.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from defusedxml.ElementTree import fromstring

from yanxiu.settings.sso import CasSettings

from .sso import Answer, Visit, away, cancelled, rejected
from .sso_http import Declined, ask

_NS = "{http://www.yale.edu/tp/cas}"
_PATHS = {2: "serviceValidate", 3: "p3/serviceValidate"}
#: What stands beside ``cas:user`` and says nothing of the person.
_NO_ATTRIBUTES = frozenset({"user", "attributes", "proxies", "proxyGrantingTicket"})
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["'][^>]*\?>""")
_CHINESE = frozenset({"gbk", "gb2312", "gb18030", "gb-2312", "cp936", "x-gbk"})


class CasProvider:
    """One CAS server."""

    def __init__(self, settings: CasSettings):
        self._url = settings.url
        self._path = _PATHS[settings.version]

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
            body = await ask("GET", f"{self._url}/{self._path}?{query}")
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
        root = fromstring(_text(body), forbid_dtd=True)
    except Exception:  # expat's and defusedxml's errors have no common parent of their own
        raise away() from None
    success = root.find(f"{_NS}authenticationSuccess")
    if success is None:
        raise rejected()
    claims: dict[str, Any] = {}
    for name, value in _attributes(success):
        said = claims.setdefault(name, [])
        if value not in said:  # some servers say everything in two styles
            said.append(value)
    # Last: no attribute may pose as the user.
    claims["user"] = (success.findtext(f"{_NS}user") or "").strip()
    return claims


def _attributes(success: Any) -> Iterator[tuple[str, str]]:
    beside = [one for one in success if _name(one) not in _NO_ATTRIBUTES]
    within = [one for group in success.findall(f"{_NS}attributes") for one in group]
    for one in [*within, *beside]:
        if _name(one) == "attribute" and one.get("name"):
            yield one.get("name"), (one.get("value") or one.text or "").strip()
        else:
            yield _name(one), (one.text or "").strip()


def _name(one: Any) -> str:
    return str(one.tag).rpartition("}")[2]


def _text(body: bytes) -> bytes | str:
    """Return an answer in Chinese encodings as text: expat reads none of them.

    What is declared is believed; what declares nothing and is no UTF-8 is taken for GBK.
    """
    declared = _DECLARED.match(body)
    if declared and declared[1].decode().lower() in _CHINESE:
        return body[declared.end() :].decode("gb18030")
    if declared is None and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            body.decode()
        except UnicodeDecodeError:
            return body.decode("gb18030")
    return body


def _service(visit: Visit) -> str:
    return f"{visit.callback}?{urlencode({'state': visit.state})}"
