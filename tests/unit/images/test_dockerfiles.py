"""Each image installs its role's lock and our own wheels that the role needs, and runs as nobody special."""

import json
import re

import pytest

from tests.support.site import ROOT
from tests.unit.packaging.requirements import OURS, closure, declared

IMAGES = ROOT / "images"
ROLES = {
    "hub": "hub",
    "records": "records",
    "grader": "worker",
    "singleuser": "singleuser",
    "app": "app",
}


def dockerfile(image):
    return (IMAGES / image / "Dockerfile").read_text("utf-8")


def test_every_image_is_known_here_and_has_its_check():
    assert {path.parent.name for path in IMAGES.glob("*/Dockerfile")} == set(ROLES)
    assert {path.parent.name for path in IMAGES.glob("*/verify.py")} == set(ROLES)


@pytest.mark.parametrize(("image", "role"), ROLES.items())
def test_an_image_installs_its_role_and_nothing_more(image, role):
    text = dockerfile(image)
    assert set(re.findall(r"requirements-(\w+)\.lock", text)) == {role}
    (ours,) = re.findall(r"install\.sh ours \S+ (.+)", text)
    assert set(ours.split()) == (closure(declared("yanxiuhub", [role])) & set(OURS)) | {"yanxiuhub"}


@pytest.mark.parametrize("image", ROLES)
def test_an_image_stands_on_any_base_and_any_processor(image):
    text = dockerfile(image)
    assert set(re.findall(r"^FROM (\S+)", text, re.M)) == {"${BASE_IMAGE}"}
    assert not re.search(r"amd64|x86|arm64|aarch64|curl |wget ", text)


@pytest.mark.parametrize("image", ROLES)
def test_an_image_runs_as_a_user_by_number(image):
    """A cluster that demands runAsNonRoot cannot look a name up."""
    assert re.findall(r"^USER (\S+)", dockerfile(image), re.M) == ["1000:1000"]


def test_where_charts_are_drawn_there_is_a_chinese_font():
    with_font = {image for image in ROLES if "fonts-" in dockerfile(image)}
    draw = {
        image
        for image, role in ROLES.items()
        if "matplotlib" in closure(declared("yanxiuhub", [role]))
    }
    assert with_font == draw


def test_every_image_has_a_bound():
    assert set(json.loads((IMAGES / "sizes.json").read_text("utf-8"))) == {"base", *ROLES}
