"""Where the platform is reached, and whether portal and servers are kept apart by that.

Decides the addresses of a run (``resolve``) and judges them (``judge``). A teacher's server
answers what its owner likes, so it must not share an origin with the portal, nor a name that
the portal's cookies are sent to. Pure: names are compared, nothing is looked up. Called by
``yanxiu up``, ``yanxiu check`` and, through the environment, by hub and records. The reasons
are in ``docs/explanation/origins.md``.
"""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

from yanxiu.errors import SettingsError

DEFAULT_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
#: Below ``cn`` these belong to nobody: names below different owners share them (CNNIC).
_SHARED_BELOW_CN = frozenset(
    [
        "ac",
        "com",
        "edu",
        "gov",
        "mil",
        "net",
        "org",
        "ah",
        "bj",
        "cq",
        "fj",
        "gd",
        "gs",
        "gz",
        "gx",
        "ha",
        "hb",
        "he",
        "hi",
        "hk",
        "hl",
        "hn",
        "jl",
        "js",
        "jx",
        "ln",
        "mo",
        "nm",
        "nx",
        "qh",
        "sc",
        "sd",
        "sh",
        "sn",
        "sx",
        "tj",
        "tw",
        "xj",
        "xz",
        "yn",
        "zj",
    ]
)


@dataclass(frozen=True)
class Address:
    """An origin: scheme, host in small letters without a dot at the end, port."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        """Return it as browsers write it in ``Origin``: no port where it goes without saying."""
        shown = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{shown}"

    @property
    def is_ip(self) -> bool:
        """Whether the host is an IP address."""
        return _ip(self.host) is not None

    @property
    def is_loopback(self) -> bool:
        """Whether no other machine is meant."""
        ip = _ip(self.host)
        if ip is not None:
            return ip.is_loopback
        return self.host == "localhost" or self.host.endswith(".localhost")


@dataclass(frozen=True)
class Layout:
    """The addresses of one run.

    :param servers: of all servers, or what stands behind the ``*.`` when ``per_person``
    :param per_person: each person's server has a name of its own below ``servers``
    :param one_origin: servers answer on the portal's own origin, for one person's trial
    """

    portal: Address
    servers: Address
    per_person: bool = False
    one_origin: bool = False

    def server_host(self, person_id: str) -> str:
        """Return the host name of a person's server.

        >>> layout(portal="http://127.0.0.1:8000", servers="http://*.localhost:8000").server_host("u1")
        'u1.localhost'
        """
        if self.one_origin:
            return self.portal.host
        return f"{person_id}.{self.servers.host}" if self.per_person else self.servers.host

    def server_origin(self, person_id: str) -> str:
        """Return the origin of a person's server."""
        at = self.portal if self.one_origin else self.servers
        return str(Address(at.scheme, self.server_host(person_id), at.port))

    @property
    def https(self) -> bool:
        """Whether browsers come by https."""
        return self.portal.scheme == "https"

    @property
    def servers_source(self) -> str:
        """The servers' origins as settings and security policies write them."""
        star = "*." if self.per_person else ""
        return str(self.servers).replace("://", f"://{star}", 1)

    def environment(self) -> dict[str, str]:
        """Return the variables that tell hub and records; ``layout_of`` reads them."""
        return {
            "YANXIU_PORTAL": str(self.portal),
            "YANXIU_SERVERS": self.servers_source,
            "YANXIU_ONE_ORIGIN": str(int(self.one_origin)),
        }


class Finding(NamedTuple):
    """What is to be said about a layout."""

    level: Literal["refused", "warned"]
    text: str


def layout_of(environ: Mapping[str, str]) -> Layout:
    """Return the layout that ``yanxiu up`` told this process.

    :raises SettingsError: it did not
    """
    missing = [name for name in ("YANXIU_PORTAL", "YANXIU_SERVERS") if not environ.get(name)]
    if missing:
        raise SettingsError(f"缺少环境变量 {', '.join(missing)}。请用 yanxiu up 启动本服务。")
    return layout(
        environ["YANXIU_PORTAL"],
        environ["YANXIU_SERVERS"],
        one_origin=environ.get("YANXIU_ONE_ORIGIN", "0") == "1",
    )


