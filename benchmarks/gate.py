"""What the gate adds to a request for one's own server: the same request with it and without.

Ours: as browsers come, by the route that the hub made, with the gate in front. Stock: the same
proxy, server and cookies by a route of this benchmark to the same server, without the gate.
"""

import contextlib
import json
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import httpx
import psutil

from benchmarks.result import Result
from benchmarks.support.both import folder
from benchmarks.support.measure import say, take_turns
from benchmarks.support.site import our_site, visitor
from benchmarks.support.visitor import Visitor
from tests.support.site import Running

NAME = "gate"
ROUNDS = 9
REQUESTS = 200
#: The host name of the route without the gate; nobody else has it.
OPEN = "without-a-gate.test"
#: The goal of the design, in milliseconds for a request.
GOAL_MS = 1.0


@dataclass(frozen=True)
class Scene:
    """Somebody's running server, and their browser.

    :param host: the servers' host, as browsers write it
    :param headers: of a script in a page of the server
    :param parts: proxy and records: who does the gate's work
    """

    who: Visitor
    address: str
    host: str
    headers: dict[str, str]
    parts: list[psutil.Process]

    def cpu_s(self) -> float:
        """Return the processor seconds of proxy and records up to now: load does not change them."""
        times = [one.cpu_times() for one in self.parts]
        return sum(one.user + one.system for one in times)


@contextlib.contextmanager
def scene() -> Iterator[Scene]:
    """Start a site, a server and the route without a gate, for a block."""
    with folder() as place:
        say("starting our site")
        with our_site(place / "ours", 1) as running:
            who = visitor(running)
            who.start_server()
            who.enter_server()
            _open_route(running, who.user)
            cookie = who.http.build_request("GET", f"{who.home}api").headers["Cookie"]
            headers = {"Cookie": cookie, "Accept": "application/json", "Sec-Fetch-Mode": "cors"}
            host = str(httpx.URL(running.servers).netloc.decode())
            yield Scene(who, running.url, host, headers, _parts(running))
            who.stop_server()


def _parts(running: Running) -> list[psutil.Process]:
    every = psutil.Process(running.process.pid).children(recursive=True)
    marks = ("traefik", "yanxiu.portal.serve")
    return [one for one in every if any(mark in " ".join(one.cmdline()) for mark in marks)]


def _open_route(running: Running, user: str) -> None:
    """Let the proxy answer ``OPEN`` with the person's server, nobody asked."""
    rules = running.data / "run" / "proxy"
    http = tomllib.loads((rules / "hub.toml").read_text("utf-8"))["http"]
    [service] = [one["service"] for one in http["routers"].values() if user in one["rule"]]
    made = {
        "routers": {
            "bench": {
                "rule": f"Host(`{OPEN}`)",
                "priority": 100_002,
                "service": "bench",
                "entryPoints": ["http"],
            }
        },
        "services": {"bench": http["services"][service]},
    }
    # JSON is YAML; the folder is watched.
    Path(rules / "bench.yaml").write_text(json.dumps({"http": made}), encoding="utf-8")
    deadline = time.monotonic() + 20
    while httpx.get(f"{running.url}/x", headers={"Host": OPEN}, trust_env=False).status_code == 421:
        if time.monotonic() > deadline:
            raise RuntimeError("the proxy did not take the route")
        time.sleep(0.1)


def run() -> Result:
    """Ask for the same small answer of the server by both ways in turn."""
    with scene() as at, httpx.Client(base_url=at.address, trust_env=False) as client:
        cpu: dict[str, list[float]] = {at.host: [], OPEN: []}

        def ask(host: str) -> float:
            began, used = time.perf_counter(), at.cpu_s()
            for _ in range(REQUESTS):
                answer = client.get(f"/user/{at.who.user}/api", headers=at.headers | {"Host": host})
                if answer.status_code != 200 or "version" not in answer.text:
                    raise RuntimeError(f"{host}: {answer.status_code}")
            cpu[host].append((at.cpu_s() - used) / REQUESTS * 1000)
            return (time.perf_counter() - began) / REQUESTS * 1000

        stranger = client.get(f"/user/{at.who.user}/api", headers={"Host": at.host})
        if stranger.status_code != 403:
            raise RuntimeError("there is no gate on the route that is measured")
        ours, stock = take_turns(lambda: ask(at.host), lambda: ask(OPEN), ROUNDS)
    spent = mean(cpu[at.host]) - mean(cpu[OPEN])
    say(f"processor time added {spent:.2f} ms a request")
    return in_ms(ours, stock, added_cpu_ms=round(spent, 3))


def in_ms(ours: list[float], stock: list[float], **more: float) -> Result:
    """Return the comparison, with what the gate adds to one request."""
    found = Result.of_seconds(ours, stock)
    added = round(found.ours - found.stock, 3)
    say(f"added {added:.2f} ms, goal {GOAL_MS:.0f} ms")
    details = found.details | {"added_ms": added, "goal_ms": GOAL_MS, **more}
    return Result(found.ours, found.stock, "ms", found.ratio, details)
