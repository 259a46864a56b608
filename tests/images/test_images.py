"""The images that `make images` made: what is in each, how large it is, and that it does its work."""

import json
import shutil
import subprocess

import pytest

from tests.support.site import ROOT
from tests.unit.images.test_dockerfiles import ROLES
from tests.unit.packaging.requirements import OURS, closure, declared, locked

PREFIX, TAG = "localhost/yanxiu", "dev"
MOST_MB = json.loads((ROOT / "images" / "sizes.json").read_text("utf-8"))
LIST = (
    "from importlib.metadata import distributions as found;"
    "print(*{one.name.lower().replace('_', '-').replace('.', '-') for one in found()})"
)


def name(image):
    return f"{PREFIX}/{image}:{TAG}"


@pytest.fixture(autouse=True)
def made(image):
    if not shutil.which("buildah"):
        pytest.skip("needs buildah, and make images")
    found = subprocess.run(
        ["buildah", "images", "-q", name(image)], capture_output=True, check=False
    )
    if found.returncode or not found.stdout.strip():
        pytest.skip(f"needs {name(image)}: make images")


def inside(image, *command):
    made = subprocess.run(
        ["buildah", "from", "--pull-never", name(image)], capture_output=True, text=True, check=True
    )
    container = made.stdout.strip()
    try:
        return subprocess.run(
            ["buildah", "run", "--isolation", "chroot", container, "--", *command],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    finally:
        subprocess.run(["buildah", "rm", container], capture_output=True, check=False)


@pytest.mark.parametrize("image", [*ROLES, "base"])
def test_an_image_is_no_larger_than_it_was_meant_to_be(image, capsys):
    images = json.loads(
        subprocess.run(
            ["buildah", "images", "--json", name(image)], capture_output=True, text=True, check=True
        ).stdout
    )
    size, unit = images[0]["size"].split()
    mb = float(size) * {"KB": 0.001, "MB": 1, "GB": 1000}[unit]
    with capsys.disabled():
        print(f"\n{image}: {mb:.0f} MB of {MOST_MB[image]}")
    assert mb <= MOST_MB[image]


@pytest.mark.parametrize("image", ROLES)
def test_an_image_has_what_its_lock_says_and_nothing_else(image):
    role = ROLES[image]
    ours = (closure(declared("yanxiuhub", [role])) & set(OURS)) | {"yanxiuhub"}
    there = set(inside(image, "python", "-c", LIST).split())
    assert there == set(locked(f"requirements-{role}.lock")) | ours


@pytest.mark.parametrize("image", ROLES)
def test_an_image_does_its_work(image):
    done = subprocess.run(
        [str(ROOT / "images" / "verify.sh"), image],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "ENGINE": "buildah"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
