"""The proxy's rules that keep portal and servers apart: which host answers what.

Pure; written by ``traefik``. The hub's own routes come beside these and name their hosts (see
``configure``); a server's route carries the gate (``gate.proxy``). What nobody else answers
goes to records, which says so in a sentence (``gate.door``).
"""

import re
from typing import Any

from yanxiu.gate import routes
from yanxiu.settings.public import Layout

from .ports import LOOPBACK, Ports

ENTRYPOINT = "http"
#: traefik takes the longest rule first; these must win or lose against any route of the hub.
FIRST, SECOND, LAST = 100_001, 100_000, 1

#: What one server may not say for the whole host, which others share with it.
_NOT_A_SERVERS = (
    "Service-Worker-Allowed",
    "Clear-Site-Data",
    "Strict-Transport-Security",
    "Access-Control-Allow-Credentials",
)


def origin_rules(layout: Layout, ports: Ports) -> dict[str, Any]:
    """Return traefik's dynamic configuration for a site whose servers have a host of their own."""
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
    return {
        "http": {
            "routers": {
                name: {
                    "rule": rule,
                    "priority": priority,
                    "service": "records-gate",
                    "entryPoints": [ENTRYPOINT],
                    "middlewares": [name] if name in prefixes else [],
                }
                for name, (rule, priority, _) in rules.items()
            },
            "services": {
                "records-gate": {"loadBalancer": {"servers": [{"url": _records(ports)}]}},
            },
            "middlewares": {
                **{name: {"addPrefix": {"prefix": prefix}} for name, prefix in prefixes.items()},
                routes.SERVER_HEADERS.partition("@")[0]: {
                    "headers": {"customResponseHeaders": dict.fromkeys(_NOT_A_SERVERS, "")}
                },
            },
        }
    }


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
    writes = "!Method(`GET`) && !Method(`HEAD`)"
    elsewhere = f"HeaderRegexp(`Origin`, `.`) && !Header(`Origin`, `{layout.portal}`)"
    # What is not typed, followed or opened: a picture, a script, a frame, a fetch.
    hidden = "(!Header(`Sec-Fetch-Mode`, `navigate`) || !Header(`Sec-Fetch-Dest`, `document`))"
    other_site = f"HeaderRegexp(`Sec-Fetch-Site`, `^(same|cross)-site$`) && {hidden}"
    return f"(({writes} && {elsewhere}) || ({other_site}))"


def _records(ports: Ports) -> str:
    return f"http://{LOOPBACK}:{ports.records}"
