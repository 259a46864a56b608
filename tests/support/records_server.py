"""The real records service as a process of its own, over a county; it can be killed and comes back."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import httpx
import psutil
from yanxiu.login import tokens
from yanxiu.settings.model import Site
from yanxiu.store.engine import Store, open_store

from tests.support.county import SITE, County
from tests.support.site import free_port

PREFIX = "/services/records"
START_S = 60


class RecordsServer:
    """The service on a free port that stays the same over restarts.

    :param database_url: instead of SQLite in ``data``
    :param processes: how many of them listen on the port
    """

    def __init__(
        self,
        data: Path,
        site: Site = SITE,
        hub_api_url: str = "http://127.0.0.1:9/hub/api",
        database_url: str = "",
        processes: int = 1,
    ):
        self.data, self.port = data, free_port()
        folder = data / "site"
        folder.mkdir(parents=True)
        settings = json.loads(site.model_dump_json())
        (folder / "site.yaml").write_text(json.dumps(settings), encoding="utf-8")
        (data / "db").mkdir(exist_ok=True)
        self._env = {
            "PATH": os.environ["PATH"],
            "YANXIU_DATA": str(data),
            "YANXIU_SITE": str(folder),
            "YANXIU_WORKER_TOKEN": "w" * 64,
            "YANXIU_SESSION_KEY": "k" * 64,
            "YANXIU_PORTAL": f"http://127.0.0.1:{self.port}",
            "YANXIU_SERVERS": f"http://localhost:{self.port}",
            "YANXIU_ID_KEY": "1d" * 32,
            "JUPYTERHUB_API_TOKEN": "s" * 64,
            "JUPYTERHUB_API_URL": hub_api_url,
        }
        if database_url:
            self._env["YANXIU_DATABASE_URL"] = database_url
        self._count = processes
        self._processes: list[psutil.Popen] = []
        self._spent: list[float] = []

    @property
    def url(self) -> str:
        """The service's address, as a teacher's server is told it."""
        return f"http://127.0.0.1:{self.port}{PREFIX}"

    def store(self) -> Store:
        """Open the same store."""
        return open_store(f"sqlite:///{self.data}/db/yanxiu.sqlite", self.data / "blobs")

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = [
            *(sys.executable, "-P", "-m", "yanxiu.portal.serve"),
            *("--host", "127.0.0.1", "--port", str(self.port)),
        ]
        with (self.data / "records.log").open("ab") as log:
            self._processes = [
                psutil.Popen(command, env=self._env, stdout=log, stderr=log)
                for _ in range(self._count)
            ]
        deadline = time.monotonic() + START_S
        while not all(self._listens(one) for one in self._processes) or not self._answers():
            said = (self.data / "records.log").read_text()[-2000:]
            assert all(one.poll() is None for one in self._processes), said
            assert time.monotonic() < deadline, said
            time.sleep(0.05)
        self._spent = self._processor_s()

    def _listens(self, process: psutil.Popen) -> bool:
        return any(
            one.status == psutil.CONN_LISTEN and one.laddr.port == self.port
            for one in process.net_connections()
        )

    def _answers(self) -> bool:
        try:
            httpx.get(f"{self.url}/healthz", timeout=5)
        except httpx.TransportError:
            return False
        return True

    def served_s(self) -> list[float]:
        """Return the seconds that each process worked since it answered first."""
        now = self._processor_s()
        return [after - before for before, after in zip(self._spent, now, strict=True)]

    def _processor_s(self) -> list[float]:
        return [sum(one.cpu_times()[:2]) for one in self._processes]

    def kill(self) -> None:
        """End it as a crash would."""
        for one in self._processes:
            one.send_signal(signal.SIGKILL)
        for one in self._processes:
            one.wait(20)

    def stop(self) -> None:
        """End it."""
        running = [one for one in self._processes if one.poll() is None]
        for one in running:
            one.terminate()
        for one in running:
            one.wait(20)


def token(county: County, who: str, *scopes: str) -> str:
    """Return a token that records knows without a hub."""
    return tokens.issue(county.store, county.people[who], scopes, 1, actor="system:test")
