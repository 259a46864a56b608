"""Serve metrics: ``python -m yanxiu.metrics.process --host H --port N``, all else by environment.

Wiring: opens the store, says what is measured and where it is read. Started by ``yanxiu up``.
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

VARIABLES = (
    "YANXIU_DATA",
    "YANXIU_METRICS_FILES",
    "YANXIU_LAUNCHER_SOCKET",
    "JUPYTERHUB_API_URL",
    "JUPYTERHUB_API_TOKEN",
)


def app_of(
    store: Store, environ: Mapping[str, str], token: str, ids_clock: Clock = utcnow
) -> Starlette:
    """Return the application that reads ``store``.

    :param ids_clock: what time it is where the ids of events are made
    """
    # A series more for each counter, which says what ``process_start_time_seconds`` says.
    disable_created_metrics()
    registry = CollectorRegistry()
    Standing(store, Path(environ["YANXIU_LAUNCHER_SOCKET"]), registry, ids_clock)
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    MultiProcessCollector(registry, environ["YANXIU_METRICS_FILES"])
    hub = hub_metrics(environ["JUPYTERHUB_API_URL"], environ["JUPYTERHUB_API_TOKEN"])
    return make_app(registry, hub, token)


def main(environ: Mapping[str, str] = os.environ) -> int:
    """Serve until a signal ends it; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    given = parser.parse_args()
    try:
        missing = [name for name in VARIABLES if not environ.get(name)]
        if missing:
            raise SettingsError(f"缺少环境变量 {', '.join(missing)}。请用 yanxiu up 启动本服务。")
        token = from_environment(environ, "metrics")["metrics"]
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    data = Path(environ["YANXIU_DATA"])
    url = environ.get("YANXIU_DATABASE_URL") or f"sqlite:///{data / 'db' / 'yanxiu.sqlite'}"
    store = open_store(url, data / "blobs")
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
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
