"""The same tasks in a real Voila: they show, they save, and nothing comes from elsewhere."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import NARROW, SHOTS, WIDE
from tests.support.site import ROOT

pytestmark = pytest.mark.browser
START_S, SHOW_MS = 90, 60_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that a learner of the example course gets."""
    out = tmp_path_factory.mktemp("voila") / "release"
    command = [sys.executable, str(ROOT / "courses/build.py"), str(ROOT / "courses/example-course")]
    subprocess.run([*command, "--out", str(out)], check=True, capture_output=True)
    return Path(shutil.copytree(out / "learner/tour", out.parent / "tour"))


@pytest.fixture(scope="module")
def voila(folder: Path) -> Iterator[str]:
    """A Voila that serves its notebook on this machine alone."""
    pytest.importorskip("voila", reason="Voila is not installed: requirements-dev.lock has it")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (folder.parent / "voila.log").open("wb")
    program = subprocess.Popen(
        [
            *(sys.executable, "-m", "voila", "tour.ipynb", "--no-browser", f"--port={port}"),
            *("--Voila.ip=127.0.0.1", "--show_tracebacks=True"),
        ],
        cwd=folder,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}/"
    try:
        until = time.monotonic() + START_S
        while True:
            assert program.poll() is None, (folder.parent / "voila.log").read_text()
            try:
                with urlopen(f"{address}voila/static/", timeout=5):
                    break
            except OSError as error:
                if getattr(error, "code", None):  # any answer is an answer
                    break
                assert time.monotonic() < until, "Voila did not start"
                time.sleep(0.2)
        yield address
    finally:
        program.terminate()
        program.wait(timeout=20)
        log.close()


@pytest.fixture
def page(chromium: Browser, voila: str) -> Iterator[Page]:
    """The notebook as an app; what it asks of other places is refused and noted."""
    context = chromium.new_context(viewport=WIDE, locale="zh-CN")
    page = context.new_page()
    page.asked = []  # type: ignore[attr-defined]

    def judge(route):
        if route.request.url.startswith((voila, "data:", "blob:")):
            route.continue_()
        else:
            page.asked.append(route.request.url)  # type: ignore[attr-defined]
            route.abort()

    context.route("**/*", judge)
    page.goto(voila, timeout=SHOW_MS)
    page.get_by_text("附上您的材料").first.wait_for(timeout=SHOW_MS)
    page.locator("select").first.wait_for(timeout=SHOW_MS)
    yield page
    context.close()


def answers(folder: Path, task: str, wanted: object) -> None:
    """Wait until the answer to ``task`` is on disk."""
    until = time.monotonic() + 30
    found = None
    while time.monotonic() < until:
        path = folder / "answers.json"
        if path.is_file():
            found = json.loads(path.read_text("utf-8"))["answers"].get(task)
            if found == wanted:
                return
        time.sleep(0.05)
    raise AssertionError(f"{task}: {found!r}, not {wanted!r}")


def test_the_widgets_show_and_save_and_ask_nothing_of_others(page: Page, folder: Path) -> None:
    page.get_by_placeholder("填整数").first.fill("6")
    page.keyboard.press("Tab")
    answers(folder, "pupils", 6)
    page.get_by_label("核对标准答案").select_option("1")
    page.get_by_label("重读可疑的题").select_option("2")
    page.get_by_label("当面问学生").select_option("3")
    answers(folder, "steps", ["key", "items", "talk"])
    page.get_by_label("区分度 0.05").select_option("会的和不会的分不开")
    answers(folder, "meaning", {"p": None, "d": "same", "c": None})
    plan = folder.parent / "教案.docx"
    plan.write_bytes(b"PK plan")
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="选择文件").click()
    chooser.value.set_files(str(plan))
    until = time.monotonic() + 30
    while not (folder / "files/material/教案.docx").is_file():
        assert time.monotonic() < until, "the file did not arrive"
        time.sleep(0.05)
    page.get_by_text("教案.docx").first.wait_for()
    SHOTS.mkdir(parents=True, exist_ok=True)
    box = page.get_by_label("当面问学生")
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        box.scroll_into_view_if_needed()
        page.screenshot(path=SHOTS / f"voila-{size['width']}.png")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size["width"], f"the app is {wide} px wide on a screen of {size['width']}"
    # Voila's own template wants an icon font from elsewhere; refused, nothing is missing but
    # pictures on buttons. Of us there is nothing.
    others = [url for url in page.asked if "fontawesome" not in url]  # type: ignore[attr-defined]
    assert others == []


def test_a_keyboard_is_enough(page: Page, folder: Path) -> None:
    page.get_by_label("通过率 0.90").focus()
    for _ in range(4):  # 请选择, 分不开, 规律不一样, 很难, 很容易
        page.keyboard.press("ArrowDown")
    until = time.monotonic() + 30
    while time.monotonic() < until:
        path = folder / "answers.json"
        saved = json.loads(path.read_text("utf-8"))["answers"] if path.is_file() else {}
        if saved.get("meaning", {}).get("p") == "easy":
            return
        time.sleep(0.05)
    raise AssertionError(saved)


def test_what_stands_beside_a_box_is_said_of_it(page: Page) -> None:
    """A screen reader finds a name for every box: its label, or its title in a grid."""
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('.jupyter-widgets select, .jupyter-widgets input[type=text], .jupyter-widgets textarea')]
        .filter(box => !(box.title || (box.labels && [...box.labels].some(one => one.textContent.trim()))))
        .map(box => box.outerHTML.slice(0, 120))"""
    )
    assert nameless == []
