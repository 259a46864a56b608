"""Every page of a newcomer's way: light, narrow and wide, by keyboard, in one language."""

import re

import pytest
from playwright.sync_api import Page, expect

from .conftest import NARROW, WIDE

#: Words that are names: of things that have no Chinese name, or that files are called.
LATIN = re.compile(
    r"(?<![A-Za-z])(?:Hub|Jupyter(?:Lab)?|CSV|WPS|Excel|MB|ipynb|English|Chrome|Edge|xlsx|xls|PDF|answers\.json)"
    r"(?![A-Za-z])|[0-9]{8}-[2-9A-Z]{5}-[2-9A-Z]{5}"  # and receipts
)
BUDGET_BYTES = 300 * 1024


def paths(page: Page) -> list[str]:
    """Return the addresses of the portal that this person's pages link to, first level."""
    found = page.eval_on_selector_all(
        "a[href^='/services/records/']", "all => all.map(a => a.href)"
    )
    return sorted({one.split("#")[0] for one in found if "logout" not in one})


def test_login_and_my_training_fit_the_budget_on_a_cold_cache(visitor):
    alice = visitor()
    sizes: dict[str, int] = {}
    session = alice.context.new_cdp_session(alice.page)
    session.send("Network.enable")
    session.on(
        "Network.loadingFinished",
        lambda event: sizes.__setitem__(event["requestId"], event["encodedDataLength"]),
    )
    alice.login("艾老师")
    alice.page.wait_for_load_state("networkidle")
    assert len(sizes) >= 2
    assert sum(sizes.values()) <= BUDGET_BYTES
    assert alice.outside() == []


@pytest.mark.parametrize("who", ["艾老师", "校管理员", "县管理员"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1366", "390"])
def test_pages_fit_speak_chinese_and_complain_of_nothing(visitor, who, size):
    one = visitor(size)
    page = one.login(who)
    for address in paths(page):
        response = page.goto(address)
        if response is None or "text/html" not in response.headers.get("content-type", ""):
            continue
        assert response.status == 200, address
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"{address} is {wide} px wide"
        assert page.locator("h1").count() == 1, address
        words = page.locator("body").inner_text()
        left = LATIN.sub("", words)
        found = re.findall(r"[A-Za-z]{3,}", left)
        assert found == [], f"{address}: {sorted(set(found))[:10]}"
    assert one.console == []
    assert one.outside() == []


def test_the_way_to_a_unit_can_be_walked_by_keyboard(visitor):
    alice = visitor()
    page = alice.login("艾老师")
    page.keyboard.press("Tab")
    expect(page.get_by_text("跳到正文")).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.textContent")
        if "技术支持的学情分析" in focused:
            break
    else:
        raise AssertionError("the unit cannot be reached by Tab")
    outline = page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement);"
        " return s.outlineStyle + s.boxShadow; })()"
    )
    assert outline != "nonenone"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("学情分析")


def test_logging_out_ends_the_session_for_the_back_button_too(visitor):
    alice = visitor()
    page = alice.login("艾老师")
    here = page.url
    page.get_by_text("退出登录").click()
    page.wait_for_load_state()
    page.goto(here)
    expect(page.get_by_label("密码")).to_be_visible()


def test_a_wrong_password_and_a_page_that_is_not_there_say_what_to_do(visitor):
    one = visitor()
    page = one.page
    page.goto(one.site.url)
    page.get_by_label("登录名").fill("1001")
    page.get_by_label("密码").fill("wrong")
    page.get_by_role("button", name="登录").click()
    expect(page.locator("body")).to_contain_text("请找本校管理员重置")
    one.login("包老师")
    response = page.goto(f"{one.site.url}/services/records/units/no-such-unit")
    assert response.status in {404, 422}
    expect(page.get_by_role("link", name="我的研修").first).to_be_visible()


def test_what_is_typed_survives_leaving_the_page_without_a_save(visitor):
    dai = visitor()
    page = dai.login("包老师")
    page.get_by_role("link", name="A1 技术支持的学情分析").click()
    address = page.url
    area = page.locator("textarea").first
    area.fill("写了一半，电话来了。")
    expect(page.locator(f"#{area.get_attribute('id')}-count")).to_contain_text("已写 10 字，还差")
    page.once("dialog", lambda dialog: dialog.accept())  # 有改动没有保存，要离开吗？
    with page.expect_response(lambda answer: answer.request.method == "POST") as saving:
        page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    assert saving.value.json()["wrong"] == 0
    expect(page.locator("#autosave")).to_contain_text("已自动保存")
    page.go_back()
    page.goto(address)
    expect(page.locator("textarea").first).to_have_value("写了一半，电话来了。")
    # A broken line says so, and the page asks before it is left.
    dai.context.set_offline(True)
    page.locator("textarea").first.fill("又写了一句。")
    page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    expect(page.locator("#autosave")).to_contain_text("还没有存上")
    dai.context.set_offline(False)
    assert dai.outside() == []
    assert [line for line in dai.console if "ERR_INTERNET_DISCONNECTED" not in line] == []
