"""The authors' commands: they run the builder apart, and the preview shows what a teacher will see."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest
from click.testing import CliRunner
from yanxiu.cli import main
from yanxiu.cli.preview import tool as tools
from yanxiu.cli.preview.pages import make_app
from yanxiu.cli.preview.tool import Failed, Tool, find_tool
from yanxiu.cli.preview.workshop import Workshop
from yanxiu.errors import SettingsError

ROOT = Path(__file__).parents[4]
LOCAL = "http://127.0.0.1:8123"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient


@pytest.fixture(scope="module")
def tool():
    return Tool(find_tool(ROOT))


@pytest.fixture(scope="module")
def made(tool, tmp_path_factory):
    """A course that ``new`` made, in a workshop that built it once."""
    folder = tmp_path_factory.mktemp("preview") / "my-course"
    tool._output("new", str(folder))
    shop = Workshop(folder, tool)
    shop.look()
    yield shop
    shop.close()


@pytest.fixture
def browser(made):
    return TestClient(make_app(made), base_url=LOCAL, headers={"origin": LOCAL})


def command(*arguments, cwd=ROOT):
    return subprocess.run(
        [sys.executable, "-c", "from yanxiu.cli import main; main()", "course", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "YANXIU_LANG": "zh_CN"},
        check=False,
    )


def test_from_nothing_to_a_release(tmp_path):
    course = tmp_path / "my-course"
    assert "已新建" in command("new", str(course)).stdout
    lint = command("lint", str(course))
    assert (lint.returncode, lint.stdout) == (0, "课程 my-course 没有问题，1 个单元。\n")
    built = command("build", str(course), "--out", str(tmp_path / "out"))
    assert "课程 my-course 已生成：8 个文件" in built.stdout
    again = command("new", str(course), "u1")
    assert again.returncode == 1
    assert "已经有了" in again.stderr


def test_a_place_without_the_builder_says_where_to_go(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "installed", lambda: None)
    with pytest.raises(SettingsError, match=r"courses/build\.py"):
        find_tool(tmp_path)
    assert find_tool(ROOT / "docs" / "how-to") == ROOT / "courses/build.py"


def test_outside_the_sources_the_installed_builder_is_used(tmp_path, monkeypatch):
    monkeypatch.setattr(tools, "installed", lambda: ROOT / "courses")
    assert find_tool(tmp_path) == ROOT / "courses/build.py"


def test_the_builder_sees_nothing_of_our_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("YANXIU_DATABASE_URL", "postgresql+psycopg://u:secret@h/db")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    program = tmp_path / "courses/build.py"
    program.parent.mkdir()
    program.write_text("import json, os; print(json.dumps(dict(os.environ)))")
    seen = json.loads(Tool(program)._output())
    assert "secret" not in json.dumps(seen)
    assert set(seen) <= {*tools.SEEN, "LC_CTYPE"}


@pytest.mark.parametrize(
    "program, sentence",
    [
        ("import sys; print('坏了', file=sys.stderr); sys.exit(1)", "坏了"),
        ("import sys; sys.exit(1)", "没有说明原因|No reason given"),
    ],
)
def test_a_builder_that_fails_says_why(tmp_path, program, sentence):
    path = tmp_path / "build.py"
    path.write_text(program)
    with pytest.raises(Failed, match=sentence):
        Tool(path).build(tmp_path, tmp_path)


def test_the_form_is_that_of_the_portal(browser):
    page = browser.get("/u1/?lang=zh_CN").text
    assert 'name="a.right"' in page
    assert 'class="task-number"' in page
    assert "看例" in page
    assert "<td>S01</td>" in page
    assert 'lang="en"' in browser.get("/u1/?lang=en").text
    assert "Count" in browser.get("/u1/?lang=en").text


def test_a_sent_form_is_checked_and_scored(browser):
    wrong = browser.post("/u1/?lang=zh_CN", data={"a.right": "十一", "a.hardest": "q1"}).text
    assert "“十一”不是数字" in wrong
    assert "比一比每道题答对的人数" in wrong
    right = browser.post("/u1/?lang=zh_CN", data={"a.right": "11", "a.hardest": "q3"}).text
    assert "系统评分：40" in right
    assert 'value="11"' in browser.get("/u1/").text, "a reload keeps what was typed"


def test_the_notebook_is_executed_and_cannot_run_anything(browser):
    answer = browser.get("/u1/executed")
    assert "数一数" in answer.text
    assert "第1题" in answer.text
    assert answer.headers["content-security-policy"].startswith("sandbox;")
    assert 'sandbox=""' in browser.get("/u1/notebook").text


def test_only_this_machine_and_its_own_pages_are_answered(browser):
    assert browser.get("/", headers={"host": "evil.example"}).status_code == 400
    for origin in ("http://evil.example", "null", ""):
        sent = browser.post("/u1/", data={"a.right": "1"}, headers={"origin": origin})
        assert sent.status_code == 403
    assert browser.get("/none/").status_code == 404
    assert browser.get("/u1/data/..%2Fscore.py").status_code == 404
    assert browser.get("/u1/data/score.py").status_code == 404
    assert browser.get("/static/x/..%2Fbase.html").status_code == 404
    policy = browser.get("/").headers["content-security-policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_mistake_is_a_sentence_on_the_page_and_the_last_good_version_stays(made, browser):
    path = made.course / "u1/unit.yaml"
    good = path.read_text("utf-8")
    assert made.look() is False
    before = made.version
    try:
        path.write_text(good.replace("minutes: 30", "minuts: 30"), encoding="utf-8")
        assert made.look() is True
        page = browser.get("/u1/").text
        assert "minuts 是不是 minutes？" in page
        assert 'name="a.right"' in page
        assert browser.get("/version").text == str(before + 1)
    finally:
        path.write_text(good, encoding="utf-8")
    assert made.look() is True
    assert made.problems == []


def test_a_score_that_breaks_is_a_sentence_on_the_page(made, browser):
    score = made.folder("scoring", "u1") / "score.py"
    good = score.read_text("utf-8")
    try:
        score.write_text("def score(answers, data): raise ValueError('算错了')\n", encoding="utf-8")
        page = browser.post("/u1/", data={"a.right": "1"}).text
    finally:
        score.write_text(good, encoding="utf-8")
    assert "算错了" in page
    assert "Traceback" not in page


def test_a_change_is_seen_without_asking(made):
    shop = Workshop(made.course, made.tool)
    shop.start()
    try:
        assert shop.version == 1
        intro = made.course / "u1/intro.md"
        intro.write_text(intro.read_text("utf-8") + "\n", encoding="utf-8")
        until = time.monotonic() + 60
        while shop.version < 2 and time.monotonic() < until:
            threading.Event().wait(0.05)
        assert shop.version >= 2
    finally:
        shop.close()
    assert not shop.release.exists()


def test_a_taken_port_and_a_missing_folder_are_sentences(tmp_path, monkeypatch):
    monkeypatch.setenv("YANXIU_LANG", "zh_CN")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        ran = CliRunner().invoke(main, ["course", "preview", str(tmp_path), "--port", port])
    assert ran.exit_code == 1
    assert "正在被别的程序使用" in ran.output
    ran = CliRunner().invoke(main, ["course", "preview", str(tmp_path / "none")])
    assert ran.exit_code == 1
    assert "没有这个课程文件夹" in ran.output
