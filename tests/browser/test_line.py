"""The last place of a school: refused in words, in line, started by itself; with and without script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select
from yanxiu.people.model import Organization
from yanxiu.people.reads import people
from yanxiu.people.reads.actors import load_actor
from yanxiu.quota.rules import Limit, Resource
from yanxiu.quota.verbs.set_limits import set_limits
from yanxiu.quota.wiring import capacity_for
from yanxiu.settings.load import load_site
from yanxiu.store.engine import open_store
from yanxiu.web.actor import Way

from tests.support.languages import latin_words
from tests.support.site import DEMO, Running

from .conftest import NARROW, WIDE

pytestmark = pytest.mark.browser
#: Of teachers whom no other test of the same platform lets open Jupyter.
SCHOOL = "2133000002"
#: The browser says of every page with a status of 400 or more that it could not be loaded.
REFUSED = "status of 429"


@pytest.fixture
def one_place(site: Running) -> Iterator[None]:
    """The county lets the school run one server, without a restart of anything."""
    store = open_store(f"sqlite:///{site.data}/db/yanxiu.sqlite", site.data / "blobs")
    settings = load_site(DEMO)
    with store.read() as session:
        named = people.by_login_name(session, site.accounts()["县管理员"]["username"])
        school = session.scalars(select(Organization).where(Organization.code == SCHOOL)).one()
    county = load_actor(store, named.id, Way.SESSION)

    def allow(servers: float | None) -> None:
        wanted = {Resource.SERVERS: Limit(ceiling=servers)}
        set_limits(store, settings, capacity_for(settings), county, school.id, wanted)

    allow(1)
    yield
    allow(None)
    store.close()


def start_lab(page: Page, url: str) -> None:
    page.goto(f"{url}/hub/home")
    page.locator("#start").click()
    page.wait_for_url("**/lab**", timeout=90_000)


def stop_lab(page: Page, url: str) -> None:
    page.goto(f"{url}/hub/home")
    page.get_by_role("button", name="停止 Jupyter").click()
    expect(page.get_by_text("没有运行", exact=True)).to_be_visible(timeout=60_000)


def show_everywhere(visitor, name: str) -> None:
    """Keep pictures on a wide and a narrow screen; nothing is cut off on either."""
    for size, where in ((WIDE, "wide"), (NARROW, "narrow")):
        visitor.page.set_viewport_size(size)
        visitor.shot(f"{name}-{where}", full=True)
        inside = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert visitor.page.evaluate(inside)
    visitor.page.set_viewport_size(WIDE)


def test_the_last_place_the_refusal_the_line_and_the_automatic_start(visitor, one_place):
    alice, bob = visitor(), visitor()
    url = alice.site.url
    alice.login("韩老师")
    bob.login("郭老师")
    start_lab(alice.page, url)

    page = bob.page
    page.goto(f"{url}/services/records/")
    page.get_by_role("link", name="A1 技术支持的学情分析").click()
    page.get_by_role("link", name="在 Jupyter 中打开").click()
    main = page.locator("#full")
    expect(main).to_contain_text("云溪县城关镇中心小学 1/1 台在用")
    for words in ("您是下一位", "您的文件都在，不受影响", "请联系本校管理员", "也可以交作业"):
        expect(main).to_contain_text(words)
    assert latin_words(main.inner_html(), ["Jupyter"]) == []
    show_everywhere(bob, "full")

    # It goes on to the line by itself; where the start was to lead is not forgotten.
    page.wait_for_url("**/services/records/line**", timeout=60_000)
    assert "next=" in page.url
    expect(page.locator("main")).to_contain_text("您是下一位")
    assert latin_words(page.locator("main").inner_html(), ["Jupyter"]) == []
    show_everywhere(bob, "line")

    stop_lab(alice.page, url)
    page.wait_for_url("**/lab/**", timeout=90_000)
    # In the unit that was asked for, not just anywhere.
    page.locator(".jp-Notebook").wait_for(timeout=90_000)
    assert [line for line in bob.console if line.startswith("error") and REFUSED not in line] == []
    assert bob.outside() == []
    stop_lab(page, url)


def test_the_line_without_a_script(visitor, one_place):
    alice, bob = visitor(), visitor(javascript=False)
    url = alice.site.url
    alice.login("韩老师")
    bob.login("郭老师")
    start_lab(alice.page, url)
    page = bob.page
    page.goto(f"{url}/hub/spawn")
    expect(page.locator("#full")).to_contain_text("云溪县城关镇中心小学 1/1 台在用")
    bob.shot("full-no-script", full=True)
    page.get_by_role("link", name="去排队页面").click()
    expect(page.locator("main")).to_contain_text("您是下一位")
    bob.shot("line-no-script", full=True)
    # Leaving is a form; the start button of the page that follows stands in line again.
    page.get_by_role("button", name="退出排队").click()
    expect(page.get_by_role("heading", name="您现在没有在排队")).to_be_visible()
    bob.shot("line-left", full=True)
    page.get_by_role("link", name="启动 Jupyter").click()
    page.get_by_role("link", name="去排队页面").click()
    stop_lab(alice.page, url)
    page.wait_for_url(re.compile(r"/user/[^/]+/lab"), timeout=90_000)
    # Nobody can stop it without a script in the page: the hub's page says that it runs.
    page.goto(f"{url}/hub/home")
    expect(page.get_by_text("正在运行", exact=True)).to_be_visible()


def test_why_a_server_is_to_end_is_read_in_lab_before_it_does(visitor):
    teacher, organizer = visitor(), visitor()
    url = teacher.site.url
    teacher.login("韩老师")
    start_lab(teacher.page, url)
    page = organizer.login("县管理员")
    page.goto(f"{url}/services/records/organize/servers")
    page.get_by_label("姓名或教师编号").fill("韩老师")
    page.get_by_role("button", name="查找").click()
    page.locator("summary", has_text="停止").click()
    page.get_by_label("告诉老师为什么").fill("今晚 8 点县里公开课")
    page.get_by_role("button", name="确定停止").click()
    expect(page.get_by_text("老师来得及保存")).to_be_visible()
    # As it is asked for once a minute, or when somebody comes back to the page.
    teacher.page.reload()
    told = teacher.page.locator(".Toastify__toast", has_text="今晚 8 点县里公开课")
    expect(told).to_be_visible(timeout=60_000)
    expect(told).to_contain_text("请现在保存")
    teacher.shot("lab-is-to-end")
    # And afterwards where she looks next.
    teacher.page.goto(f"{url}/services/records/")
    expect(teacher.page.get_by_text("今晚 8 点县里公开课")).to_be_visible()
    teacher.shot("lab-has-ended", full=True)
    stop_lab(teacher.page, url)


def test_a_school_sets_its_peak_hours(visitor):
    organizer = visitor(javascript=False)
    page = organizer.login("校管理员")
    page.get_by_role("link", name="Jupyter 名额").click()
    page.get_by_role("link", name="上限和停止").click()
    # The real launcher says by what it holds servers down here.
    expect(page.locator("main")).to_contain_text(re.compile("控制组"))
    page.get_by_label("高峰开始").fill("18:30")
    page.get_by_label("高峰结束").fill("21:30")
    page.get_by_label("这段时间里多少分钟没有使用就停止").fill("30")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    expect(page.get_by_label("高峰开始")).to_have_value("18:30")
    assert (
        latin_words(page.locator("main").inner_html(), ["Jupyter", "JupyterLab", "MB", "cgroup"])
        == []
    )
    for size, where in ((WIDE, "wide"), (NARROW, "narrow")):
        page.set_viewport_size(size)
        organizer.shot(f"school-servers-{where}", full=True)
    assert [line for line in organizer.console if line.startswith("error")] == []
