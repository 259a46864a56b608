"""An executed notebook is shown, and whatever a learner wrote in it can do nothing."""

import shutil

import nbformat
import pytest
from yanxiu.errors import Refused
from yanxiu.sandbox.inside import render
from yanxiu.web.heavy import Places
from yanxiu.work.pages import notebooks

from tests.support.work import graded, released

ATTACKS = [
    "<script>fetch('/hub/api/users')</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<iframe src='/services/records/organize/'></iframe>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example'>",
    "<form action='/services/records/organize/units/1/release' method=post><button>好</button></form>",
    "<a href='javascript:alert(1)'>x</a>",
    "<base href='https://elsewhere.example'>",
    "<link rel=stylesheet href='https://elsewhere.example/x.css'>",
    "<style>@import 'https://elsewhere.example/x.css'</style>",
    "<object data='https://elsewhere.example/x.swf'></object>",
    "</body></html><script>alert(1)</script>",
]


def notebook(html):
    v4 = nbformat.v4
    return nbformat.writes(
        v4.new_notebook(
            cells=[
                v4.new_markdown_cell("# 学情分析\n" + html),
                v4.new_code_cell(
                    "df.head()",
                    outputs=[
                        v4.new_output(
                            "execute_result",
                            {"text/html": f"<table><tr><td>S01</td></tr></table>{html}"},
                            execution_count=1,
                        ),
                        v4.new_output("display_data", {"image/svg+xml": html}),
                        v4.new_output("display_data", {"application/javascript": "alert(1)"}),
                        v4.new_output("stream", text=html),
                        v4.new_output(
                            "display_data", {"image/png": "iVBORw0KGgo=", "text/plain": "图"}
                        ),
                    ],
                ),
            ]
        )
    ).encode()


@pytest.mark.parametrize("html", ATTACKS)
def test_nothing_that_acts_survives(site, browse, html):
    one = graded(site, executed=notebook(html))
    text = browse("organizer1").page(f"submissions/{one}/executed").text.lower()
    body = text.split("<body>")[1]
    for tag in (
        "<script",
        "<iframe",
        "<meta",
        "<form",
        "<base",
        "<link",
        "<object",
        "<svg",
        "<style",
    ):
        assert tag not in body
    for tag in ("<img", "<a "):
        for piece in body.split(tag)[1:]:
            attributes = piece.split(">")[0]
            assert "onerror" not in attributes
            assert "javascript:" not in attributes


def test_the_response_could_do_nothing_even_if_it_did_survive(site, browse):
    one = graded(site, executed=notebook(""))
    answer = browse("organizer1").page(f"submissions/{one}/executed")
    policy = [part.strip() for part in answer.headers["content-security-policy"].split(";")]
    assert "sandbox" in policy, "an opaque origin, without scripts or forms"
    assert "default-src 'none'" in policy
    assert "img-src data:" in policy
    assert not any("allow-" in part for part in policy)
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "<td>s01</td>" in answer.text.lower()
    assert "data:image/png;base64" in answer.text


