"""Ask a site's two names what they answer, as a browser would: for ``yanxiu check``.

Decides what each must say if the layout of ``settings.public`` is to hold: the portal answers
on its name alone, servers on theirs alone and behind the gate. Starts nothing, logs nobody in,
and says so where nobody answers. Called by the command line's ``check``.
"""

import ipaddress
import json
import socket
from dataclasses import dataclass
from typing import NamedTuple

import httpx
import psutil

from yanxiu.names import new_person_id
from yanxiu.settings.public import Address, Layout

TIMEOUT_S = 5.0
HEALTH = "/services/records/healthz"
_PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


class Said(NamedTuple):
    """What was found: a fact, or something that is wrong."""

    wrong: bool
    text: str


@dataclass(frozen=True)
class Answer:
    """What a name answered to one question."""

    status: int
    leads: str
    text: str


class _Silent(Exception):
    """Nobody answers; says why."""


def probe(layout: Layout, *, proxies: bool = False) -> list[Said]:
    """Return what the names of a site answer now.

    :param proxies: whether something in front of the platform is named, maybe on another machine
    """
    person = new_person_id()
    servers = Address(layout.servers.scheme, layout.server_host(person), layout.servers.port)
    said = [one for at in (layout.portal, servers) for one in _where(at, proxies=proxies)]
    if any(one.wrong for one in said):
        return said
    with httpx.Client(timeout=TIMEOUT_S, trust_env=False, headers=_PAGE) as client:
        try:
            said += _portal(client, layout, person)
            said += _servers(client, layout, servers, person)
        except _Silent as why:
            said.append(Said(False, f"{why}。平台没有启动时这是正常的，启动以后再检查一次。"))
    return said


def _where(at: Address, *, proxies: bool) -> list[Said]:
    """Say where a name leads."""
    if at.is_loopback:
        return []
    try:
        found = {
            str(one[4][0]) for one in socket.getaddrinfo(at.host, at.port, type=socket.SOCK_STREAM)
        }
    except OSError:
        return [
            Said(
                True, f"名字 {at.host} 查不到地址。请在 DNS 里把它指到平台（或它前面的反向代理）。"
            )
        ]
    shown = "、".join(sorted(found))
    if any(_is_ours(one) for one in found):
        return [Said(False, f"{at.host} 指到 {shown}：本机")]
    why = (
        "前面的反向代理在那里时正常"
        if proxies
        else "site.yaml 没有写 public.proxies；请确认名字没有指错"
    )
    return [Said(False, f"{at.host} 指到 {shown}：不是本机的地址（{why}）")]


def _is_ours(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    own = {
        one.address.partition("%")[0]
        for several in psutil.net_if_addrs().values()
        for one in several
        if one.family in (socket.AF_INET, socket.AF_INET6)
    }
    return found.is_loopback or str(found) in own


def _portal(client: httpx.Client, layout: Layout, person: str) -> list[Said]:
    portal = layout.portal
    health = _ask(client, portal, HEALTH)
    if not _is_records(health):
        return [
            Said(
                True,
                f"{portal}{HEALTH} 回答的不是本平台（{health.status}）。请检查名字、端口和反向代理的转发。",
            )
        ]
    said = [Said(False, f"{portal} 是门户")]
    page = _ask(client, portal, f"/user/{person}/lab")
    if page.status == 200:
        said.append(Said(True, f"{portal}/user/… 上有教师的 Jupyter：门户的名字不能回答它。"))
    return said


def _servers(client: httpx.Client, layout: Layout, servers: Address, person: str) -> list[Said]:
    if layout.one_origin:
        return []
    said = []
    for path, what in ((HEALTH, "门户"), ("/hub/login", "登录页"), ("/hub/api", "Hub 的接口")):
        if _ask(client, servers, path).status == 200:
            said.append(
                Said(
                    True,
                    f"{servers}{path} 上有{what}：Jupyter 的名字不能回答它。请检查反向代理是否传了原来的 Host。",
                )
            )
    page = _ask(client, servers, f"/user/{person}/lab")
    if page.status not in (302, 424) or (
        page.leads and not page.leads.startswith(f"{layout.portal}/")
    ):
        said.append(
            Said(
                True,
                f"{servers}/user/… 没有带到门户（{page.status}）：这个名字不由本平台的关口看守。请检查反向代理的转发和 Host。",
            )
        )
    return said or [Said(False, f"{servers} 是教师的 Jupyter，有关口看守")]


def _is_records(answer: Answer) -> bool:
    try:
        return "status" in json.loads(answer.text)
    except (ValueError, TypeError):
        return False


def _ask(client: httpx.Client, at: Address, path: str) -> Answer:
    url, headers = f"{at}{path}", {}
    if at.is_loopback and not at.is_ip:
        # Browsers know by themselves that these names are this machine; resolvers do not.
        url, headers = f"{at.scheme}://127.0.0.1:{at.port}{path}", {"Host": f"{at.host}:{at.port}"}
    try:
        with client.stream("GET", url, headers=headers) as answer:
            text = b""
            for chunk in answer.iter_bytes():
                text += chunk
                if len(text) > 65_536:
                    break
            leads = answer.headers.get("location", "")
            return Answer(answer.status_code, leads, text.decode(errors="replace"))
    except httpx.ConnectError as error:
        if "CERTIFICATE" in str(error).upper():
            raise _Silent(f"{at}{path} 的证书不可信或不是这个名字的") from None
        raise _Silent(f"{at}{path} 没有回应") from None
    except httpx.HTTPError:
        raise _Silent(f"{at}{path} 没有好好回答") from None
