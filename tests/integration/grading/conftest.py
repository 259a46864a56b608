"""Real records, a real store, a real launcher; workers are started by the tests."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from yanxiu.clock import FrozenClock, utcnow
from yanxiu.courses.reads import courses
from yanxiu.courses.verbs.apply_site import apply_courses, apply_organizations
from yanxiu.grading.client import Records
from yanxiu.grading.loop import work
from yanxiu.names import new_id, new_person_id
from yanxiu.people.model import Person, RoleGrant
from yanxiu.people.reads import people
from yanxiu.portal.app import create_app
from yanxiu.sandbox.client import LauncherGone, SyncLauncher
from yanxiu.settings.load import load_site
from yanxiu.store import schema
from yanxiu.store.engine import Store, open_store
from yanxiu.store.model import AuditEvent
from yanxiu.up.ports import free_ports
from yanxiu.web.actor import Actor, Role
from yanxiu.work.model import Attempt, Grading, GradingJob
from yanxiu.work.reads import attempts, jobs
from yanxiu.work.verbs.submit import submit
from yanxiu_formats.bundle import pack

from tests.integration.grading import course
from tests.support.writing import writing

TOKEN = "w" * 64
SITE = """
name: {zh_CN: 示范县研修平台}
county: {code: "330100", name: 示范县}
schools:
  "2133000001": {name: 县三小}
courses:
  test: {release: release}
offerings:
  test-a:
    course: test
    term: 2026 秋
    opens: 2020-09-01 08:00
    closes: 2099-01-31 18:00
    units:
      t1: {due: 2098-12-31 18:00}
grading: {wall_s: 30, cell_timeout_s: 6, processes: 60, lease_s: 60, max_tries: 3}
"""


@dataclass
class Result:
    """What records holds of one submission afterwards."""

    job: GradingJob
    submission: Attempt
    run: Grading | None
    points: dict[str, float]
    executed: bytes


@dataclass
class Platform:
    """Records, store and launcher of one site, and the clock that records goes by."""

    store: Store
    site: object
    clock: FrozenClock
    url: str
    socket: Path
    data: Path
    launcher: SyncLauncher
    actor: Actor
    started: list[subprocess.Popen] = field(default_factory=list)

    def teacher(self) -> Actor:
        """Enrol a new teacher: attempts of one do not replace those of another."""
        person = new_person_id()
        with writing(self.store) as session:
            school = people.organization(session, "2133000001")
            session.add(
                Person(id=person, name="艾老师", school_id=school.id, created_at=self.clock())
            )
            session.flush()
            grant = RoleGrant(id=new_id(), person_id=person, role=Role.TEACHER, org_id=school.id)
            session.add(grant)
        apply_courses(self.store, self.site, self.data.parent / "site")
        return Actor(person, school.id, school.path, frozenset({(Role.TEACHER, school.path)}))

    def submit(self, files: dict[str, bytes], actor: Actor | None = None):
        """Hand in a bundle; return the submission's id."""
        with self.store.read() as session:
            (assignment,) = courses.assignments(session, "test-a").values()
        receipt = submit(
            self.store,
            self.site,
            actor or self.teacher(),
            assignment.id,
            iter([pack(files)]),
            via="jupyter",
        )
        return receipt.submission_id

    def submit_notebook(self, *sources: str, **files: bytes):
        """Hand in the unit's notebook with these own cells, and ``answers`` if given."""
        more = {"answers.json": files["answers"]} if "answers" in files else {}
        return self.submit({"t1.ipynb": course.notebook(*sources), **more})

    def http(self) -> httpx.Client:
        return httpx.Client(
            base_url=f"{self.url}/internal/v1/",
            headers={"Authorization": f"token {TOKEN}"},
            timeout=30,
            trust_env=False,
        )

    def grade_all(self) -> None:
        """Let one worker in this process grade until the queue is empty."""
        stopping = threading.Event()

        class UntilEmpty(Records):
            def lease(self, worker, lease_s):
                lease = super().lease(worker, lease_s)
                if lease is None:
                    stopping.set()
                return lease

        with self.http() as http:
            work(UntilEmpty(http, clock=self.clock), self.launcher, name="test", stopping=stopping)

    def result(self, submission_id) -> Result:
        with self.store.read() as session:
            row = attempts.attempt(session, submission_id)
            (job,) = jobs.of_attempt(session, submission_id)
            scores = attempts.scores(session, row)
            points = {task: score.points for task, score in scores.items()}
        executed = self.store.blobs.read(row.executed_blob) if row.executed_blob else b""
        return Result(job, row, row.standing.grading, points, executed)

    def grade(self, submission_id) -> Result:
        self.grade_all()
        return self.result(submission_id)

    def wait_until(self, happened, within_s: float = 30):
        deadline = time.monotonic() + within_s
        while not (found := happened()):
            assert time.monotonic() < deadline, "it never happened"
            time.sleep(0.05)
        return found

    def worker(self, name: str = "worker", **env: str) -> subprocess.Popen:
        """Start a worker as ``yanxiu up`` does; its log is ``<name>.log``."""
        log = (self.data / f"{name}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "yanxiu.grading.worker"],
            env={
                "PATH": os.environ["PATH"],
                "LANG": "C.UTF-8",
                "YANXIU_RECORDS_INTERNAL": self.url,
                "YANXIU_WORKER_TOKEN": TOKEN,
                "YANXIU_LAUNCHER_SOCKET": str(self.socket),
                "YANXIU_WORKER_NAME": name,
            }
            | env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        log.close()
        self.started.append(process)
        return process

    def running(self) -> bool:
        """Say whether a run is going on in the launcher."""
        return self.launcher.ping().sandboxes > 0

    def reports(self, submission_id) -> int:
        """Return how many times a score of this submission was taken."""
        job = str(self.result(submission_id).job.id)
        with self.store.read() as session:
            rows = session.query(AuditEvent).filter_by(verb="job.report", object_id=job)
            return rows.count()

    def end(self, process: subprocess.Popen, number: int = signal.SIGTERM) -> int:
        process.send_signal(number)
        return process.wait(30)


def start_launcher(data: Path, hub: int, records: int) -> tuple[subprocess.Popen, Path]:
    """Start a launcher on a data folder of its own; return it and its socket."""
    data.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "yanxiu.sandbox.launcher", "--data", str(data)]
    ports = ["--hub-api", f"127.0.0.1:{hub}", "--records", f"127.0.0.1:{records}"]
    with (data / "launcher.log").open("wb") as log:
        process = subprocess.Popen([*command, *ports], stdout=log, stderr=subprocess.STDOUT)
    return process, data / "run" / "launcher" / "launcher.sock"


