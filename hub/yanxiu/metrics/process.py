"""Serve metrics: ``python -m yanxiu.metrics.process --host H --port N``, all else by environment.

Wiring: opens the store, says what is measured and where it is read. Started by ``yanxiu up``,
for everything; on a cluster what each pod of records counts is served beside it (``--of
requests``: no store, no hub), and how the platform stands once for all (``--of site``).
"""

import argparse
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import uvicorn
from prometheus_client import (
    CollectorRegistry,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.applications import Starlette

from yanxiu.clock import Clock, utcnow
from yanxiu.errors import SettingsError
from yanxiu.settings.secrets import from_environment
from yanxiu.store.engine import Store, open_store

from .collector import Standing
from .page import hub_metrics, make_app

OF_REQUESTS = ("YANXIU_METRICS_FILES",)
OF_SITE = ("YANXIU_DATA", "JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN")
#: What each choice of ``--of`` needs to be told. A cluster has no launcher: nobody is asked there.
VARIABLES = {
    "all": (*OF_REQUESTS, *OF_SITE, "YANXIU_LAUNCHER_SOCKET"),
    "requests": OF_REQUESTS,
    "site": OF_SITE,
}


def app_of(
    store: Store | None, environ: Mapping[str, str], token: str, ids_clock: Clock = utcnow
) -> Starlette:
    """Return the application that reads ``store``, and what else the environment names.

    :param store: None where only requests are counted
    :param ids_clock: what time it is where the ids of events are made
    """
    # A series more for each counter, which says what ``process_start_time_seconds`` says.
    disable_created_metrics()
    registry = CollectorRegistry()
    hub = None
    if store is not None:
        socket = environ.get("YANXIU_LAUNCHER_SOCKET")
        Standing(store, Path(socket) if socket else None, registry, ids_clock)
        hub = hub_metrics(environ["JUPYTERHUB_API_URL"], environ["JUPYTERHUB_API_TOKEN"])
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    if folder := environ.get("YANXIU_METRICS_FILES"):
        MultiProcessCollector(registry, folder)
    return make_app(registry, hub, token)


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Serve until a signal ends it; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--of", choices=VARIABLES, default="all")
    given = parser.parse_args()
    try:
        missing = [name for name in VARIABLES[given.of] if not environ.get(name)]
        if missing:
            raise SettingsError(f"缺少环境变量 {', '.join(missing)}。请用 yanxiu up 启动本服务。")
        token = from_environment(environ, "metrics")["metrics"]
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    store = None if given.of == "requests" else _store(environ)
    try:
        uvicorn.run(
            app_of(store, environ, token),
            host=given.host,
            port=given.port,
            access_log=False,
            server_header=False,
            log_level="warning",
        )
    finally:
        if store is not None:
            store.close()
    return 0


def _store(environ: Mapping[str, str]) -> Store:
    data = Path(environ["YANXIU_DATA"])
    url = environ.get("YANXIU_DATABASE_URL") or f"sqlite:///{data / 'db' / 'yanxiu.sqlite'}"
    return open_store(url, data / "blobs")


if __name__ == "__main__":
    sys.exit(main())
