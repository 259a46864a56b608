"""The same unit in JupyterLab: open from the portal, widgets, submit from the notebook.

The notebook is executed again in a sandbox without network or token, and the organizer
sees what came of it in a frame that can do nothing.
"""

import pytest
from playwright.sync_api import Locator, Page, expect

from .test_chain import PLAN, REPORT, wait_for

#: JupyterLab in Chinese; words that it ships untranslated are not ours to allow or forbid.
FIRST_TABLE = ("1", "3", "1", "42")


def in_notebook(page: Page, name: str) -> Locator:
    """A button that the notebook shows."""
    return page.locator(".jp-OutputArea").get_by_role("button", name=name, exact=True)


def run_all(page: Page) -> None:
    """Menu 运行 → 运行所有单元格, and wait for the last cell's widgets."""
    page.locator(".jp-Notebook").wait_for(timeout=90_000)
    page.get_by_text("| 空闲").first.wait_for(timeout=60_000)
    page.get_by_role("menuitem", name="运行", exact=True).click()
    page.get_by_role("menuitem", name="运行所有单元格", exact=True).click()
    # The panel beside the notebook has a button of that name too.
    in_notebook(page, "提交").wait_for(timeout=90_000)


@pytest.mark.browser
def test_a_unit_in_jupyter_from_opening_to_the_organizers_desk(visitor):
    bob = visitor()
    page = bob.login("包老师")
    page.get_by_role("link", name="A1 技术支持的学情分析").click()
    page.get_by_role("link", name="在 Jupyter 中打开").click()
    run_all(page)
    bob.shot("10-jupyter")
    inputs = page.locator(".jp-OutputArea input[type=text]")
    for index, value in enumerate(FIRST_TABLE):
        inputs.nth(index).fill(value)
        inputs.nth(index).press("Tab")
    texts = page.locator(".jp-OutputArea textarea")
    for index, words in enumerate((PLAN, REPORT)):
        texts.nth(index).fill(words)
        texts.nth(index).press("Tab")
    in_notebook(page, "提交").click()
    # Four tasks are left out: the notebook asks once whether that is meant.
    in_notebook(page, "仍要提交").click()
    expect(page.get_by_text("已收到。回执编号")).to_be_visible(timeout=60_000)
    bob.shot("11-jupyter-receipt")
    assert bob.outside() == []

    organizer = visitor()
    desk = organizer.login("校管理员")
    desk.goto(f"{bob.site.url}/services/records/organize/")
    wait_for(desk, "包老师")
    desk.get_by_role("row", name="包老师").get_by_role("link").first.click()
    organizer.shot("12-marking-notebook", full=True)
    expect(desk.locator("main")).to_contain_text("二、对象与时间")
    frame = desk.locator("iframe")
    assert frame.get_attribute("sandbox") == ""
    address = frame.get_attribute("src")
    response = desk.request.get(address if address.startswith("http") else bob.site.url + address)
    assert response.status == 200, response.text()[:500]
    policy = response.headers["content-security-policy"]
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "任务" in response.text()
    assert organizer.outside() == []

    charlie = visitor()
    other = charlie.login("柴老师")
    assert other.goto(desk.url).status in {403, 404}
    assert other.request.get(response.url).status == 404
    # Another's server is nobody's: not even its existence.
    assert other.request.get(page.url.split("/lab")[0] + "/api/contents").status in {403, 404}
