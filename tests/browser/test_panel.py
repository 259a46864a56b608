"""The panel 研修 in JupyterLab, on the real platform and through the whole chain.

With a site of its own: sandboxes' cables are cut here, and servers are where they were left.
"""

import json
import os
import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.cable import Cable
from tests.support.site import platform

from .conftest import NARROW
from .test_chain import COMMENT, PLAN, REPORT, give_full_marks

pytestmark = pytest.mark.browser
UNIT = "A1 技术支持的学情分析"
POINT = re.compile("^A1 ")
#: Over this size it goes in chunks, and half of it is more than one.
BIG_BYTES = 12_000_000


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with platform(tmp_path_factory.mktemp("panel") / "data") as running:
        yield running


def open_in_lab(page: Page) -> Locator:
    """From the portal's first page into the unit's notebook; return its card in the panel."""
    page.goto(page.url.split("/services/")[0] + "/services/records/")
    page.get_by_role("link", name=UNIT).click()
    page.get_by_role("link", name="在 Jupyter 中打开").click()
    page.locator(".jp-Notebook").wait_for(timeout=90_000)
    return page.locator(".yx-Panel .yx-unit").filter(has=page.get_by_role("heading", name=POINT))


def widgets(page: Page) -> Locator:
    """The text fields that the notebook's tasks show."""
    return page.locator(".jp-OutputArea input[type=text]")


def homes(site) -> set[Path]:
    return {one.parents[1] for one in site.data.glob("homes/*/研修/a1")}


def clean(one) -> bool:
    """Whether the browser complained about nothing and asked nobody else."""
    bad = [line for line in one.console if line.startswith(("error", "pageerror"))]
    assert bad == []
    assert one.outside() == []
    return True


def test_from_the_portal_to_feedback_beside_the_notebook(visitor):
    alice = visitor()
    page = alice.login("艾老师")
    panel = open_in_lab(page)
    expect(panel).to_be_visible(timeout=30_000)
    # Nobody pressed anything: the course's own cells ran.
    expect(widgets(page).first).to_be_visible(timeout=60_000)
    expect(panel.get_by_text("笔记本已保存")).to_be_visible(timeout=30_000)
    for index, value in enumerate(("1", "3", "1", "42")):
        widgets(page).nth(index).fill(value)
        widgets(page).nth(index).press("Tab")
    texts = page.locator(".jp-OutputArea textarea")
    for index, words in enumerate((PLAN, REPORT)):
        texts.nth(index).fill(words)
        texts.nth(index).press("Tab")
    expect(panel.get_by_text("做完 3 / 7 题")).to_be_visible(timeout=15_000)
    alice.shot("panel-01-tasks")
    panel.get_by_role("button", name="提交").click()
    expect(panel.get_by_role("alert")).to_contain_text("还有 4 题没有做完")
    alice.shot("panel-02-missing")
    panel.get_by_role("button", name="仍要提交").click()
    receipt = panel.get_by_role("group", name="回执编号")
    expect(receipt).to_be_visible(timeout=30_000)
    number = receipt.locator("dd").first.inner_text()
    alice.shot("panel-03-receipt")
    # The same work again is the same attempt.
    panel.get_by_role("button", name="提交").click()
    panel.get_by_role("button", name="仍要提交").click()
    expect(panel.get_by_text("已交 1 ")).to_be_visible(timeout=30_000)
    expect(receipt.locator("dd").first).to_have_text(number)

    organizer = visitor(javascript=False)
    desk = organizer.login("校管理员")
    row = desk.get_by_role("row", name="艾老师")
    deadline = time.monotonic() + 120
    while desk.goto(f"{alice.site.url}/services/records/organize/") and (
        row.get_by_text("待评分").count() == 0
    ):
        assert time.monotonic() < deadline, desk.inner_text("main")
        time.sleep(1)
    row.get_by_role("link").first.click()
    give_full_marks(desk)

    page.get_by_role("button", name="刷新", exact=True).click()
    panel.get_by_role("button", name="看评语").click()
    feedback = page.locator(".yx-Feedback")
    expect(feedback).to_contain_text(COMMENT)
    expect(feedback).to_contain_text("8 / 8 分")
    # Beside it, not over it.
    expect(page.locator(".jp-Notebook")).to_be_visible()
    assert feedback.bounding_box()["x"] > page.locator(".jp-Notebook").bounding_box()["x"] + 200
    alice.shot("panel-04-feedback")
    assert clean(alice)

    charlie = visitor()
    other = charlie.login("柴老师")
    alices = page.url.split("/lab")[0]
    assert other.request.get(f"{alices}/yanxiu/api/units").status in {403, 404}
    theirs = open_in_lab(other)
    expect(theirs).to_be_visible(timeout=30_000)
    for word in (number, "看评语", "已交"):
        expect(theirs).not_to_contain_text(word)
    own = other.url.split("/lab")[0]
    units = other.request.get(f"{own}/yanxiu/api/units").json()["units"]
    [unit] = [one for one in units if one["unit"] == "a1"]
    assert (unit["attempts"], unit["passed"], unit["state"]) == (0, None, "open")
    feedback_of = f"{own}/yanxiu/api/units/{unit['assignment']}/feedback"
    assert other.request.get(feedback_of).status == 404


