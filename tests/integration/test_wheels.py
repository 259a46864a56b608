"""Our wheels in an empty environment, outside this source tree: they install, fit and serve.

Third-party libraries come from the package index at the locks' versions, through uv's cache in
``build/``: a second run fetches nothing.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from yanxiu import __version__

from benchmarks.support.visitor import Visitor
from tests.support.site import ROOT, Running, start, stop

PROJECTS = (
    ".",
    "courses",
    *(f"extensions/{path.name}" for path in (ROOT / "extensions").iterdir()),
)
OFFLINE = ("dns error", "error sending request", "Failed to fetch", "Network connectivity")

#: What each role installs of ours, and the modules that it starts.
ROLES = {
    "hub": (["yanxiuhub", "yanxiu_formats"], ["yanxiu.configure"]),
    "records": (
        ["yanxiuhub", "lessonkit", "yanxiu_formats"],
        ["yanxiu.portal.app", "yanxiu.cli.up", "yanxiu.cli.preview.serve"],
    ),
    "worker": (["yanxiuhub", "yanxiu_formats"], ["yanxiu.grading.worker"]),
    "singleuser": (
        ["jupyterlab_yanxiu", "lessonkit", "nbgrader_yanxiu", "worksheet", "yanxiu_formats"],
        ["jupyterlab_yanxiu", "worksheet", "jupyterhub.singleuser.app", "matplotlib.pyplot"],
    ),
    "app": (
        ["lessonkit", "nbgrader_yanxiu", "worksheet", "yanxiu_formats"],
        ["voila.app", "worksheet"],
    ),
}


def uv(*arguments: object) -> None:
    environ = {**os.environ, "UV_CACHE_DIR": str(ROOT / "build" / "uv-cache")}
    environ.pop("VIRTUAL_ENV", None)
    done = subprocess.run(
        [Path(sys.executable).with_name("uv"), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        cwd="/",
    )
    if (
        done.returncode
        and any(word in done.stderr for word in OFFLINE)
        and not os.environ.get("CI")
    ):
        pytest.skip(f"needs the package index once: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


def build(folder: Path) -> Path:
    """Build all wheels as ``make wheels`` does."""
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "wheel", "-q", "--disable-pip-version-check"),
            *("--no-deps", "--no-build-isolation", "--no-cache-dir", "-w", folder),
            *(ROOT / project for project in PROJECTS),
        ],
        check=True,
        cwd=ROOT,
    )
    return folder


def install(folder: Path, lock: str, wheels: list[Path]) -> Path:
    """Make an environment of a lock and of our wheels alone; return its Python."""
    python = folder / "bin" / "python"
    uv("venv", "--quiet", "--python", sys.executable, folder)
    into = ("pip", "install", "--quiet", "--python", python, "--no-deps")
    uv(*into, "--require-hashes", "-r", ROOT / lock)
    uv(*into, "--no-index", *wheels)
    uv("pip", "check", "--quiet", "--python", python)
    return python


def of_ours(wheels: Path, names: list[str]) -> list[Path]:
    return [path for name in names for path in wheels.glob(f"{name}-*.whl")]


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not (ROOT / "build/courses/xinxi2/release.json").is_file():
        pytest.skip("needs the built course: make courses")
    return build(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="module")
def python(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with all roles."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    return install(folder, "requirements.lock", sorted(wheels.glob("*.whl")))


@pytest.fixture(scope="module")
def site(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    data = tmp_path_factory.mktemp("served") / "data"
    running = start(data, program=python.with_name("yanxiu"), site=None)
    yield running
    stop(running)


def run(python: Path, *arguments: str, code: int = 0) -> str:
    done = subprocess.run(
        [python.with_name("yanxiu"), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.environ["PATH"], "YANXIU_LANG": "zh_CN"},
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_the_same_sources_give_the_same_wheels(wheels, tmp_path):
    again = build(tmp_path)
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in wheels.iterdir()
    }


def test_the_version_is_told(python):
    assert run(python, "--version") == f"yanxiu {__version__}\n"


def test_nothing_of_the_source_tree_is_used(python):
    code = "import json, sys, yanxiu, worksheet; print(json.dumps([yanxiu.__file__, worksheet.__file__, *sys.path]))"
    seen = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd="/")
    assert str(ROOT) not in seen.stdout


#: What a learner's code finds of the hub side and of the courses, with their answers, in the
#: environment that it shares with them.
LOOK = """
import pathlib, sys, worksheet
found = [path.name for root in sys.path if root for path in pathlib.Path(root).glob("yanxiu*/*")]
print(sorted({"configure.py", "builder", "demo"} & set(found)))
"""


def test_a_demonstration_serves_and_a_teacher_works_in_it(python, site):
    """The portal, a unit of the course, the hub's pages, and a server in its sandbox."""
    there = subprocess.run([python, "-c", LOOK], capture_output=True, text=True, check=True)
    assert there.stdout.strip() == "['builder', 'configure.py', 'demo']"
    alice = site.accounts()["艾老师"]
    with Visitor(site.url).http as nobody:
        page = nobody.get("/hub/login").text
        assert "云溪县教师研修中心" in page
        sheet = re.search(r'href="([^"]*yanxiu[^"]*css[^"]*)"', page)
        assert sheet and nobody.get(sheet[1]).headers["content-type"].startswith("text/css")
    visitor = Visitor(site.url, site.servers).login(alice["username"], alice["password"])
    portal = visitor.http.get("/services/records/")
    assert "A1" in portal.text
    visitor.start_server()
    visitor.enter_server()
    kernel = visitor.start_kernel()
    assert visitor.run_cell(kernel, LOOK).strip() == "[]"
    visitor.stop_server()


def test_the_authors_tools_work_away_from_the_sources(python, tmp_path):
    course = str(tmp_path / "my-course")
    run(python, "course", "new", course)
    assert "没有问题" in run(python, "course", "lint", course)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_runs_with_its_own_lock(role, wheels, tmp_path):
    names, modules = ROLES[role]
    python = install(tmp_path / role, f"requirements-{role}.lock", of_ours(wheels, names))
    for module in modules:
        subprocess.run(
            [python, "-W", "error::ImportWarning", "-c", f"import {module}"], check=True, cwd="/"
        )
    if "yanxiuhub" in names:
        assert run(python, "--version") == f"yanxiu {__version__}\n"


def test_a_command_that_a_role_does_not_carry_is_a_sentence(wheels, tmp_path):
    ours = of_ours(wheels, ["yanxiu_formats", "yanxiuhub"])
    python = install(tmp_path / "env", "requirements-worker.lock", ours)
    said = run(python, "up", "--demo", code=1)
    assert "没有安装" in said
    assert "yanxiuhub[machine]" in said
    assert "up " not in run(python, "--help")
    shutil.rmtree(tmp_path / "env")
