"""A hub whose servers cost nothing: what is measured is the hub, with our places or without.

The same on both sides: in-memory proxy, dummy logins, a spawner whose servers are one stub that is
there already. ``BENCH_SITE`` brings all that ours does around a start, as ``configure`` wires it.
The recount alone is left out: it would find that none of the 5,000 servers runs.
"""

import os
from pathlib import Path

from jupyterhub.proxy import Proxy
from jupyterhub.spawner import Spawner

c = get_config()  # type: ignore[name-defined]  # noqa: F821


class NoProxy(Proxy):
    """Routes that nobody takes."""

    should_start = False

    async def add_route(self, routespec, target, data):
        _routes[routespec] = {"routespec": routespec, "target": target, "data": data}

    async def delete_route(self, routespec):
        _routes.pop(routespec, None)

    async def get_all_routes(self):
        return dict(_routes)


_routes: dict[str, dict] = {}


class Trivial(Spawner):
    """A server that is there already."""

    async def start(self):
        self._runs = True
        return f"http://127.0.0.1:{os.environ['BENCH_STUB']}"

    async def stop(self, now=False):
        self._runs = False

    async def poll(self):
        return None if getattr(self, "_runs", False) else 0


c.JupyterHub.bind_url = f"http://127.0.0.1:{os.environ['BENCH_PUBLIC']}/"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{os.environ['BENCH_HUB']}"
c.JupyterHub.db_url = f"sqlite:///{os.environ['BENCH_FOLDER']}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{os.environ['BENCH_FOLDER']}/cookie"
c.JupyterHub.log_level = "ERROR"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = Trivial
c.JupyterHub.proxy_class = NoProxy
c.JupyterHub.concurrent_spawn_limit = 0
c.JupyterHub.services = [{"name": "bench", "api_token": os.environ["BENCH_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "bench", "services": ["bench"], "scopes": ["admin:users", "admin:servers"]}
]
if site := os.environ.get("BENCH_SITE"):
    from yanxiu.configure import StoreDirectory
    from yanxiu.quota.wiring import engine_for
    from yanxiu.settings.load import load_site
    from yanxiu.spawn import asked_again, hooks, measures
    from yanxiu.spawn.desk import Desk
    from yanxiu.spawn.environment import server_environment
    from yanxiu.spawn.places import Places
    from yanxiu.store.engine import open_store

    settings = load_site(Path(site))
    store = open_store(os.environ["BENCH_DATABASE"], Path(site) / "blobs")
    directory = StoreDirectory(store, settings)
    places = Places(engine_for(store, settings), on_silence="refuse", count=measures.answered)
    desk = Desk(places, directory.organizers)
    told = server_environment("http://127.0.0.1:1", settings.server.idle_minutes)
    c.Spawner.pre_spawn_hook = hooks.pre_spawn_hook(
        lambda person: directory.order(person, told), desk
    )
    c.Spawner.post_stop_hook = hooks.post_stop_hook(desk)
    asked_again.install()
