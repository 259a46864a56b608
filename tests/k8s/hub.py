"""A real hub on the machine of the cluster, with the account that the chart gives it."""

import base64
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
from sqlalchemy import select
from yanxiu.names import new_id
from yanxiu.people.model import Credential, Organization, Person
from yanxiu.quota.model import QuotaLimit
from yanxiu.quota.rules import Resource
from yanxiu.settings import secrets
from yanxiu.up.ports import free_ports

from tests.integration.hub.support import (
    Installation,
    all_below,
    log_in,
    make_installation,
    new_browser,
)
from tests.k8s.testbed import Cluster, until
from tests.support.writing import writing

HERE = Path(__file__).parent
IMAGE = "localhost/yanxiu/singleuser:dev"
FIRST, SECOND = "2133000001", "2133000002"
NAMES = {FIRST: "县三小", SECOND: "城关镇中心校"}
NUMBERS = {"alice": "T0001", "bob": "T0002", "charlie": "T0003"}
SITE = f"""
name: {{zh_CN: 示范县研修平台}}
county: {{code: "330100", name: 示范县}}
schools:
  "{FIRST}": {{name: {NAMES[FIRST]}}}
  "{SECOND}": {{name: {NAMES[SECOND]}}}
server: {{memory_mb: 512, disk_mb: 100}}
quota: {{server_memory_mb: 150, server_cpus: 0.05, capacity: {{cpus: 100, memory_mb: 100000}}}}
kubernetes: {{image: "{IMAGE}", image_pull: Never, start_minutes: 3}}
"""


SCHOOL = """
apiVersion: v1
kind: Namespace
metadata:
  name: school-{code}
  labels:
    yanxiu.io/school: "{code}"
    yanxiu.io/district: "330100"
    pod-security.kubernetes.io/enforce: restricted
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {{name: hub, namespace: school-{code}}}
roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: yanxiu-test-school}}
subjects:
- {{kind: ServiceAccount, name: hub, namespace: yanxiu-test}}
---
apiVersion: v1
kind: ResourceQuota
metadata: {{name: school, namespace: school-{code}}}
spec: {{hard: {{pods: "{pods}", requests.storage: {storage}, limits.memory: 20Gi, limits.cpu: "20"}}}}
"""


def namespace(school: str) -> str:
    return f"school-{school}"


def make_school(cluster: Cluster, *codes: str, pods: int = 10, storage: str = "10Gi") -> None:
    """Make schools' namespaces as the chart does: restricted, with a quota, the hub let in."""
    cluster.apply(
        "---".join(SCHOOL.format(code=code, pods=pods, storage=storage) for code in codes)
    )


def account(cluster: Cluster, folder: Path) -> Path:
    """Return a kubeconfig of the hub's own account."""
    for file in ("account.yaml", "homes_policy.yaml"):
        cluster.apply((HERE / file).read_text())
    token = cluster.kubectl("-n", "yanxiu-test", "create", "token", "hub", "--duration=8h").strip()
    authority = base64.b64encode((cluster.state / "pki" / "ca.crt").read_bytes()).decode()
    path = folder / "kubeconfig"
    path.write_text(f"""
apiVersion: v1
kind: Config
current-context: hub
clusters: [{{name: c, cluster: {{server: "{cluster.server}", certificate-authority-data: {authority}}}}}]
users: [{{name: hub, user: {{token: {token}}}}}]
contexts: [{{name: hub, context: {{cluster: c, user: hub}}}}]
""")
    return path


class Portal(BaseHTTPRequestHandler):
    """Answers, and no more: these tests are about servers."""

    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@dataclass