def layout(portal: str, servers: str, *, one_origin: bool = False) -> Layout:
    """Return the layout of two addresses as they are written in the settings.

    :raises ValueError: one of them is no such address; says what was expected
    """
    star = "://*." in servers
    return Layout(
        parse(portal),
        parse(servers.replace("://*.", "://", 1)),
        per_person=star,
        one_origin=one_origin,
    )


def parse(text: str) -> Address:
    """Return the origin that ``text`` names.

    :raises ValueError: it is none, or has a path; says what was expected

    >>> str(parse("HTTPS://Yanxiu.Example.CN.:443/"))
    'https://yanxiu.example.cn'
    """
    expected = (
        f"应是 https://主机名 或 http://主机名:端口 这样的网址，后面不带路径，现在是 {text!r}"
    )
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError:
        raise ValueError(expected) from None
    extra = parts.path.rstrip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in DEFAULT_PORTS or extra or not parts.hostname or port == 0:
        raise ValueError(expected)
    host = parts.hostname.rstrip(".")
    if not host.isascii():
        try:
            host = host.encode("idna").decode()
        except UnicodeError:
            raise ValueError(expected) from None
    # A number at the end would be an IPv4 address to a browser, however it is written.
    numeric = host.rpartition(".")[2].isdigit() and _ip(host) is None
    if numeric or not all(_LABEL.fullmatch(label) for label in host.split(".")):
        raise ValueError(expected)
    return Address(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])


def host_of(text: str) -> str:
    """Return the host that a ``Host`` header names, as ``Address`` writes it; "" for none.

    >>> host_of("LocalHost.:8000"), host_of("yx.example.cn"), host_of("[::1]:80"), host_of("a b")
    ('localhost', 'yx.example.cn', '::1', '')
    """
    match = re.fullmatch(r"(?:\[([0-9a-f:.]+)\]|([a-z0-9_.-]+))(?::[0-9]*)?", text.strip().lower())
    return (match[1] or match[2].rstrip(".")) if match else ""


def resolve(
    portal: str | None, servers: str | None, *, host: str, port: int, one_origin: bool = False
) -> Layout:
    """Return the layout of a run from its settings, or this machine's when there are none.

    :param host: what the proxy listens on
    :raises SettingsError: half of the settings, or none though other machines are let in
    """
    local = _is_local(host)
    if one_origin and not local:
        raise SettingsError(
            f"--one-origin 只适合一个人在本机试用，不能在 {host} 上提供服务。"
            "请去掉 --one-origin，在 site.yaml 里写明 public.portal 和 public.servers；或只监听 127.0.0.1。"
        )
    if portal is None and servers is None:
        if not local:
            raise SettingsError(
                f"要在 {host} 上提供服务，site.yaml 里要写明网址：public.portal 是门户的，public.servers 是教师 "
                "Jupyter 的（另一个主机名）。怎样选见 docs/explanation/origins.md。"
            )
        shown = "127.0.0.1" if host in {"localhost", "::1"} else host
        portal = f"http://{shown}:{port}"
        servers = portal if one_origin else f"http://localhost:{port}"
    if one_origin:
        servers = portal
    if portal is None or servers is None:
        missing = "servers" if servers is None else "portal"
        raise SettingsError(
            f"site.yaml: public.{missing}：缺少这一项。public.portal 和 public.servers 要一起写，或都不写（只在本机使用）。"
        )
    found = layout(portal, servers, one_origin=one_origin)
    # A proxy in front brings the whole world to 127.0.0.1: what browsers call the portal counts too.
    if one_origin and not found.portal.is_loopback:
        raise SettingsError(
            f"--one-origin 只适合一个人在本机试用，不能用于 site.yaml 里 public.portal 的网址 {found.portal}。"
            "请去掉 --one-origin，在 site.yaml 里写明 public.servers；或去掉 public 一节，只在本机试用。"
        )
    return found


