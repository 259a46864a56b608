"""What the hub's tests share: an installation with three people, and a running ``yanxiu up``."""

import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from yanxiu.clock import utcnow
from yanxiu.login.passwords import hash_password
from yanxiu.names import new_id, new_person_id
from yanxiu.people.model import Consent, Credential, Organization, Person
from yanxiu.store import schema
from yanxiu.store.engine import open_store
from yanxiu.up.ports import free_ports

from tests.support.few_descriptors import few_descriptors
from tests.support.writing import writing

HERE = Path(__file__).parent
PASSWORD = "correct horse 马"
SITE = """
name: {zh_CN: 示范县研修平台}
county: {code: "330100", name: 示范县}
schools:
  "2133000001": {name: 县三小, server: {memory_mb: 700}}
login: {free_tries: 3}
grading: {workers: 1}
"""


@dataclass
class Installation:
    """A site, its data folder and the people in it."""

    site: Path
    data: Path
    port: int
    people: dict[str, str]

    @property
    def url(self) -> str:
        """The portal's and the hub's address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def servers(self) -> str:
        """The address of teachers' servers."""
        return f"http://localhost:{self.port}"

    def command(self, *extra: str) -> list[str]:
        script = str(HERE / "stand_in_up.py")
        return [sys.executable, script, str(self.site), str(self.data), str(self.port), *extra]

    def store(self):
        return open_store(f"sqlite:///{self.data}/db/yanxiu.sqlite", self.data / "blobs")

    def set_active(self, who: str, active: bool) -> None:
        store = self.store()
        with writing(store) as session:
            session.get(Person, self.people[who]).active = active
        store.close()


class Up:
    """A running ``yanxiu up`` and its lines."""

    def __init__(self, installation: Installation, *extra: str, files: int | None = None):
        self.installation = installation
        self.lines: list[str] = []
        self._queue: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            few_descriptors(installation.command(*extra), hard=files),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        with self.process.stdout as output:
            for line in output:
                self._queue.put(line)
        self._queue.put(None)

    def wait_for(self, text: str, within_s: float = 45) -> None:
        """Wait for a line; fail at once if the process ends."""
        deadline = time.monotonic() + within_s
        while True:
            try:
                line = self._queue.get(timeout=max(0.01, deadline - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise AssertionError(f"{text!r} never came:\n{''.join(self.lines)}{self.logs()}")
            self.lines.append(line)
            if text in line:
                return

    def logs(self) -> str:
        return "\n".join(
            f"--- {file.name}\n{file.read_text()[-2000:]}"
            for file in sorted((self.installation.data / "log").glob("*.log"))
        )

    def tree(self) -> dict[str, int]:
        """Return the pid of every part by what its command line says."""
        marks = {
            "stand_in_launcher": "launcher",
            "stand_in_records": "records",
            "stand_in_worker": "worker",
            "quick_culler": "culler",
            "jupyterhub": "hub",
            "traefik": "proxy",
        }
        found = {}
        for child in psutil.Process(self.process.pid).children():
            try:
                line = " ".join(child.cmdline())
            except psutil.Error:
                continue
            for mark, name in marks.items():
                if mark in line and "tied.py" not in line:
                    found[name] = child.pid
        return found

    def stop(self, number: int = signal.SIGINT) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextmanager
def serving(installation: Installation, *options: str, files: int | None = None) -> Iterator[Up]:
    """Run a platform that serves pages, and end it."""
    up = Up(installation, "--no-isolation", *options, files=files)
    try:
        up.wait_for("已就绪")
        yield up
    finally:
        up.stop()


def make_installation(folder: Path) -> Installation:
    site = folder / "site"
    data = folder / "data"
    site.mkdir(parents=True)
    (data / "db").mkdir(parents=True)
    (site / "site.yaml").write_text(SITE, encoding="utf-8")
    (port,) = free_ports(1)
    installation = Installation(site, data, port, {})
    store = installation.store()
    schema.upgrade(store.engine)
    county = Organization(id=new_id(), kind="county", code="330100", name="示范县", path="/330100/")
    school = Organization(
        id=new_id(),
        kind="school",
        code="2133000001",
        name="县三小",
        parent_id=county.id,
        path="/330100/2133000001/",
    )
    with writing(store) as session:
        session.add_all([county, school])
        session.flush()
        for who, number, must_change in (
            ("alice", "T0001", False),
            ("bob", "T0002", False),
            ("charlie", "T0003", True),
        ):
            person_id = new_person_id()
            installation.people[who] = person_id
            session.add(
                Person(
                    id=person_id,
                    name={"alice": "艾老师", "bob": "包老师", "charlie": "柴老师"}[who],
                    teacher_no=number,
                    school_id=school.id,
                    created_at=utcnow(),
                )
            )
            session.flush()
            session.add(Consent(person_id=person_id, version="2026-09-01", at=utcnow()))
            session.add(
                Credential(
                    person_id=person_id,
                    password_hash=hash_password(PASSWORD),
                    must_change=must_change,
                )
            )
    store.close()
    return installation


def new_browser(url: str) -> httpx.Client:
    """Return a client with an empty cookie jar that follows redirects, as a browser does."""
    return httpx.Client(
        base_url=url,
        follow_redirects=True,
        timeout=15,
        headers={"Sec-Fetch-Mode": "navigate", "Accept": "text/html"},
    )


def log_in(browser: httpx.Client, login: str, password: str = PASSWORD) -> httpx.Response:
    browser.get("/hub/login")
    return browser.post(
        "/hub/login",
        data={"username": login, "password": password, "_xsrf": browser.cookies.get("_xsrf") or ""},
    )


def at_server(browser: httpx.Client, person: str, path: str = "api") -> httpx.Response:
    """Open a page of a person's server, on the host name of its own."""
    servers = browser.base_url.copy_with(host="localhost")
    return browser.get(f"{str(servers).rstrip('/')}/user/{person}/{path}")


def start_server(browser: httpx.Client, person: str) -> dict[str, str]:
    """Start a person's server and return the environment that it echoes."""
    browser.get("/hub/spawn")
    env: dict[str, str] = {}

    def answers() -> bool:
        answer = at_server(browser, person)
        if answer.headers.get("content-type") == "application/json":
            env.update(answer.json())
        return "JUPYTERHUB_USER" in env

    wait_until(answers, 20, "the server answers through the proxy")
    return env


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def all_below(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def wait_until(question, within_s: float, what: str) -> float:
    """Poll ``question`` and return how long it took; fail with ``what`` after ``within_s``."""
    started = time.monotonic()
    while not question():
        if time.monotonic() - started > within_s:
            raise AssertionError(f"not within {within_s} s: {what}")
        time.sleep(0.05)
    return time.monotonic() - started
