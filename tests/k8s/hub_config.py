"""The hub of these tests: what the stock chart sets, then ours, by the chart's one line."""

import os

from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from yanxiu.configure import configure

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - JupyterHub defines it
host, data = os.environ["TEST_HOST"], os.environ["YANXIU_DATA"]
c.JupyterHub.bind_url = f"http://{host}:{os.environ['TEST_PORT']}/"
c.JupyterHub.hub_bind_url = f"http://{host}:{os.environ['TEST_HUB_PORT']}"
c.JupyterHub.db_url = f"sqlite:///{data}/db/hub.sqlite"
c.JupyterHub.proxy_class = TraefikFileProviderProxy
c.TraefikFileProviderProxy.static_config_file = f"{data}/traefik.toml"
c.TraefikFileProviderProxy.dynamic_config_file = f"{data}/rules.toml"
c.TraefikFileProviderProxy.traefik_api_url = f"http://127.0.0.1:{os.environ['TEST_PROXY_PORT']}"
# The same after a restart: what the proxy kept is under it.
c.TraefikFileProviderProxy.traefik_api_username = "hub"
c.TraefikFileProviderProxy.traefik_api_password = os.environ["YANXIU_RECORDS_API_TOKEN"]
configure(c, os.environ)
# As the stock chart has it: five failures in a row would end the hub.
c.Spawner.consecutive_failure_limit = 5
