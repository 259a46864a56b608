"""The real cluster that ``tests/k8s`` share, as these tests use it."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent / "cluster"


def settings() -> dict[str, str]:
    """Return the settings of the scripts: where binaries and state are, and which addresses."""
    names = ("B", "D", "HOST_IP", "NODE_IP")
    show = f'. "{SCRIPTS}/lib.sh"; for n in {" ".join(names)}; do echo "$n=${{!n}}"; done'
    lines = subprocess.run(["bash", "-c", show], check=True, capture_output=True, text=True)
    return dict(line.split("=", 1) for line in lines.stdout.splitlines())


def script(name: str, *arguments: str, within_s: float = 300) -> str:
    """Run one of the scripts; its output is in the failure."""
    done = subprocess.run(
        ["bash", str(SCRIPTS / name), *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=within_s,
        check=False,
    )
    assert done.returncode == 0, f"{name} {arguments}: {done.stdout[-4000:]}"
    return done.stdout


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    :param kubeconfig: of an administrator
    :param server: where the API server answers
    :param host: the machine's own address, as pods reach it
    """

    kubeconfig: Path
    server: str
    host: str
    binaries: Path
    state: Path

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """Run kubectl and return what it prints; what it says against it is in the failure."""
        done = subprocess.run(
            [str(self.binaries / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr}"
        return done.stdout

    def refusal(self, *arguments: str) -> str:
        """Run kubectl and return what is said against it; nothing, if nothing is."""
        done = subprocess.run(
            [str(self.binaries / "kubectl"), f"--kubeconfig={self.kubeconfig}", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.stderr if done.returncode else ""

    def apply(self, manifests: str) -> None:
        """Apply manifests, one document or many."""
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", stdin=manifests)

    def json(self, *arguments: str) -> Any:
        """Return what ``kubectl get -o json`` says."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def names(self, *arguments: str) -> list[str]:
        """Return the names of what ``kubectl get`` finds."""
        found = self.kubectl("get", *arguments, "-o", "jsonpath={.items[*].metadata.name}")
        return found.split()

    def load(self, *tars: Path) -> None:
        """Bring images into the node."""
        script("cluster.sh", "load", *map(str, tars))

    def images(self) -> str:
        """Return the names of the images that the node has."""
        found = self.json("node")["items"][0]["status"]["images"]
        return " ".join(name for image in found for name in image.get("names") or ())

    def delete_namespaces(self, *names: str) -> None:
        """Remove namespaces with all in them, and make their volumes free and empty again."""
        self.kubectl("delete", "namespace", *names, "--ignore-not-found", "--timeout=280s")
        self.recycle()

    def recycle(self) -> None:
        """Give back the local volumes whose claim is gone: nothing else does on this cluster."""
        for volume in self.json("pv")["items"]:
            if volume["status"]["phase"] != "Released":
                continue
            for file in Path(volume["spec"]["local"]["path"]).iterdir():
                shutil.rmtree(file) if file.is_dir() else file.unlink()
            patch = '{"spec": {"claimRef": null}}'
            self.kubectl("patch", "pv", volume["metadata"]["name"], "--type=merge", "-p", patch)

    def events(self, namespaces: list[str]) -> str:
        """Return what happened lately, for the log of a test that failed."""
        said = []
        for one in namespaces:
            said.append(f"--- events in {one}")
            said.append(self.kubectl("-n", one, "get", "events", check=False)[-3000:])
            said.append(self.kubectl("-n", one, "get", "pods,pvc", "-o", "wide", check=False))
        return "\n".join(said)


def until(seconds: float, what: str, ask: Callable[[], Any]) -> Any:
    """Ask until there is an answer that counts, and return it; fail with ``what`` after so long."""
    deadline = time.monotonic() + seconds
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.2)
    return answer


def missing() -> str:
    """Return what a cluster would need that is not here, or nothing."""
    return script("cluster.sh", "missing").strip()


def running() -> bool:
    """Say whether the cluster of these settings runs already."""
    found = settings()
    asked = subprocess.run(
        [f"{found['B']}/kubectl", f"--kubeconfig={found['D']}/kc/admin", "get", "--raw", "/readyz"],
        capture_output=True,
        timeout=30,
        check=False,
        env=os.environ,
    )
    return asked.returncode == 0


def of_settings() -> Cluster:
    """Return the cluster of these settings, which runs."""
    found = settings()
    state = Path(found["D"])
    server = f"https://{found['NODE_IP']}:6443"
    return Cluster(state / "kc" / "admin", server, found["HOST_IP"], Path(found["B"]), state)