@pytest.mark.browser
@pytest.mark.parametrize("policy, runs", [(None, True), (notebooks.POLICY, False)])
def test_a_browser_runs_nothing_under_the_policy(policy, runs):
    """Suppose the cleaning missed a script: with the policy it does not run, without it does."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("needs Chromium")
    html = "<title>quiet</title><script>document.title = document.cookie || 'ran'</script>"
    headers = {"Content-Type": "text/html"}
    if policy:
        headers["Content-Security-Policy"] = policy
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", lambda route: route.fulfill(body=html, headers=headers))
        page.goto("http://portal.example/services/records/submissions/1/executed")
        assert page.title() == ("ran" if runs else "quiet")
        browser.close()


def test_pages_frame_it_without_any_permission(site, browse):
    one = graded(site, executed=notebook(""))
    page = browse("organizer1").page(f"organize/submissions/{one}").text
    assert '<iframe class="notebook" sandbox=""' in page


def test_the_attack_is_there_without_the_cleaning(site, browse, monkeypatch):
    """So that the tests above see the cleaning at work, not a page that drops HTML anyway."""
    monkeypatch.setattr(render, "clean", str)
    one = graded(site, executed=notebook(ATTACKS[0]))
    assert "<script>fetch(" in browse("alice").page(f"submissions/{one}/executed").text


def test_errors_are_shown_line_by_line(site, browse):
    v4 = nbformat.v4
    lines = ["\x1b[31mZeroDivisionError\x1b[0m", "division by zero"]
    output = v4.new_output("error", ename="ZeroDivisionError", evalue="", traceback=lines)
    cell = v4.new_code_cell("1/0", outputs=[output])
    data = nbformat.writes(v4.new_notebook(cells=[cell])).encode()
    text = browse("alice").page(f"submissions/{graded(site, executed=data)}/executed").text
    assert "division by zero" in text
    assert "ZeroDivisionError" in text
    assert "\x1b" not in text


def test_megabytes_of_output_are_cut_and_do_not_hold_up_a_thread(site, browse):
    table = "<table>" + "<tr><td>S01</td></tr>" * 100_000 + "</table>"
    cell = nbformat.v4.new_code_cell(
        "x = 1\n" * 200_000,
        outputs=[nbformat.v4.new_output("display_data", {"text/html": table})] * 2,
    )
    data = nbformat.writes(nbformat.v4.new_notebook(cells=[cell])).encode()
    one = graded(site, executed=data)
    answer = browse("alice").page(f"submissions/{one}/executed")
    assert answer.status_code == 200
    assert len(answer.content) < 4_000_000
    assert "…" in answer.text


def test_a_submission_without_a_notebook_says_so(site, browse):
    one = graded(site)
    answer = browse("alice").page(f"submissions/{one}/executed")
    assert answer.status_code == 404
    assert "没有执行过的笔记本" in answer.text


def test_what_was_not_rendered_says_so_and_is_there_as_a_file(site, browse):
    one = released(site, executed=b"not rendered")
    alice, organizer = browse("alice"), browse("organizer1")
    answer = alice.page(f"submissions/{one}/executed")
    assert answer.status_code == 422
    assert "太复杂" in answer.text and "下载" in answer.text
    for browser, page in (
        (alice, f"submissions/{one}"),
        (organizer, f"organize/submissions/{one}"),
    ):
        text = browser.page(page).text
        assert "太复杂" in text and "<iframe" not in text
        assert f"submissions/{one}/executed.ipynb" in text
        file = browser.page(f"submissions/{one}/executed.ipynb")
        assert file.content == b"not rendered"


def test_a_notebook_is_a_file_that_no_browser_opens(site, browse):
    book = notebook(ATTACKS[0])
    one = graded(site, executed=book)
    answer = browse("alice").page(f"submissions/{one}/executed.ipynb")
    assert answer.content == book
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_stored_page_is_served_byte_by_byte_whatever_is_in_it(site, browse, monkeypatch):
    """Not cleaned, not parsed: what the run wrote is what comes, under the policy."""
    monkeypatch.setattr(render, "unlimited", lambda cells: "</b><unheard-of>" + "x" * 600_000)
    one = graded(site, executed=notebook(""))
    answer = browse("alice").page(f"submissions/{one}/executed")
    assert "</b><unheard-of>" + "x" * 600_000 in answer.text
    assert answer.headers["content-security-policy"] == notebooks.POLICY


def test_its_own_words_come_in_both_languages_and_the_style_shows_one(site, browse):
    one = graded(site, executed=notebook(""))
    text = browse("alice").page(f"submissions/{one}/executed").text
    assert '<span class="ui" lang="zh-CN">代码</span><span class="ui" lang="en">Code</span>' in text
    assert "html:lang(en) .ui" in text


def test_a_refusal_of_it_is_seen_in_the_frame_that_asked(site, browse, monkeypatch):
    """The third heavy page of somebody: the browser shows no frame that does not say it may be one."""
    one = graded(site, executed=notebook(""))
    organizer = browse("organizer1")

    def busy(*_):
        raise Refused("heavy.busy", "请稍候。", status=429)

    monkeypatch.setattr(Places, "take", busy)
    for path, framed in (("executed", "'self'"), ("executed.ipynb", "'none'")):
        answer = organizer.page(f"submissions/{one}/{path}")
        assert answer.status_code == 429 and "请稍候" in answer.text
        assert f"frame-ancestors {framed}" in answer.headers["content-security-policy"]


def test_what_is_gone_or_was_never_rendered_says_so_in_the_frame(site, browse):
    one = graded(site, executed=b"{}")
    answer = browse("organizer1").page(f"submissions/{one}/executed")
    assert answer.status_code == 422
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors 'self'" in policy and "default-src 'none'" in policy


def test_of_which_nothing_was_left_the_page_offers_to_try_again(site, browse):
    one = graded(site, run_a={"outcome": "ok", "shown": "memory"})
    page = browse("organizer1").page(f"organize/submissions/{one}").text
    assert "没有留下可以看的文件" in page and "重新批改，再显示一次" in page
