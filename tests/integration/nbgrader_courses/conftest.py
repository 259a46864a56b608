"""A site with nothing but its people, and nbgrader's quickstart course imported by the command."""

import io
import os
import re
import subprocess
import tarfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from yanxiu.clock import utcnow
from yanxiu.courses.reads import courses
from yanxiu.courses.verbs.apply_site import apply_organizations
from yanxiu.grading.client import Records
from yanxiu.grading.loop import work as grade_until
from yanxiu.login import tokens
from yanxiu.names import new_id, new_person_id
from yanxiu.people.model import Consent, Credential, Person, RoleGrant
from yanxiu.people.reads import people
from yanxiu.people.reads.actors import load_actor
from yanxiu.portal.app import create_app
from yanxiu.sandbox.client import LauncherGone, SyncLauncher
from yanxiu.settings.load import load_site
from yanxiu.settings.notice import load_notice
from yanxiu.store import schema
from yanxiu.store.engine import Store, open_store
from yanxiu.up.ports import free_ports
from yanxiu.work.model import Attempt
from yanxiu.work.reads import attempts
from yanxiu_formats.bundle import pack

from tests.integration.grading.conftest import start_launcher
from tests.integration.nbgrader_courses import learners
from tests.support.site import YANXIU
from tests.support.writing import writing

TOKEN = "w" * 64
SITE = """
name: {zh_CN: 示范县研修平台}
county: {code: "330100", name: 示范县}
schools:
  "2133000001": {name: 县三小}
  "2133000002": {name: 城关镇中心校}
grading: {wall_s: 60, cell_timeout_s: 5, processes: 80, lease_s: 60, max_tries: 1}
"""
CAST = {
    "alice": ("1001", "2133000001", "teacher"),
    "bob": ("1002", "2133000001", "teacher"),
    "charlie": ("2001", "2133000002", "teacher"),
    "county": ("9000", "330100", "county_organizer"),
}


@dataclass
class Platform:
    """Records, store and launcher of one site."""

    store: Store
    site: Any
    url: str
    data: Path
    launcher: SyncLauncher
    people: dict[str, str] = field(default_factory=dict)
    #: What the course was imported with.
    imported: list[object] = field(default_factory=list)

    def cli(self, *arguments: object, code: int = 0) -> str:
        """Run the command on this site's data, as an operator does."""
        done = subprocess.run(
            [YANXIU, *map(str, arguments), "--data", self.data],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "YANXIU_LANG": "zh_CN"},
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def add(self, who: str, number: str, org: str, role: str) -> None:
        person = self.people[who] = new_person_id()
        now = self.store.clock()
        with writing(self.store) as session:
            where = people.organization(session, org)
            session.add(
                Person(id=person, name=who, teacher_no=number, school_id=where.id, created_at=now)
            )
            session.flush()
            session.add(Credential(person_id=person, must_change=False))
            session.add(Consent(person_id=person, version=load_notice().version, at=now))
            session.add(RoleGrant(id=new_id(), person_id=person, role=role, org_id=where.id))

    def actor(self, who: str):
        found = load_actor(self.store, self.people[who])
        assert found is not None
        return found

    def learn(self, who: str) -> httpx.Client:
        """Return the learn API as somebody's server speaks to it."""
        token = tokens.issue(self.store, self.people[who], ("learn",), 1, actor="test")
        return httpx.Client(
            base_url=f"{self.url}/services/records/api/v1/",
            headers={"Authorization": f"token {token}"},
            timeout=30,
            trust_env=False,
        )

    def hand_in(self, who: str, assignment: object, files: dict[str, bytes]) -> Any:
        """Submit through the API; return the submission's id."""
        with self.learn(who) as api:
            answer = api.post(f"units/{assignment}/submissions", content=pack(files))
        assert answer.status_code == 201, answer.text
        with self.store.read() as session:
            found = session.query(Attempt).filter_by(receipt_no=answer.json()["receipt"])
            return found.one().id

    def grade_all(self) -> None:
        """Let one worker in this process grade until the queue is empty."""
        stopping = threading.Event()

        class UntilEmpty(Records):
            def lease(self, worker, lease_s):
                lease = super().lease(worker, lease_s)
                if lease is None:
                    stopping.set()
                return lease

        http = httpx.Client(
            base_url=f"{self.url}/internal/v1/",
            headers={"Authorization": f"token {TOKEN}"},
            timeout=30,
            trust_env=False,
        )
        with http:
            grade_until(UntilEmpty(http), self.launcher, name="test", stopping=stopping)

    def by_receipt(self, number: str) -> Any:
        """Return ``result`` of the submission with this receipt."""
        with self.store.read() as session:
            found = session.query(Attempt).filter_by(receipt_no=number).one().id
        return self.result(found)

    def result(self, submission_id: Any) -> Any:
        """Return the submission, what the machine found, and the proposals by grade id."""
        with self.store.read() as session:
            row = attempts.attempt(session, submission_id)
            unit = courses.unit(session, row.release_id, row.assignment.unit_key).definition
            scores = attempts.scores(session, row)
        named = {task.id: (task.notebook, task.grade_id) for task in unit.tasks}
        proposals = {named[task]: score.points for task, score in scores.items()}
        return row, row.standing.grading, proposals, unit


