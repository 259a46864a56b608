"""The hub's proxy classes: traefik by files, with pages of ours, and the gate before servers.

JupyterHub adds and removes the routes; a route's middlewares cannot be set by configuration.
The gate is told by the route whose server it is, so no two readings of an address can differ
about that. Loaded by ``configure``: ``GatedProxy`` where servers have a host of their own.
"""

from typing import Any

from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from jupyterhub_traefik_proxy.traefik_utils import generate_alias
from traitlets import Unicode

from .routes import HUB_AWAY, RECORDS_AWAY, REQUESTS, SERVER_AWAY, SERVER_HEADERS, check_for


class SpeakingProxy(TraefikFileProviderProxy):
    """``TraefikFileProviderProxy`` with pages in place of traefik's own words."""

    def _dynamic_config_for_route(
        self, routespec: str, target: str, data: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        traefik, hub = super()._dynamic_config_for_route(routespec, target, data)
        away = HUB_AWAY if "hub" in data else RECORDS_AWAY if "service" in data else SERVER_AWAY
        for router in traefik["http"]["routers"].values():
            router["middlewares"] = [away]
        return traefik, hub


class GatedProxy(SpeakingProxy):
    """The same, and it lets nobody past the gate."""

    gate_url = Unicode(config=True, help="Where the gate answers, without a path")

    def _dynamic_config_for_route(
        self, routespec: str, target: str, data: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        traefik, hub = super()._dynamic_config_for_route(routespec, target, data)
        # The hub's routes say whose they are: its own, a service's, a user's. A kind that a
        # later hub adds is rather shut than open: it is nobody's.
        if {"hub", "service"} & data.keys():
            for router in traefik["http"]["routers"].values():
                router["middlewares"].append(REQUESTS)
            return traefik, hub
        gate = _gate(routespec)
        for router in traefik["http"]["routers"].values():
            router["middlewares"] += [SERVER_HEADERS, gate]
        traefik["http"]["middlewares"] = {gate: check_for(self.gate_url, data.get("user", ""))}
        return traefik, hub

    def _keys_for_route(self, routespec: str) -> tuple[tuple[list[str], ...], Any]:
        traefik, hub = super()._keys_for_route(routespec)
        gates = self.dynamic_config["http"].get("middlewares", {})
        gate = _gate(routespec)
        return (*traefik, *([["http", "middlewares", gate]] if gate in gates else [])), hub


def _gate(routespec: str) -> str:
    name: str = generate_alias(routespec, "gate")
    return name
