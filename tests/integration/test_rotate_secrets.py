"""Secrets are replaced by the commands of the page: who is logged in stays, what is old opens nothing."""

import re

import httpx
import pytest
from yanxiu.settings.rotation import accepted
from yanxiu.settings.secrets import load_or_create

from benchmarks.support.visitor import Visitor
from tests.support.pages import Machine, commands
from tests.support.site import Running, start, stop

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


def portal(visitor: Visitor) -> httpx.Response:
    page = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate"}
    return visitor.http.get("/services/records/", headers=page)


def asks_the_hub(site: Running, token: str) -> int:
    return httpx.get(
        f"{site.url}/hub/api/user", headers={"Authorization": f"token {token}"}, timeout=30
    ).status_code


def asks_for_metrics(site: Running, token: str) -> int:
    address = (site.data / "run" / "metrics.address").read_text("ascii").strip()
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.get(f"http://{address}/metrics", headers=headers, timeout=30).status_code


def test_the_page_keeps_who_is_logged_in_and_shuts_out_what_is_old(tmp_path):
    machine = Machine(tmp_path)
    site = start(tmp_path / "data")
    port = int(site.url.rpartition(":")[2])
    try:
        alice = site.accounts()["艾老师"]
        visitor = Visitor(site.url).login(alice["username"], alice["password"])
        assert "A1" in portal(visitor).text
        before = load_or_create(site.data)
        assert asks_the_hub(site, before.records_api) == 200
    finally:
        stop(site)

    lines = commands("rotate-secrets.md")
    first, last = lines[:7], lines[7:]
    assert {re.split(r"\s", line)[-1] for line in lines} == set(vars(before))
    for line in first:
        assert "已换成新的" in machine.run(line)
    site = start(tmp_path / "data", port=port, agreed=False)
    try:
        after = load_or_create(site.data)
        # Nobody logs in: the hub's pages are not asked for on the way.
        held = [one for one in visitor.http.cookies.jar if one.name.startswith("yanxiu-records")]
        bare = httpx.Client(base_url=site.url, timeout=60)
        for one in held:
            bare.cookies.set(one.name, one.value or "")
        assert bare.get("/services/records/").status_code == 200
        assert asks_the_hub(site, before.records_api) == 403
        assert asks_the_hub(site, after.records_api) == 200
        assert asks_the_hub(site, before.culler_api) == 403
        for token in accepted(after.metrics):
            assert asks_for_metrics(site, token) == 200
        assert before.metrics in accepted(after.metrics)
    finally:
        stop(site)

    machine.run(".venv/bin/yanxiu secrets retire --data /srv/yanxiu metrics")
    for line in last:
        machine.run(line)
    site = start(tmp_path / "data", port=port, agreed=False)
    try:
        assert asks_for_metrics(site, before.metrics) == 401
        assert bare.get("/services/records/").status_code == 302
        assert visitor.http.get("/hub/home", follow_redirects=False).status_code == 302
        again = Visitor(site.url).login(alice["username"], alice["password"])
        assert "A1" in portal(again).text
        # The roster is matched by the new key: whoever is in it is known, and nobody is twice.
        said = machine.run(".venv/bin/yanxiu apply --site /srv/site --data /srv/yanxiu")
        assert "与设置不同" not in said
    finally:
        stop(site)