def judge(found: Layout, *, proxies: bool = False) -> list[Finding]:
    """Return what is wrong with a layout, and what could be better; nothing when it is good.

    :param proxies: whether the proxies in front are named
    """
    if found.one_origin:
        return [
            Finding(
                "warned",
                "门户和教师的 Jupyter 在同一个网址（--one-origin）：任何一个笔记本都能以打开它的人的身份操作门户。"
                "只适合一个人试用，每一页都会提醒。",
            )
        ]
    return _refused(found) or _warned(found, proxies=proxies)


def _refused(found: Layout) -> list[Finding]:
    portal, servers = found.portal, found.servers
    said: list[str] = []
    if portal.host == servers.host:
        said.append(
            f"public.servers 和 public.portal 是同一个主机名 {portal.host}（端口不同也不算分开：Cookie 不分端口）。"
            "请给教师的 Jupyter 另一个主机名，最好在另一个域名下。"
        )
    if portal.scheme != servers.scheme or portal.port != servers.port:
        said.append(
            f"public.portal（{portal}）和 public.servers（{servers}）要用同样的协议和端口。请改成一样。"
        )
    if _below(servers.host, portal.host):
        said.append(
            f"public.servers（{servers.host}）在门户的名字 {portal.host} 下面，门户的 Cookie 会发给教师的 Jupyter。"
            "请换成不在它下面的名字。"
        )
    if _below(portal.host, servers.host):
        said.append(
            f"public.portal（{portal.host}）在 public.servers 的名字 {servers.host} 下面，教师的 Jupyter 能给门户设 Cookie。"
            "请换成不在它下面的名字。"
        )
    if found.per_person and servers.is_ip:
        said.append(f"public.servers 用 *. 时后面要是域名，不能是 IP 地址 {servers.host}。")
    if not said and portal.scheme == "http" and siblings(portal, servers):
        said.append(
            f"{portal.host} 和 {servers.host} 属于同一个域名，又没有 https：教师的 Jupyter 能替换门户的登录。"
            "请用 https；或换成两个域名；内网没有域名时，一个用名字、一个用机器的 IP 地址。"
        )
    return [Finding("refused", text) for text in said]


def _warned(found: Layout, *, proxies: bool) -> list[Finding]:
    portal, servers = found.portal, found.servers
    said: list[str] = []
    if siblings(portal, servers):
        said.append(
            f"{portal.host} 和 {servers.host} 属于同一个域名：靠 https 和 __Host- Cookie 隔开，可以用；两个域名更好。"
        )
    if portal.scheme == "http" and not portal.is_loopback:
        said.append("没有 https：同一网络里的人能看到密码和作业。只应在信得过的内网里用。")
    if not found.per_person and not servers.is_loopback:
        said.append(
            "教师的 Jupyter 共用一个主机名：公用电脑上换人以前要关闭浏览器窗口。有泛域名解析和证书时，把 public.servers 写成"
            f" {found.servers.scheme}://*.{servers.host if not servers.is_ip else '主机名'} 这样，每人一个名字。"
        )
    if found.https and not proxies:
        said.append(
            "https 由前面的反向代理提供，但 public.proxies 没有写它的地址：平台会把所有人看成来自同一台机器。"
            "反向代理在本机时写 127.0.0.1。"
        )
    return [Finding("warned", text) for text in said]


def siblings(one: Address, other: Address) -> bool:
    """Say whether a page of one may set cookies that are sent to the other.

    True also where only a list of all public suffixes could tell: two names that share their
    last two labels, but for those that are nobody's own.

    >>> siblings(parse("https://yx.example.cn"), parse("https://jupyter.example.cn"))
    True
    >>> siblings(parse("https://yx.gov.cn"), parse("https://jupyter.gov.cn"))
    False
    """
    if one.is_ip or other.is_ip:
        return False
    return _site(one.host) == _site(other.host)


def _site(host: str) -> str:
    labels = host.split(".")
    shared = len(labels) > 2 and labels[-1] == "cn" and labels[-2] in _SHARED_BELOW_CN
    # Chromium takes each name below localhost for a site of its own.
    return ".".join(labels[-(3 if shared else 2) :])


def _below(host: str, above: str) -> bool:
    return host.endswith(f".{above}")


def _ip(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_local(host: str) -> bool:
    ip = _ip(host)
    return ip.is_loopback if ip is not None else host == "localhost"
