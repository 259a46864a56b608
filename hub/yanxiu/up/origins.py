"""The proxy's rules that keep portal and servers apart: which host answers what.

Pure; written by ``traefik``. The hub's own routes come beside these and name their hosts (see
``configure``); a server's route carries the gate (``gate.proxy``). What nobody else answers
goes to records, which says so in a sentence (``gate.door``).
"""

import re
from collections.abc import Sequence
from typing import Any

from yanxiu.gate import routes
from yanxiu.settings.public import Layout

from .ports import LOOPBACK, Ports

ENTRYPOINT = "http"
#: traefik takes the longest rule first; these must win or lose against any route of the hub.
FIRST, SECOND, LAST = 100_001, 100_000, 1
#: Under way at once from one source, at hub and portal: a county behind one router, on the
#: morning when everybody logs in. Not at teachers' servers, whose WebSockets last all day.
MOST_REQUESTS = 500

#: What one server may not say for the whole host, which others share with it.
_NOT_A_SERVERS = (
    "Service-Worker-Allowed",
    "Clear-Site-Data",
    "Strict-Transport-Security",
    "Access-Control-Allow-Credentials",
)


def origin_rules(layout: Layout, ports: Ports, proxies: Sequence[str] = ()) -> dict[str, Any]:
    """Return traefik's dynamic configuration for a site whose servers have a host of their own.

    :param proxies: in front of us; what they say of a request's source is believed
    """
    portal, servers = f"Host(`{layout.portal.host}`)", servers_rule(layout)
    rules = {
        "portal-foreign": (f"{portal} && {foreign(layout)}", FIRST, routes.FOREIGN),
        "servers-enter": (f"{servers} && Path(`{routes.ENTER}`)", SECOND, ""),
        # A running server's route is longer than this one, and so before it.
        "servers-none": (f"{servers} && PathRegexp(`^/user/`)", LAST + 2, routes.NO_SERVER),
        "servers-nothing": (servers, LAST + 1, routes.NOTHING),
        "unknown-host": ("PathPrefix(`/`)", LAST, routes.UNKNOWN_HOST),
    }
    prefixes = {name: prefix for name, (_, _, prefix) in rules.items() if prefix}
    gate = [*map(_here, (routes.RECORDS_AWAY, routes.CROWDED, routes.REQUESTS))]
    pages = page_rules(ports)["http"]
    return {
        "http": {
            "routers": {
                name: {
                    "rule": rule,
                    "priority": priority,
                    "service": "records-gate",
                    "entryPoints": [ENTRYPOINT],
                    "middlewares": [*gate, *([name] if name in prefixes else [])],
                }
                for name, (rule, priority, _) in rules.items()
            }
            | {"hub-writes": _hub_writes(portal)},
            "services": pages["services"],
            "middlewares": {
                **{name: {"addPrefix": {"prefix": prefix}} for name, prefix in prefixes.items()},
                **_bounds(proxies),
                **pages["middlewares"],
                _here(routes.SERVER_HEADERS): {
                    "headers": {"customResponseHeaders": dict.fromkeys(_NOT_A_SERVERS, "")}
                },
            },
        }
    }


def _hub_writes(portal: str) -> dict[str, Any]:
    """Return the route of what has a body for the hub: whole and short before the hub sees it.

    Only of this: traefik keeps the answers back as well, and some of the hub's are streams.
    """
    return {
        "rule": f"{portal} && PathPrefix(`/hub/`) && !Method(`GET`) && !Method(`HEAD`)",
        "priority": SECOND,
        "service": "hub-direct",
        "entryPoints": [ENTRYPOINT],
        "middlewares": [*map(_here, (routes.HUB_AWAY, routes.REQUESTS)), "hub-bodies"],
    }


def _bounds(proxies: Sequence[str]) -> dict[str, Any]:
    by = {"ipv6Subnet": 64, **({"excludedIPs": list(proxies)} if proxies else {})}
    return {
        _here(routes.REQUESTS): {
            "inFlightReq": {"amount": MOST_REQUESTS, "sourceCriterion": {"ipStrategy": by}}
        },
        "hub-bodies": {
            "buffering": {
                "maxRequestBodyBytes": routes.MOST_FOR_HUB,
                "memRequestBodyBytes": routes.MOST_FOR_HUB,
            }
        },
    }


def page_rules(ports: Ports) -> dict[str, Any]:
    """Return the middlewares that put a page in place of the proxy's own words, for every site.

    Of no status that a part answers itself.
    """

    def of(service: str, query: str, *status: str) -> dict[str, Any]:
        return {"errors": {"status": status, "service": service, "query": query}}

    ask = f"{routes.ERROR}{{part}}/{{{{status}}}}"
    hub, server = (ask.format(part=part) for part in (routes.HUB, routes.SERVER))
    return {
        "http": {
            "services": {
                "records-gate": {"loadBalancer": {"servers": [{"url": _at(ports.records)}]}},
                "hub-direct": {"loadBalancer": {"servers": [{"url": _at(ports.hub)}]}},
            },
            "middlewares": {
                _here(routes.HUB_AWAY): of("records-gate", hub, "413", "502", "504"),
                _here(routes.SERVER_AWAY): of("records-gate", server, "502", "504"),
                _here(routes.CROWDED): of("records-gate", server, "429"),
                # Whoever does not answer cannot say so.
                _here(routes.RECORDS_AWAY): of("hub-direct", "/hub/away", "502", "504"),
            },
        }
    }


def _here(name: str) -> str:
    """Return a middleware's name without the file it is in."""
    return name.partition("@")[0]


def servers_rule(layout: Layout) -> str:
    """Return the rule for the host names of servers."""
    host = layout.servers.host
    if not layout.per_person:
        return f"Host(`{host}`)"
    return f"HostRegexp(`^[a-z0-9-]+\\.{re.escape(host)}$`)"


def foreign(layout: Layout) -> str:
    """Return the rule for what another site's page makes a browser send to the portal.

    Portal and hub refuse it as well (origin, form token). But names of one domain can set each
    other's cookies, the hub's form token among them, and browsers send theirs along.
    """
    # A provider that answers by a form: its handler does nothing but ask again by GET.
    answer = "PathRegexp(`^/hub/sso/[a-z0-9]+/callback$`)"
    writes = f"!Method(`GET`) && !Method(`HEAD`) && !{answer}"
    elsewhere = f"HeaderRegexp(`Origin`, `.`) && !Header(`Origin`, `{layout.portal}`)"
    # What is not typed, followed or opened: a picture, a script, a frame, a fetch.
    hidden = "(!Header(`Sec-Fetch-Mode`, `navigate`) || !Header(`Sec-Fetch-Dest`, `document`))"
    other_site = f"HeaderRegexp(`Sec-Fetch-Site`, `^(same|cross)-site$`) && {hidden}"
    return f"(({writes} && {elsewhere}) || ({other_site}))"


def _at(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"
