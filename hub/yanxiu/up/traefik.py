"""The proxy's configuration: what is fixed here, what the hub adds at run time.

``static`` and ``shared_rules`` are pure (the rules that keep portal and servers apart are
``origins``'); ``write`` puts them into a folder that traefik watches. The hub writes its routes
into the same folder (``ROUTES``), so they outlive the hub and the proxy. Why traefik and why
so: ``docs/decisions/proxy.md``.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from yanxiu.settings.public import Layout

from .origins import ENTRYPOINT, origin_rules
from .ports import LOOPBACK, Ports

API_ENTRYPOINT = "auth_api"
API_USER = "hub"
ROUTES = "hub.toml"

#: A 20 MB bundle over 128 kbit/s takes 22 minutes.
READ_TIMEOUT = "1800s"

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
            ENTRYPOINT: {
                "address": f"{host}:{ports.public}",
                "forwardedHeaders": {"trustedIPs": list(proxies)},
                "transport": {
                    "respondingTimeouts": {"readTimeout": READ_TIMEOUT, "idleTimeout": "180s"},
                    "lifeCycle": {"graceTimeOut": "1s"},
                },
                "http": {
                    "middlewares": ["compress@file", "headers@file"],
                    "encodedCharacters": ENCODED_CHARACTERS,
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


def shared_rules() -> dict[str, Any]:
    """Return the rules that hold for every route."""
    return {
        "http": {
            "middlewares": {
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
    run_dir: Path, host: str, ports: Ports, layout: Layout, proxies: Sequence[str] = ()
) -> tuple[Path, Path]:
    """Write the configuration of this run; return the static file and the rules folder.

    Routes of the last run are dropped: their ports now belong to nobody, or to anybody.
    """
    rules_dir = run_dir / "proxy"
    rules_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for leftover in rules_dir.glob(f"{ROUTES}*"):
        leftover.unlink()
    _dump(rules_dir / "shared.yaml", shared_rules())
    origins = rules_dir / "origins.yaml"
    origins.unlink(missing_ok=True)
    if not layout.one_origin:
        _dump(origins, origin_rules(layout, ports))
    static_file = run_dir / "traefik.yaml"
    _dump(static_file, static(host, ports, rules_dir, proxies))
    return static_file, rules_dir


def _dump(file: Path, content: Mapping[str, Any]) -> None:
    # JSON is YAML; traefik looks at the file's ending.
    file.write_text(json.dumps(content, indent=1), encoding="utf-8")
