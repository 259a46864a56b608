"""Requests are counted by route; a process that comes back goes on where the dead one was."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.testclient import TestClient
from yanxiu.web.measure import Measured

PREFIX = "/services/records/"


@pytest.fixture
def made() -> tuple[TestClient, Callable[..., float | None]]:
    """A service with two routes, and what gives a number by its labels."""
    app = FastAPI(openapi_url=None)

    @app.get(f"{PREFIX}units/{{unit_id}}")
    def unit(unit_id: str) -> dict[str, str]:
        return {"unit": unit_id}

    @app.post(f"{PREFIX}units/{{unit_id}}")
    def broken(unit_id: str) -> None:
        raise RuntimeError(unit_id)

    measured = Measured(app, PREFIX)
    return TestClient(measured, raise_server_exceptions=False), measured.registry.get_sample_value


def counted(read, route: str, method: str, status: str) -> float | None:
    labels = {"route": route, "method": method, "status": status}
    return read("yanxiu_http_requests_total", labels)


def test_a_request_is_known_by_its_pattern(made):
    client, read = made
    for unit in ("a1", "b2", "ualice1234567"):
        client.get(f"{PREFIX}units/{unit}")
    assert counted(read, "/units/{unit_id}", "GET", "200") == 3
    seconds = {"route": "/units/{unit_id}"}
    assert read("yanxiu_http_request_seconds_count", seconds) == 3


def test_what_breaks_is_counted_as_broken(made):
    client, read = made
    client.post(f"{PREFIX}units/a1")
    assert counted(read, "/units/{unit_id}", "POST", "500") == 1


def test_strange_paths_and_words_make_no_labels(made):
    client, read = made
    for number in range(5):
        client.request(f"WORD{number}", f"{PREFIX}nowhere/{number}")
    assert counted(read, "none", "other", "404") == 5


_COUNT = """
import os, sys
from yanxiu.web.measure import Measured, into_files
into_files()
layer = Measured(None, "/")
for _ in range(int(sys.argv[1])):
    layer._count.labels("/", "GET", "200").inc()
os._exit(9)
"""


def _processes(folder, part: str, times: int) -> None:
    env = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder), "YANXIU_PART": part}
    done = subprocess.run([sys.executable, "-c", _COUNT, str(times)], env=env, check=False)
    assert done.returncode == 9


def test_crashes_lose_no_count_and_leave_no_file_each(tmp_path):
    registry = CollectorRegistry()
    MultiProcessCollector(registry, str(tmp_path))
    labels = {"route": "/", "method": "GET", "status": "200"}
    for part in ("records", "records-2"):
        _processes(tmp_path, part, 2)
    files = sorted(path.name for path in tmp_path.iterdir())
    for _ in range(3):
        _processes(tmp_path, "records", 1)
    assert registry.get_sample_value("yanxiu_http_requests_total", labels) == 7
    assert sorted(path.name for path in tmp_path.iterdir()) == files