@pytest.fixture(scope="session")
def installation(tmp_path_factory):
    """The platform, once: starting it takes longer than most of its tests."""
    folder = tmp_path_factory.mktemp("grading")
    site_folder, data = folder / "site", folder / "data"
    (data / "db").mkdir(parents=True)
    course.write_release(site_folder / "release")
    (site_folder / "site.yaml").write_text(SITE, encoding="utf-8")
    clock = FrozenClock(utcnow())
    store = open_store(f"sqlite:///{data}/db/yanxiu.sqlite", data / "blobs", clock)
    schema.upgrade(store.engine)
    site = load_site(site_folder)
    apply_organizations(store, site)
    apply_courses(store, site, site_folder)
    (port, hub) = free_ports(2)
    app = create_app(
        {
            "YANXIU_DATA": str(data),
            "YANXIU_SITE": str(site_folder),
            "YANXIU_WORKER_TOKEN": TOKEN,
            "YANXIU_SESSION_KEY": "s" * 64,
            "YANXIU_ID_KEY": "1d" * 32,
            "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub}/hub/api",
            "JUPYTERHUB_API_TOKEN": "h" * 64,
            "YANXIU_PORTAL": f"http://127.0.0.1:{port}",
            "YANXIU_SERVERS": f"http://localhost:{port}",
        },
        clock,
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    sandboxes, socket = start_launcher(data, hub, port)
    launcher = SyncLauncher(socket)
    platform = Platform(
        store, site, clock, f"http://127.0.0.1:{port}", socket, data, launcher, actor=None
    )

    def answers():
        assert sandboxes.poll() is None, (data / "launcher.log").read_text()
        try:
            launcher.ping()
        except LauncherGone:
            return False
        return server.started

    try:
        platform.wait_until(answers)
        yield platform
    finally:
        sandboxes.terminate()
        sandboxes.wait(20)
        server.should_exit = True
        thread.join(20)
        store.close()


@pytest.fixture
def platform(installation):
    """The platform with no job waiting before or after, and no worker left running."""
    yield installation
    for process in installation.started:
        if process.poll() is None:
            process.kill()
        process.wait()
    installation.started.clear()
    installation.clock.advance(hours=1)
    installation.grade_all()
