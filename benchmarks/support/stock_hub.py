"""A stock JupyterHub on this machine: simple spawner, one password, traefik in front.

Everything is stock but for addresses and for one kindness: the proxy's password is hashed
cheaply, as ours is; at the default cost every new route would wait half a second for it.
"""

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from yanxiu.up.ports import free_ports

from benchmarks.support import processes, stock_env
from benchmarks.support.visitor import Visitor

_CONFIG = """
import bcrypt

c.JupyterHub.bind_url = "http://127.0.0.1:{public}/"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.log_level = "WARN"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "{folder}/homes/{{username}}"
c.Spawner.args = ["--allow-root"]
c.JupyterHub.proxy_class = "traefik_file"
c.TraefikFileProviderProxy.traefik_api_url = "http://127.0.0.1:{api}"
c.TraefikFileProviderProxy.traefik_api_password = "{secret}"
c.TraefikFileProviderProxy.traefik_api_hashed_password = bcrypt.hashpw(
    b"{secret}", bcrypt.gensalt(rounds=4)
).decode()
c.JupyterHub.services = [{{"name": "bench", "api_token": "{token}"}}]
c.JupyterHub.load_roles = [
    {{"name": "bench", "services": ["bench"], "scopes": ["admin:users", "tokens"]}},
    {{"name": "user", "scopes": ["self", "access:services"]}},
]
"""


_NGSHARE = """
c.JupyterHub.services.append(
    {{"name": "ngshare", "api_token": "{token}", "url": "http://127.0.0.1:{port}"}}
)
"""
#: ngshare's administrator, a user of the hub.
ADMIN = "admin"


@dataclass(frozen=True)
class StockHub:
    """A hub that serves."""

    url: str
    hub_api: str
    folder: Path
    process: psutil.Popen
    token: str

    def visitor(self, name: str) -> Visitor:
        """Return somebody who is logged in."""
        return Visitor(self.url).login(name, "any")

    def api(self, method: str, path: str, **more: Any) -> Any:
        """Ask the hub's API as its administrator."""
        answer = httpx.request(
            method,
            f"{self.hub_api}/{path}",
            headers={"Authorization": f"token {self.token}"},
            timeout=60,
            trust_env=False,
            **more,
        )
        answer.raise_for_status()
        return answer.json()

    def user_token(self, name: str) -> str:
        """Return a token of a user's own."""
        return str(self.api("POST", f"users/{name}/tokens", json={"note": "bench"})["token"])


@contextlib.contextmanager
def stock_hub(folder: Path, *, ngshare: bool = False) -> Iterator[StockHub]:
    """Run a stock hub for a block, with ngshare at ``/services/ngshare/`` if asked."""
    (folder / "homes").mkdir(parents=True)
    public, hub, api, exchange = free_ports(4)
    secret, token = secrets.token_hex(32), secrets.token_hex(32)
    config = folder / "jupyterhub_config.py"
    places = {"public": public, "hub": hub, "api": api, "folder": folder}
    text = _CONFIG.format(**places, secret=secret, token=token)
    hub_api, url = f"http://127.0.0.1:{hub}/hub/api", f"http://127.0.0.1:{public}"
    with contextlib.ExitStack() as stack:
        if ngshare:
            # First: the hub waits half a minute for a service that is not there.
            key = secrets.token_hex(32)
            text += _NGSHARE.format(token=key, port=exchange)
            stack.enter_context(_ngshare(folder, exchange, key, hub_api))
        config.write_text(text)
        command = [str(stock_env.BIN / "jupyterhub"), "--config", str(config)]
        log = folder / "hub.log"
        env = stock_env.environment(folder)
        process = stack.enter_context(processes.started(command, env, log))
        processes.wait_until(lambda: _serves(f"{url}/hub/login"), "the stock hub's start", log)
        yield StockHub(url, hub_api, folder, process, token)


@contextlib.contextmanager
def _ngshare(folder: Path, port: int, token: str, hub_api: str) -> Iterator[None]:
    command = [str(stock_env.BIN / "python"), str(stock_env.STOCK / "ngshare_on_loopback.py")]
    env = stock_env.environment(
        folder,
        JUPYTERHUB_API_URL=hub_api,
        JUPYTERHUB_API_TOKEN=token,
        JUPYTERHUB_CLIENT_ID="service-ngshare",
        JUPYTERHUB_SERVICE_PREFIX="/services/ngshare/",
    )
    log = folder / "ngshare.log"
    with processes.started([*command, str(port), str(folder), ADMIN], env, log):
        address = f"http://127.0.0.1:{port}/healthz"
        processes.wait_until(lambda: _serves(address), "ngshare's start", log)
        yield


def _serves(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
