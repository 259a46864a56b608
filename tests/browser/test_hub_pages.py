"""The hub's pages and shared computers: both languages, one logout for everything, no traces."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.support.languages import chinese_words, latin_words

#: A kernel's channels, opened by the page and left open, as an abandoned Lab tab does.
SOCKET = """
async (base) => {
  const made = await fetch(base + "api/kernels", {
    method: "POST", credentials: "same-origin",
    headers: {"X-XSRFToken": document.cookie.match(/_xsrf=([^;]+)/)[1]}, body: "{}",
  });
  const kernel = await made.json();
  const socket = new WebSocket(
    base.replace("http", "ws") + "api/kernels/" + kernel.id + "/channels");
  window.closed = null;
  socket.onclose = (event) => { window.closed = event.code; };
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  return kernel.id;
}
"""
IN_TIME_S = 60


def open_lab(visitor) -> str:
    """Open Jupyter from the portal; return the address of the server."""
    page = visitor.page
    page.goto(f"{visitor.site.url}/hub/home")
    page.get_by_role("link", name=re.compile("(启动|打开) Jupyter")).click()
    page.wait_for_url("**/lab**", timeout=90_000)
    page.locator(".jp-Launcher, .jp-Notebook").first.wait_for(timeout=90_000)
    return page.url.split("/lab")[0] + "/"


def wait_until(question, what: str) -> None:
    """Poll within the promised minute."""
    deadline = time.monotonic() + IN_TIME_S
    while not question():
        assert time.monotonic() < deadline, f"not within {IN_TIME_S} s: {what}"
        time.sleep(1)


def sent_to_login(page: Page, address: str) -> bool:
    page.goto(address)
    return page.url.split("?")[0].endswith("/hub/login")


def test_every_hub_page_in_its_reader_s_language(visitor):
    alice = visitor()
    site, page = alice.site, alice.page
    account = site.accounts()["艾老师"]
    names = [account["name"], "云溪县教师研修中心"]
    for lang in ("en", "zh_CN"):
        page.goto(f"{site.url}/hub/login?lang={lang}")
        _one_language(page, lang, names)
        page.locator("#username_input").fill("1001")
        page.locator("#password_input").fill("wrong")
        page.locator("#login_submit").click()
        _one_language(page, lang, names)
        page.locator("#username_input").fill(account["username"])
        page.locator("#password_input").fill(account["password"])
        page.locator("#login_submit").click()
        page.wait_for_url("**/services/records/**")
        for path in ("home", "token", "spawn", "nowhere", "accept-share", "logout"):
            page.goto(f"{site.url}/hub/{path}")
            if path == "spawn":
                page.wait_for_url("**/lab**", timeout=90_000)
                continue
            _one_language(page, lang, names)
            alice.shot(f"hub-{path}-{lang}")
    assert alice.outside() == []


def _one_language(page: Page, lang: str, names: list[str]) -> None:
    html = page.content()
    wrong = chinese_words(html, names) if lang == "en" else latin_words(html, names)
    assert wrong == [], (page.url, wrong)


def test_lab_is_chinese_without_news_and_without_nbgrader(visitor):
    alice = visitor()
    alice.login("艾老师")
    page = alice.page
    base = open_lab(alice)
    expect(page.get_by_role("menuitem", name="文件", exact=True)).to_be_visible()
    page.wait_for_timeout(3000)  # the news asks after the start
    assert page.locator(".jp-toast, .Toastify__toast").count() == 0
    menus = page.locator("#jp-MainMenu").inner_text()
    assert latin_words(menus) == []
    assert "nbgrader" not in page.content().lower().split("jupyter-config-data")[0]
    # The way out, beside the menu 文件 that has it too; it ends the portal as well.
    page.get_by_role("menuitem", name="文件", exact=True).click()
    expect(page.get_by_role("menuitem", name="注销", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("menuitem", name="退出登录", exact=True).click()
    alice.shot("13-lab-leave")
    page.get_by_role("menuitem", name="注销", exact=True).click()
    page.wait_for_url("**/hub/logout**")
    expect(page.get_by_role("heading", name="已退出登录")).to_be_visible()
    alice.shot("14-logged-out")
    other = alice.context.new_page()
    wait_until(
        lambda: sent_to_login(other, f"{alice.site.url}/services/records/"), "the portal is closed"
    )
    assert sent_to_login(other, f"{base}lab")


@pytest.mark.parametrize("where", ["portal", "hub"])
def test_one_logout_ends_portal_hub_and_lab(visitor, where):
    bob = visitor()
    bob.login("包老师")
    base = open_lab(bob)
    kernel = bob.page.evaluate(SOCKET, base)
    assert bob.page.request.get(f"{base}api/kernels/{kernel}").status == 200
    # What a thief of this browser's cookies, or the next person with the open tab, has.
    portal = bob.context.new_page()
    stolen = [f"{one['name']}={one['value']}" for one in bob.context.cookies(base)]
    if where == "portal":
        portal.goto(f"{bob.site.url}/services/records/")
        portal.get_by_role("button", name="退出登录").click()
    else:
        portal.goto(f"{bob.site.url}/hub/home")
        portal.get_by_role("link", name="退出登录").click()
    expect(portal.get_by_role("heading", name="已退出登录")).to_be_visible()
    next_one = visitor()
    request = next_one.context.request

    def refused() -> bool:
        answer = request.get(
            f"{base}api/kernels", headers={"cookie": "; ".join(stolen)}, max_redirects=0
        )
        return answer.status in (302, 401, 403)

    wait_until(refused, "the API of the server is closed")
    wait_until(lambda: bob.page.evaluate("window.closed") is not None, "the WebSocket is closed")
    assert (
        bob.page.evaluate("(url) => fetch(url).then((one) => one.status)", f"{base}api/kernels")
        == 403
    )
    assert sent_to_login(portal, f"{base}lab")
    wait_until(
        lambda: sent_to_login(portal, f"{bob.site.url}/services/records/"), "the portal is closed"
    )
    assert sent_to_login(portal, f"{bob.site.url}/hub/home")


def test_no_cookie_outlives_the_browser_but_the_language(visitor):
    alice = visitor()
    alice.page.goto(f"{alice.site.url}/hub/login?lang=zh_CN")
    alice.login("艾老师")
    open_lab(alice)
    kept = {one["name"] for one in alice.context.cookies() if one["expires"] != -1}
    # A form's own cookie lives an hour and proves nothing; the language is no secret; nor is
    # that somebody logged in here, which says of nobody who.
    assert kept <= {"_xsrf", "yanxiu-lang", "yanxiu-browser", "yanxiu-records-been"}
    known = {one["name"]: one for one in alice.context.cookies()}
    for name in ("yanxiu-records", "jupyterhub-hub-login", "jupyterhub-session-id"):
        assert known[name]["httpOnly"], name
        assert known[name]["sameSite"] == "Lax", name


def test_a_first_day_begins_with_the_privacy_notice(visitor):
    """A real first day: the demo's accounts are asked once too, in front of everything else."""
    from sqlalchemy import create_engine, text

    newcomer = visitor(javascript=False)
    engine = create_engine(f"sqlite:///{newcomer.site.data}/db/yanxiu.sqlite")
    with engine.begin() as connection:
        connection.execute(
            text(
                "DELETE FROM consents WHERE person_id = "
                "(SELECT id FROM people WHERE name = '戴老师' AND teacher_no = '1003')"
            )
        )
    engine.dispose()
    page = newcomer.login("戴老师")
    expect(page.get_by_role("heading", name="隐私告知")).to_be_visible()
    newcomer.shot("15-consent", full=True)
    page.goto(f"{newcomer.site.url}/hub/spawn")
    expect(page.locator("main")).to_contain_text("请先在研修门户看过隐私告知")
    page.goto(f"{newcomer.site.url}/services/records/")
    page.get_by_label("我已看过并同意").check()
    page.get_by_role("button", name="同意并继续").click()
    expect(page.get_by_role("heading", name="我的研修")).to_be_visible()
    page.get_by_role("link", name="我的资料").click()
    expect(page.locator("main")).to_contain_text("**************")
    expect(page.get_by_label("小学")).to_be_checked()
    newcomer.shot("16-profile", full=True)
    with page.expect_download() as copying:
        page.get_by_role("button", name="下载").click()
    assert copying.value.suggested_filename.startswith("my-data-")
    page.get_by_label("正确的姓名").fill("戴老师甲")
    page.get_by_role("button", name="请学校更正").click()
    expect(page.locator("main")).to_contain_text("等待学校处理")

    organizer = visitor(javascript=False)
    desk = organizer.login("校管理员")
    desk.get_by_role("link", name="教师", exact=True).click()
    desk.get_by_role("link", name="姓名更正").click()
    organizer.shot("17-names")
    desk.get_by_text("不改").first.click()
    desk.get_by_label("告诉老师为什么").fill("身份证上没有“甲”。")
    desk.get_by_role("button", name="确定不改").click()
    desk.get_by_role("link", name="角色", exact=True).click()
    desk.get_by_label("姓名或教师编号").fill("包")
    desk.get_by_role("button", name="查找").click()
    desk.get_by_role("link", name="包老师").click()
    organizer.shot("18-roles", full=True)
    page.reload()
    expect(page.locator("main")).to_contain_text("身份证上没有“甲”。")
    assert newcomer.outside() == organizer.outside() == []


def test_no_log_holds_a_session_a_token_or_a_name(visitor):
    alice = visitor()
    alice.login("艾老师")
    open_lab(alice)
    cookies = alice.context.cookies()
    secrets = {one["value"] for one in cookies if one["name"] != "yanxiu-lang"}
    account = alice.site.accounts()["艾老师"]
    files = [path for path in (alice.site.data / "log").rglob("*") if path.is_file()]
    assert any("servers" in path.parts for path in files)  # the servers' logs are among them
    found = [
        path.name
        for path in files
        for text in (path.read_text(errors="replace"),)
        if any(secret in text for secret in secrets)
        or account["password"] in text
        or account["name"] in text
        or re.search(r"(?i)\b(?:token|session|xsrf cookie)\b[^\n]{0,20}\b[0-9a-f]{32}\b", text)
    ]
    assert found == []
    assert secrets