def test_a_submit_that_is_cut_at_half_goes_on_and_is_one_attempt(visitor, site):
    before = set(site.data.glob("run/launcher/sandboxes/*")), homes(site)
    bob = visitor()
    page = bob.login("包老师")
    panel = open_in_lab(page)
    expect(widgets(page).first).to_be_visible(timeout=60_000)
    [home] = homes(site) - before[1]
    sandboxes = set(site.data.glob("run/launcher/sandboxes/*")) - before[0]
    cables = [one for box in sandboxes for one in box.glob("relay/records.sock")]
    if not cables:
        pytest.skip("needs sandboxes with a network of their own")
    (home / "研修/a1/我的数据.bin").write_bytes(os.urandom(BIG_BYTES))
    with Cable(cables[0]) as cable:
        panel.get_by_role("button", name="提交").click()
        cable.cut_after(BIG_BYTES // 2)
        panel.get_by_role("button", name="仍要提交").click()
        trouble = panel.get_by_role("alert")
        expect(trouble).to_contain_text("连不上平台", timeout=60_000)
        percent = re.search(r"已传 (\d+)%", trouble.inner_text())
        assert percent, trouble.inner_text()
        assert 20 <= int(percent[1]) <= 60
        bob.shot("panel-05-cut")
        cable.repair()
        sent = cable.carried
        panel.get_by_role("button", name="再试一次").click()
        expect(panel.get_by_role("group", name="回执编号")).to_be_visible(timeout=60_000)
        # It went on where it was: the first part did not go over the line again.
        assert cable.carried - sent < BIG_BYTES * 0.85
        expect(panel.get_by_text("已交 1 ")).to_be_visible(timeout=30_000)
    kept = json.loads((home / "研修/a1/.yanxiu-submit.json").read_text())
    shown = panel.get_by_role("group", name="回执编号").locator("dd").first.inner_text()
    assert kept["receipt"] == shown
    assert bob.outside() == []


def test_the_keyboard_alone_and_the_warning_before_the_server_stops(visitor):
    bob = visitor()
    page = bob.login("包老师")

    def soon(route):
        answer = route.fetch()
        content = answer.json()
        content["idle"]["left_s"] = 300
        route.fulfill(response=answer, json=content)

    page.route("**/yanxiu/api/units?*", soon)
    page.route("**/yanxiu/api/units", soon)
    panel = open_in_lab(page)
    warning = page.get_by_role("alert").filter(has_text="大约 5 分钟后停止")
    expect(warning).to_be_visible(timeout=30_000)
    bob.shot("panel-06-idle")
    page.unroute("**/yanxiu/api/units?*")
    page.unroute("**/yanxiu/api/units")
    with page.expect_response("**/yanxiu/api/here*") as here:
        page.get_by_role("button", name="我还在").click()
    # The site's own setting: nothing here is a number of ours.
    assert here.value.json()["minutes"] == 120
    assert here.value.json()["left_s"] > 7000
    expect(warning).to_be_hidden()

    page.keyboard.press("Control+Shift+Y")
    expect(page.get_by_role("button", name="刷新", exact=True)).to_be_focused()
    page.keyboard.press("Enter")  # asking anew does not lose the keyboard's place
    names = []
    for _ in range(6):
        page.keyboard.press("Tab")
        names.append(page.evaluate("document.activeElement.textContent"))
    assert [name for name in ("研修门户", "打开", "提交", "单元页面") if name not in names] == []
    panel.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(panel.get_by_text("选三个指标")).to_be_visible()
    assert clean(bob)


def test_english_and_dark_and_narrow(visitor, site):
    known = homes(site)
    settings = ".jupyter/lab/user-settings/@jupyterlab"
    for home in known:
        for name, content in (
            ("apputils-extension/themes", {"theme": "JupyterLab Dark"}),
            ("translation-extension/plugin", {"locale": "en"}),
        ):
            file = home / settings / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))
    bob = visitor()
    panel = open_in_lab(bob.login("包老师"))
    expect(panel.get_by_role("button", name="Open")).to_be_visible(timeout=30_000)
    assert re.search("[\u4e00-\u9fff]", bob.page.locator(".yx-Panel").inner_text()) is None
    dark = bob.page.locator(".yx-side").evaluate("e => getComputedStyle(e).backgroundColor")
    assert max(map(int, re.findall(r"\d+", dark)[:3])) < 80
    bob.shot("panel-07-dark-english")
    bob.page.set_viewport_size(NARROW)
    bob.page.reload()
    bob.page.locator(".jp-Notebook").wait_for(timeout=60_000)
    expect(panel).to_be_hidden()
    bob.shot("panel-08-narrow")
    bob.page.keyboard.press("Control+Shift+Y")
    expect(panel).to_be_visible()
    panel.get_by_role("button", name="Open").click()
    expect(panel).to_be_hidden()
    assert clean(bob)
