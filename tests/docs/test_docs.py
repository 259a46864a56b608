"""The documentation points at things that are there, and names every command and setting."""

import re
from pathlib import Path

import pytest
from yanxiu.cli.main import COMMANDS
from yanxiu.settings.limits import RUN, SERVER
from yanxiu.settings.model import Site

from tests.support.site import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    broken = [
        target
        for target in LINK.findall(page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_command_is_told_to_operators():
    told = "\n".join(page.read_text("utf-8") for page in PAGES)
    assert [name for name in COMMANDS if f"yanxiu {name}" not in told] == []


def test_every_setting_says_what_it_is():
    schema = Site.model_json_schema()
    silent = [
        f"{name}.{key}"
        for name, model in [("Site", schema), *schema["$defs"].items()]
        for key, field in model.get("properties", {}).items()
        if not field.get("description")
    ]
    assert silent == []


def test_the_launchers_page_says_the_limits_that_hold():
    page = (ROOT / "docs" / "reference" / "launcher.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (\S+) \|", page, re.MULTILINE)
    told = {name: (server, run) for name, server, run in rows if name in SERVER.as_json()}
    assert told == {
        name: tuple("–" if value is None else str(value) for value in (SERVER.as_json()[name], run))
        for name, run in RUN.as_json().items()
    }
