"""The real records service as a process of its own, over a county; it can be killed and comes back."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
from yanxiu.login import tokens
from yanxiu.settings.model import Site
from yanxiu.store.engine import Store, open_store

from tests.support.county import SITE, County
from tests.support.site import free_port

PREFIX = "/services/records"
START_S = 60


class RecordsServer:
    """uvicorn on a free port that stays the same over restarts."""

    def __init__(
        self, data: Path, site: Site = SITE, hub_api_url: str = "http://127.0.0.1:9/hub/api"
    ):
        self.data, self.port = data, free_port()
        folder = data / "site"
        folder.mkdir(parents=True)
        settings = json.loads(site.model_dump_json())
        (folder / "site.yaml").write_text(json.dumps(settings), encoding="utf-8")
        (data / "db").mkdir()
        self._env = {
            "PATH": os.environ["PATH"],
            "YANXIU_DATA": str(data),
            "YANXIU_SITE": str(folder),
            "YANXIU_WORKER_TOKEN": "w" * 64,
            "YANXIU_SESSION_KEY": "k" * 64,
            "YANXIU_ID_KEY": "1d" * 32,
            "JUPYTERHUB_API_TOKEN": "s" * 64,
            "JUPYTERHUB_API_URL": hub_api_url,
            "YANXIU_PORTAL": f"http://127.0.0.1:{self.port}",
            "YANXIU_SERVERS": f"http://localhost:{self.port}",
        }
        self._process: subprocess.Popen[bytes] | None = None

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
            *(sys.executable, "-m", "uvicorn", "yanxiu.portal.app:create_app", "--factory"),
            *("--host", "127.0.0.1", "--port", str(self.port), "--no-access-log"),
        ]
        with (self.data / "records.log").open("ab") as log:
            self._process = subprocess.Popen(command, env=self._env, stdout=log, stderr=log)
        deadline = time.monotonic() + START_S
        while True:
            try:
                httpx.get(f"{self.url}/healthz", timeout=5)
                return
            except httpx.TransportError:
                said = (self.data / "records.log").read_text()[-2000:]
                assert self._process.poll() is None, said
                assert time.monotonic() < deadline, said
                time.sleep(0.05)

    def kill(self) -> None:
        """End it as a crash would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(20)

    def stop(self) -> None:
        """End it."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(20)


def token(county: County, who: str, *scopes: str) -> str:
    """Return a token that records knows without a hub."""
    return tokens.issue(county.store, county.people[who], scopes, 1, actor="system:test")
