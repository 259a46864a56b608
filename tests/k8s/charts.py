"""An installation of helm/schools on the real cluster, from our own images and a real PostgreSQL."""

import json
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from typing import Any

import yaml
from yanxiu.settings.secrets import VARIABLES

from tests.k8s.testbed import Cluster, until
from tests.support.site import ROOT

CHART = ROOT / "helm" / "schools"
IMAGES = ("hub", "records")
NAMESPACE, MONITORING = "yanxiu-charts", "yanxiu-charts-monitor"
#: Codes that no other test here uses; the second may run two servers.
FIRST, SECOND, THIRD = "2133099001", "2133099002", "3133099003"
SITE = f"""
name: {{zh_CN: 云溪县教师研修中心}}
county: {{code: "330199", name: 云溪县}}
schools:
  "{FIRST}": {{name: 云溪县第三小学}}
  "{SECOND}": {{name: 云溪县城关镇中心小学}}
public: {{portal: "https://yanxiu.example.cn", servers: "https://jupyter.example.net"}}
"""
HARDENED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def namespace(code: str) -> str:
    """Return a school's namespace."""
    return f"school-{code}"


def pod(name: str, *command: str, **labels: str) -> str:
    """Return a pod that the schools' namespaces admit; it has Python."""
    container = {
        "name": "main",
        "image": "localhost/yanxiu/records:dev",
        "imagePullPolicy": "Never",
        "command": list(command) or ["sleep", "infinity"],
        "securityContext": HARDENED,
    }
    spec = {
        "containers": [container],
        "terminationGracePeriodSeconds": 0,
        "automountServiceAccountToken": False,
    }
    metadata = {"name": name, "labels": labels}
    return json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


@dataclass(frozen=True)
class Charts:
    """Helm on the cluster."""

    cluster: Cluster
    database_url: str
    database_port: int

    def values(self, **changed: Any) -> dict[str, Any]:
        """Return what this cluster's installation says itself."""
        found: dict[str, Any] = {
            "image": {"pullPolicy": "Never"},
            "metrics": {"namespace": MONITORING},
            "network": {
                "database": {"cidrs": [f"{self.cluster.host}/32"], "port": self.database_port},
            },
            "schools": {FIRST: {}, SECOND: {"quota": {"pods": 2}}, THIRD: {}},
        }
        return found | changed

    def helm(self, *arguments: str, values: Any = None) -> subprocess.CompletedProcess[str]:
        """Run helm."""
        program = shutil.which("helm", path=str(self.cluster.binaries)) or "helm"
        given = []
        if values is not None:
            (self.cluster.state / "charts-values.yaml").write_text(yaml.safe_dump(values))
            (self.cluster.state / "charts-site.yaml").write_text(SITE, "utf-8")
            given = ["-f", str(self.cluster.state / "charts-values.yaml")]
            given += ["--set-file", f"site={self.cluster.state / 'charts-site.yaml'}"]
        return subprocess.run(
            [
                *(program, f"--kubeconfig={self.cluster.kubeconfig}", "--namespace", NAMESPACE),
                *arguments,
                *given,
            ],
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )

    def install(self, name: str, values: Any, *options: str) -> None:
        """Install or upgrade a release, and wait for it."""
        done = self.helm(
            *("upgrade", "--install", name, str(CHART), "--timeout", "6m", *options),
            values=values,
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def remove(self, *namespaces: str) -> None:
        """Remove namespaces with all in them; a busy node takes its time to end pods."""
        self.cluster.kubectl(
            *("delete", "namespace", *namespaces, "--ignore-not-found", "--wait=false")
        )
        there = set(namespaces)
        until(300, f"{namespaces} are gone", lambda: not there & set(self.cluster.names("ns")))

    def make_secret(self) -> None:
        """Make the Secret that an operator makes (docs/how-to/install-on-kubernetes.md)."""
        given = {name: secrets.token_hex(32) for name in VARIABLES}
        given["database_url"] = self.database_url
        self.cluster.apply(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": {"name": "yanxiu", "namespace": NAMESPACE},
                    "stringData": given,
                }
            )
        )

    def run(self, where: str, name: str, *command: str, **labels: str) -> None:
        """Run a pod and wait until it is ready."""
        self.cluster.kubectl("-n", where, "apply", "-f", "-", stdin=pod(name, *command, **labels))
        self.cluster.kubectl(
            *("-n", where, "wait", "--for=condition=Ready", f"pod/{name}", "--timeout=110s")
        )

    def fetch(self, where: str, name: str, url: str) -> str:
        """Let a pod fetch an address; its status and body, or ``refused`` when nobody answers."""
        code = (
            "import sys, urllib.error, urllib.request\n"
            "try:\n"
            "    answer = urllib.request.urlopen(sys.argv[1], timeout=4)\n"
            "except urllib.error.HTTPError as error:\n"
            "    answer = error\n"
            "except OSError:\n"
            "    sys.exit(print('refused'))\n"
            "print(answer.status, answer.read().decode())\n"
        )
        return self.cluster.kubectl(
            "-n", where, "exec", name, "--", "python", "-c", code, url
        ).strip()

    def address(self, service: str) -> str:
        """Return a Service's address."""
        found = self.cluster.json("service", service, "-n", NAMESPACE)
        return f"http://{found['spec']['clusterIP']}:{found['spec']['ports'][0]['port']}"

    def pod_address(self, where: str, name: str) -> str:
        """Return a pod's address."""
        found: str = self.cluster.json("pod", name, "-n", where)["status"]["podIP"]
        return found

    def may(self, account: str, verb: str, what: str, where: str | None) -> bool:
        """Ask the API server whether a ServiceAccount of ours may do something."""
        # "pods/exec" would be the pod of that name.
        resource, _, part = what.partition("/")
        said = self.cluster.kubectl(
            *("auth", "can-i", verb, resource),
            *((f"--subresource={part}",) if part else ()),
            f"--as=system:serviceaccount:{NAMESPACE}:{account}",
            *(("-n", where) if where else ("-A",)),
            check=False,
        )
        return said.strip() == "yes"