@pytest.fixture(scope="session")
def platform(tmp_path_factory):
    """The site, once."""
    folder = tmp_path_factory.mktemp("plain")
    site_folder, data = folder / "site", folder / "data"
    for path in (site_folder, data / "db"):
        path.mkdir(parents=True)
    (site_folder / "site.yaml").write_text(SITE, encoding="utf-8")
    store = open_store(f"sqlite:///{data}/db/yanxiu.sqlite", data / "blobs", utcnow)
    schema.upgrade(store.engine)
    site = load_site(site_folder)
    apply_organizations(store, site)
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
        utcnow,
    )
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    sandboxes, socket = start_launcher(data, hub, port)
    found = Platform(store, site, f"http://127.0.0.1:{port}", data, SyncLauncher(socket))
    for who, (number, org, role) in CAST.items():
        found.add(who, number, org, role)
    try:
        deadline = time.monotonic() + 60
        while not (server.started and _answers(found.launcher)):
            assert sandboxes.poll() is None, (data / "launcher.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield found
    finally:
        sandboxes.terminate()
        sandboxes.wait(20)
        server.should_exit = True
        thread.join(20)
        store.close()


def _answers(launcher: SyncLauncher) -> bool:
    try:
        launcher.ping()
    except LauncherGone:
        return False
    return True


@pytest.fixture(scope="session")
def course101(tmp_path_factory):
    """``nbgrader quickstart course101``, as its own command makes it."""
    folder = tmp_path_factory.mktemp("stock")
    subprocess.run(
        [YANXIU.with_name("nbgrader"), "quickstart", "course101"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=120,
        env=learners.with_path(),
    )
    return folder / "course101"


def joined(said: str) -> int:
    """Return how many take the course now; files that ran before may have added people."""
    return int(re.search(r"加入 (\d+) 人", said)[1])


@pytest.fixture(scope="session")
def ps1(platform, course101):
    """The course imported and held; returns its assignment's id."""
    said = platform.cli("course", "import", course101)
    assert "这是预览，没有改动" in said
    with platform.store.read() as session:
        assert courses.course(session, "course101") is None
    offer = ["--offering", "py-a", "--county", "330100", "--term", "2026 秋"]
    dates = ["--opens", "2020-09-01", "--closes", "2099-01-31", "--pass", "50", "--hours", "2"]
    platform.imported = ["course", "import", course101, "--apply", *offer, *dates]
    said = platform.cli(*platform.imported)
    assert "已导入" in said and joined(said) >= 3
    with platform.store.read() as session:
        return courses.assignments(session, "py-a")["ps1"].id


@pytest.fixture(scope="session")
def release(platform, ps1):
    """What a learner's server fetches."""
    with platform.learn("alice") as api:
        (unit,) = [one for one in api.get("units").json() if one["assignment"] == str(ps1)]
        assert unit["unit"] == "ps1"
        with tarfile.open(fileobj=io.BytesIO(api.get(f"units/{ps1}/release").content)) as tar:
            return {
                member.name.removeprefix("ps1/"): tar.extractfile(member).read() for member in tar
            }


@pytest.fixture(scope="session")
def work(release, course101):
    """Every learner's files by a name for what they did."""
    source = learners.folder_files(course101 / "source/ps1")
    return {name: make(release, source) for name, make in learners.WORK.items()}


@pytest.fixture(scope="session")
def stock(course101, tmp_path_factory, work):
    """Stock nbgrader's scores of the same submissions."""
    return learners.stock(course101, tmp_path_factory.mktemp("judge") / "course", work)


@pytest.fixture(scope="session")
def ours(platform, ps1, work):
    """The platform's proposals for the same submissions."""
    handed_in = {}
    for number, name in enumerate(work):
        platform.add(name, f"5{number:03}", "2133000001", "teacher")
    assert joined(platform.cli(*platform.imported)) >= len(work)
    for name, files in work.items():
        handed_in[name] = platform.hand_in(name, ps1, files)
    platform.grade_all()
    return {name: platform.result(one) for name, one in handed_in.items()}
