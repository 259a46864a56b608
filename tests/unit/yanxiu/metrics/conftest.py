"""The metrics of a county, read as a monitor reads them."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.testclient import TestClient
from yanxiu.clock import FrozenClock, utcnow
from yanxiu.metrics.process import app_of
from yanxiu.metrics.watch import BEHIND

from tests.support.county import County

TOKEN = "m" * 64

#: (name, labels) → value
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    """Read an exposition."""
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


class Monitor:
    """A scrape at a time.

    :param launcher: its socket; without, nobody listens there
    """

    def __init__(self, county: County, launcher: Path):
        environ = {
            "YANXIU_LAUNCHER_SOCKET": str(launcher),
            "YANXIU_METRICS_FILES": str(launcher.parent),
            "JUPYTERHUB_API_URL": "http://127.0.0.1:9/hub/api",
            "JUPYTERHUB_API_TOKEN": "h" * 64,
        }
        # Ids have the real instant in them; what is done from here on is counted.
        self._clock = FrozenClock(utcnow() + BEHIND)
        self.http = TestClient(app_of(county.store, environ, TOKEN, self._clock))

    def text(self) -> str:
        """Return a scrape, when everything so far is old enough to be counted."""
        self._clock.now = utcnow() + BEHIND + timedelta(seconds=1)
        answer = self.http.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        return answer.text

    def read(self) -> Callable[..., float | None]:
        """Scrape; return what gives a sample by its name and labels."""
        found = samples(self.text())
        return lambda name, **labels: found.get((name, frozenset(labels.items())))


@pytest.fixture
def monitor(lite: County, tmp_path: Path) -> Monitor:
    """A monitor of a county on SQLite; there is no launcher."""
    return Monitor(lite, tmp_path / "nobody.sock")
