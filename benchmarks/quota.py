"""What a place costs: a verdict among 300 schools, and a hub's starts with and without it.

A county of 300 schools, 35,000 teachers and 5,000 running servers, every school with a guarantee and
a ceiling. First the engine alone: a place is reserved and committed, one after the other; by the
clock, and in processor time of the process, which a busy machine stretches less. Then the hub: all
that ours does around a start against the stock hub, in turn; the servers of both are one answer
that is there already, so that nothing else is measured. ``ours`` and ``stock`` are starts a second;
the verdict's percentiles, and what a start costs each hub in processor time, are in the details.
"""

import contextlib
import os
import secrets
import socketserver
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from statistics import median

import httpx
import psutil
from sqlalchemy import insert, select
from yanxiu.names import new_id, new_person_id
from yanxiu.people.model import Consent, Credential, Organization, Person
from yanxiu.quota import counters
from yanxiu.quota.engine import Admitted, Ask, Engine
from yanxiu.quota.model import Place, QuotaLimit
from yanxiu.quota.wiring import engine_for
from yanxiu.settings.load import load_site
from yanxiu.store import schema
from yanxiu.store.engine import Store, open_store
from yanxiu.up.ports import free_ports

from benchmarks.result import Result, percentile
from benchmarks.support import processes, stock_env
from benchmarks.support.both import folder
from benchmarks.support.measure import say, take_turns
from tests.support.writing import writing

NAME = "quota"
SCHOOLS, TEACHERS, RUNNING = 300, 35_000, 5_000
VERDICTS = 1_000
#: Starts of one round, so many at once.
STARTS, AT_ONCE = 60, 20
ROUNDS = 6
#: Asked more often, the hub would be busy with the asking.
LOOK_S = 0.2
_SITE = """
name: {zh_CN: 大县}
county: {code: "330199", name: 大县}
schools: {"2133000001": {name: 县一小}}
quota: {capacity: {servers: 9000, cpus: 1000, memory_mb: 4000000}}
"""


def run() -> Result:
    """Measure it."""
    with folder() as place:
        (place / "site.yaml").write_text(_SITE, encoding="utf-8")
        url = f"sqlite:///{place}/records.sqlite"
        store = open_store(url, place / "blobs")
        schema.upgrade(store.engine)
        say("filling the county")
        people = _fill(store)
        site = load_site(place)
        engine = engine_for(store, site)
        assert engine is not None
        names = iter(people)
        figures = _verdicts(engine, [next(names) for _ in range(VERDICTS)])
        say(", ".join(f"{name} {value:.2f}" for name, value in figures.items()))
        mine = [next(names) for _ in range(STARTS)]
        _let_in(store, mine)
        with (
            _stub() as stub,
            _hub(place, stub, None) as stock,
            _hub(place, stub, url) as ours,
        ):
            for hub in (stock, ours):
                hub.wait()
            one, other = take_turns(lambda: ours.starts(mine), lambda: stock.starts(mine), ROUNDS)
            for name, hub in (("ours", ours), ("stock", stock)):
                figures[f"cpu_ms_a_start_{name}"] = 1000 * median(hub.costs[1:])
        store.close()
    return Result.of_rates(one, other, "1/s", **figures)


def _verdicts(engine: Engine, people: list[str]) -> dict[str, float]:
    """Reserve for everybody, one after the other; return the percentiles in ms."""
    clock, cpu = [], []
    for person in people:
        at, of_us = time.perf_counter(), time.thread_time()
        answer = engine.reserve(Ask(person, "", 160, 0.02))
        cpu.append(time.thread_time() - of_us)
        clock.append(time.perf_counter() - at)
        assert isinstance(answer, Admitted)
        engine.release(person, "")
    return {
        f"{name}_p{p}_ms": percentile(seconds, p / 100) * 1000
        for name, seconds in (("verdict", clock), ("verdict_cpu", cpu))
        for p in (50, 95, 99)
    }


def _let_in(store: Store, people: list[str]) -> None:
    """Let people start servers: they have a password of their own, and have agreed."""
    now = store.clock()
    with writing(store) as session:
        session.execute(
            insert(Credential), [{"person_id": one, "must_change": False} for one in people]
        )
        session.execute(
            insert(Consent),
            [{"person_id": one, "version": "2026-09-01", "at": now} for one in people],
        )


