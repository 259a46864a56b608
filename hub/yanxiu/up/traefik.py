"""The proxy's configuration: what is fixed here, what the hub adds at run time.

Decides what one source may have at once (connections here, requests in ``origins``) and how long
a line may take. ``static``, ``front_rules`` and ``shared_rules`` are pure (the rules that keep
portal and servers apart are ``origins``'); ``write`` puts them into a folder that traefik watches. The hub writes its routes
into the same folder (``ROUTES``), so they outlive the hub and the proxy. Why traefik and why
so: ``docs/decisions/proxy.md``.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from yanxiu.settings.public import Layout

from .origins import ENTRYPOINT, origin_rules, page_rules
from .ports import LOOPBACK, Ports

#: What browsers reach: it counts connections and understands nothing of what they say.
FRONT = "front"
API_ENTRYPOINT = "auth_api"
API_USER = "hub"
ROUTES = "hub.toml"

#: A 20 MB bundle over 128 kbit/s takes 22 minutes. traefik has one time for all routes and no
#: other means of ending a slow sender: what keeps them few is ``connections_of_one``.
READ_TIMEOUT = "1800s"
#: Cookies and an address; the web servers behind take no more. traefik would keep 1 MB of each.
MOST_HEADER_BYTES = 65_536
#: Of one source: a county behind one router has 350 teachers at work, with ten lines each.
MOST_CONNECTIONS = 8000
#: Of this machine's descriptors; each connection takes four, so one source has two fifths.
_SHARE = 10

#: Teachers put every character into file names. What could split a path stays refused: an
#: encoded slash would let ``/services/records/..%2Finternal`` past the routing rules.
ENCODED_CHARACTERS = {
    "allowEncodedSlash": False,
    "allowEncodedPercent": True,
    "allowEncodedQuestionMark": True,
    "allowEncodedHash": True,
    "allowEncodedSemicolon": True,
    "allowEncodedBackSlash": False,
    "allowEncodedNullCharacter": False,
}


def static(host: str, ports: Ports, rules_dir: Path, proxies: Sequence[str] = ()) -> dict[str, Any]:
    """Return what traefik reads once, at its start.

    :param proxies: whose ``X-Forwarded-*`` is believed; everybody else's is written anew
    """
    return {
        # Nothing leaves this machine.
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
        # No access log: addresses carry tokens (receipts, capabilities, OAuth codes).
        "log": {"level": "WARN", "noColor": True},
        "api": {"dashboard": False, "insecure": False},
        "entryPoints": {
            FRONT: {
                "address": f"{host}:{ports.public}",
                "transport": {"lifeCycle": {"graceTimeOut": "1s"}},
            },
            ENTRYPOINT: {
                "address": f"{LOOPBACK}:{ports.proxy}",
                # Who is at the other end of the front's line.
                "proxyProtocol": {"trustedIPs": [LOOPBACK]},
                "forwardedHeaders": {"trustedIPs": list(proxies)},
                "transport": {
                    "respondingTimeouts": {"readTimeout": READ_TIMEOUT, "idleTimeout": "180s"},
                    "lifeCycle": {"graceTimeOut": "1s"},
                },
                "http": {
                    "middlewares": ["dot@file", "compress@file", "headers@file"],
                    "encodedCharacters": ENCODED_CHARACTERS,
                    "maxHeaderBytes": MOST_HEADER_BYTES,
                    # X_Forwarded_For and the like must not pass for the real header.
                    "aliasHeadersStrategy": "delete",
                },
            },
            # Of the hub alone, behind a password.
            API_ENTRYPOINT: {
                "address": f"{LOOPBACK}:{ports.proxy_api}",
                "http": {"aliasHeadersStrategy": "delete"},
            },
        },
        "providers": {
            "providersThrottleDuration": "0s",
            "file": {"directory": str(rules_dir), "watch": True},
        },
    }


def connections_of_one(descriptors: int) -> int:
    """Return how many connections one source may have, where so many files can be open.

    >>> connections_of_one(20_000), connections_of_one(1_048_576), connections_of_one(1024)
    (2000, 8000, 128)
    """
    return max(128, min(MOST_CONNECTIONS, descriptors // _SHARE))


def front_rules(ports: Ports, connections: int, proxies: Sequence[str] = ()) -> dict[str, Any]:
    """Return what the front does: count, and hand on with the address of whoever it is.

    :param connections: that one source may have
    :param proxies: bring everybody by one address; they count themselves
    """
    everybody = {
        "rule": "HostSNI(`*`)",
        "priority": 1,
        "service": "proxy",
        "entryPoints": [FRONT],
        "middlewares": ["connections"],
    }
    ours = " || ".join(f"ClientIP(`{one}`)" for one in proxies)
    named = {"rule": f"HostSNI(`*`) && ({ours})", "priority": 2, "middlewares": []}
    return {
        "tcp": {
            "routers": {
                "everybody": everybody,
                **({"proxies": {**everybody, **named}} if proxies else {}),
            },
            "middlewares": {"connections": {"inFlightConn": {"amount": connections}}},
            "services": {
                "proxy": {
                    "loadBalancer": {
                        "servers": [{"address": f"{LOOPBACK}:{ports.proxy}"}],
                        "serversTransport": "told",
                    }
                }
            },
            "serversTransports": {"told": {"proxyProtocol": {"version": 2}}},
        }
    }


def shared_rules() -> dict[str, Any]:
    """Return the rules that hold for every route."""
    return {
        "http": {
            "middlewares": {
                # ``name.`` is ``name`` to the rules, and another host to a browser's cookies
                # and origins: a page there could only half work.
                "dot": {
                    "redirectRegex": {
                        "regex": r"^(https?)://([^/:@?#]+)\.(:[0-9]+)?(/.*)?$",
                        "replacement": "${1}://${2}${3}${4}",
                    }
                },
                # The progress of a start is an event stream: compressing would hold it back.
                "compress": {"compress": {"excludedContentTypes": ["text/event-stream"]}},
                # Only what no answer would want otherwise; policies are the services' own.
                "headers": {
                    "headers": {
                        "contentTypeNosniff": True,
                        "customResponseHeaders": {
                            "Server": "",
                            "X-JupyterHub-Version": "",
                        },
                    }
                },
            }
        }
    }


def write(
    run_dir: Path,
    host: str,
    ports: Ports,
    layout: Layout,
    proxies: Sequence[str] = (),
    descriptors: int = 1024,
) -> tuple[Path, Path]:
    """Write the configuration of this run; return the static file and the rules folder.

    Routes of the last run are dropped: their ports now belong to nobody, or to anybody.

    :param descriptors: how many files the proxy may have open
    """
    rules_dir = run_dir / "proxy"
    rules_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in rules_dir.glob(f"{ROUTES}*"):
        leftover.unlink()
    _dump(rules_dir / "shared.yaml", shared_rules())
    _dump(rules_dir / "front.yaml", front_rules(ports, connections_of_one(descriptors), proxies))
    one = layout.one_origin
    rules = page_rules(ports) if one else origin_rules(layout, ports, proxies)
    _dump(rules_dir / "origins.yaml", rules)
    static_file = run_dir / "traefik.yaml"
    _dump(static_file, static(host, ports, rules_dir, proxies))
    return static_file, rules_dir


def _dump(file: Path, content: Mapping[str, Any]) -> None:
    # JSON is YAML; traefik looks at the file's ending.
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")