class Hub:
    """A hub, and the people of two schools."""

    cluster: Cluster
    installation: Installation
    kubeconfig: Path
    ports: list[int] = field(default_factory=lambda: free_ports(3))
    process: subprocess.Popen[bytes] | None = None
    #: Something that answers where the portal would: the hub asks for it at its start.
    portal: HTTPServer = field(default_factory=lambda: HTTPServer(("127.0.0.1", 0), Portal))

    def __post_init__(self) -> None:
        threading.Thread(target=self.portal.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://{self.cluster.host}:{self.ports[0]}"

    @property
    def log(self) -> Path:
        return self.installation.data / "hub.log"

    def start(self) -> None:
        data = self.installation.data
        made = secrets.load_or_create(data)
        here = {
            **made.environment("hub_cookie", "records_api", "culler_api", "metrics_api"),
            "KUBECONFIG": str(self.kubeconfig),
            "TEST_HOST": self.cluster.host,
            "TEST_PORT": str(self.ports[0]),
            "TEST_HUB_PORT": str(self.ports[1]),
            "TEST_PROXY_PORT": str(self.ports[2]),
            "YANXIU_DATA": str(data),
            "YANXIU_SITE": str(self.installation.site),
            "YANXIU_PORTAL": self.url,
            "YANXIU_SERVERS": self.url,
            "YANXIU_ONE_ORIGIN": "1",
            "YANXIU_RECORDS_URL": f"http://127.0.0.1:{self.portal.server_port}",
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "jupyterhub", "-f", str(HERE / "hub_config.py")],
                env=os.environ | here,
                cwd=data,
                stdout=log,
                stderr=log,
            )
        until(180, "the hub answers", self.answers)

    def answers(self) -> bool:
        assert self.process is not None and self.process.poll() is None, self.said()
        try:
            return httpx.get(f"{self.url}/hub/health", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def said(self) -> str:
        return self.log.read_text(errors="replace")[-6000:]

    def kill(self) -> None:
        """As a machine that goes: no goodbye, and its proxy goes too."""
        assert self.process is not None
        for pid in (*all_below(self.process.pid), self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        self.portal.shutdown()
        self.portal.server_close()

    def browser(self, who: str) -> httpx.Client:
        """Return a browser in which somebody has logged in."""
        browser = new_browser(self.url)
        browser.timeout = 120
        answer = log_in(browser, NUMBERS[who])
        assert "password" not in str(answer.url), answer.text[:500]
        return browser

    def person(self, who: str) -> str:
        return self.installation.people[who]

    def pod(self, who: str) -> str:
        return f"jupyter-{self.person(who)}"

    def move(self, who: str, code: str) -> None:
        """Move somebody to another school, as the roster does."""
        store = self.installation.store()
        with writing(store) as session:
            school = session.scalars(select(Organization).where(Organization.code == code)).one()
            session.get(Person, self.person(who)).school_id = school.id
        store.close()

    def limit(self, code: str, servers: float) -> None:
        """Set how many servers a school may run, in the quota engine."""
        store = self.installation.store()
        with writing(store) as session:
            school = session.scalars(select(Organization).where(Organization.code == code)).one()
            limit = session.get(QuotaLimit, (school.id, Resource.SERVERS))
            if limit is None:
                limit = QuotaLimit(
                    org_id=school.id, resource=Resource.SERVERS, changed_by="system:cli"
                )
                session.add(limit)
            limit.ceiling, limit.changed_at = servers, store.clock()
        store.close()


def make_hub(cluster: Cluster, folder: Path) -> Hub:
    """Make a hub whose people may start at once, and the namespaces of their schools."""
    installation = make_installation(folder)
    (installation.site / "site.yaml").write_text(SITE, encoding="utf-8")
    store = installation.store()
    with writing(store) as session:
        county = session.scalars(select(Organization).where(Organization.kind == "county")).one()
        session.add(
            Organization(
                id=new_id(),
                kind="school",
                code=SECOND,
                name=NAMES[SECOND],
                parent_id=county.id,
                path=f"{county.path}{SECOND}/",
            )
        )
        session.get(Credential, installation.people["charlie"]).must_change = False
    store.close()
    kubeconfig = account(cluster, folder)
    for code in (FIRST, SECOND):
        make_school(cluster, code)
    return Hub(cluster, installation, kubeconfig)