def _fill(store: Store) -> list[str]:
    """Make the county; return the teachers whose servers do not run."""
    now = store.clock()
    county = {"id": new_id(), "kind": "county", "code": "330199", "name": "大县"}
    county |= {"path": "/330199/", "active": True}
    schools = [
        {
            "id": new_id(),
            "kind": "school",
            "code": f"21331{n:05}",
            "name": f"第{n}小学",
            "parent_id": county["id"],
            "path": f"/330199/21331{n:05}/",
            "active": True,
        }
        for n in range(SCHOOLS)
    ]
    people = [
        {
            "id": new_person_id(),
            "name": "某老师",
            "school_id": schools[n % SCHOOLS]["id"],
            "subject": "",
            "stage": "",
            "active": True,
            "created_at": now,
        }
        for n in range(TEACHERS)
    ]
    with writing(store) as session:
        session.execute(insert(Organization), [county])
        session.execute(insert(Organization), schools)
        session.execute(insert(Person), people)
        session.execute(
            insert(QuotaLimit),
            [
                {
                    "org_id": one["id"],
                    "resource": "servers",
                    "guarantee": 10.0,
                    "ceiling": 200.0,
                    "per_teacher": 3.0,
                    "changed_at": now,
                    "changed_by": "system:bench",
                }
                for one in schools
            ],
        )
        session.execute(
            insert(Place),
            [
                {
                    "id": new_id(),
                    "person_id": one["id"],
                    "server_name": "",
                    "kind": "server",
                    "org_id": one["school_id"],
                    "path": schools[n % SCHOOLS]["path"],
                    "memory_mb": 160,
                    "cpus": 0.02,
                    "state": "running",
                    "since": now,
                }
                for n, one in enumerate(people[:RUNNING])
            ],
        )
        counters.rebuild(session, None)
    with store.read() as session:
        assert session.scalar(select(Place.id).limit(1)) is not None
    return [str(one["id"]) for one in people[RUNNING:]]


class _Answer(BaseHTTPRequestHandler):
    """Says that it is there."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("X-JupyterHub-Version", "6.1.1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128


@contextlib.contextmanager
def _stub() -> Iterator[int]:
    """Serve what every server is, for a block."""
    with _Server(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@dataclass
class _Hub:
    """A hub that serves; ``costs``: of each round, processor seconds of its process a start."""

    api: str
    client: httpx.Client
    process: psutil.Popen
    log: Path
    costs: list[float] = field(default_factory=list)

    def wait(self) -> None:
        """Wait until it serves."""
        processes.wait_until(lambda: _serves(self.api), "a hub's start", self.log)

    def _ask(self, method: str, path: str) -> httpx.Response:
        # One client for all: making one costs more than the hub's answer.
        return self.client.request(method, f"{self.api}/{path}")

    def starts(self, people: list[str]) -> float:
        """Start and stop everybody's server; return how many started in a second."""
        for one in people:
            self._ask("POST", f"users/{one}")  # who is there already is a conflict, and well
        with ThreadPoolExecutor(AT_ONCE) as pool:
            spent, began = self._spent(), time.perf_counter()
            list(pool.map(self._start, people))
            took = time.perf_counter() - began
            self.costs.append((self._spent() - spent) / len(people))
            list(pool.map(self._stop, people))
        return len(people) / took

    def _spent(self) -> float:
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def _start(self, person: str) -> None:
        answer = self._ask("POST", f"users/{person}/server")
        while answer.status_code == 202:
            time.sleep(LOOK_S)
            found = self._ask("GET", f"users/{person}")
            found.raise_for_status()
            if found.json()["server"]:
                return
        assert answer.status_code == 201, answer.text

    def _stop(self, person: str) -> None:
        while self._ask("DELETE", f"users/{person}/server").status_code == 202:
            time.sleep(LOOK_S)


@contextlib.contextmanager
def _hub(place: Path, stub: int, database: str | None) -> Iterator[_Hub]:
    """Run a hub for a block, with our places in ``database``, or the stock one; ``wait`` for it."""
    home = place / ("stock" if database is None else "ours")
    home.mkdir()
    public, hub = free_ports(2)
    token = secrets.token_hex(32)
    env = (dict(os.environ) if database else stock_env.environment(home)) | {
        "BENCH_FOLDER": str(home),
        "BENCH_PUBLIC": str(public),
        "BENCH_HUB": str(hub),
        "BENCH_STUB": str(stub),
        "BENCH_TOKEN": token,
        "BENCH_SITE": "" if database is None else str(place),
        "BENCH_DATABASE": database or "",
    }
    config = Path(__file__).parent / "support" / "quota_hub.py"
    python = sys.executable if database else str(stock_env.BIN / "python")
    command = [python, "-m", "jupyterhub", "--config", str(config)]
    log = home / "hub.log"
    headers = {"Authorization": f"token {token}"}
    with (
        processes.started(command, env, log) as process,
        httpx.Client(headers=headers, timeout=60, trust_env=False) as client,
    ):
        yield _Hub(f"http://127.0.0.1:{hub}/hub/api", client, process, log)


def _serves(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False, timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
