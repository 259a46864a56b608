"""What every answer carries, what surprises become, and that the frame knows old browsers."""

import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from yanxiu import __version__
from yanxiu.errors import SettingsError
from yanxiu.portal.app import build_app, create_app
from yanxiu.settings.public import layout
from yanxiu.store import tasks
from yanxiu.web import errors
from yanxiu.web.assets import STATIC, static_digest
from yanxiu.web.pages import PACKAGE

from tests.support.browser import HOST, PREFIX, Browser, make_portal
from tests.support.tasks import COUNT, kinds
from tests.support.work import released

PAGES = [
    "",
    "units/{unit}",
    "receipts/{one}",
    "submissions/{one}",
    "account/password",
    "organize/",
    "organize/submissions/{one}",
    "organize/people",
    "nowhere",
    "healthz",
    "api/v1/units",
]


#: The one page with a script: it keeps drafts, and the page does without it.
SCRIPTED = "units/{unit}"


@pytest.fixture
def one(site):
    return released(site)


@pytest.mark.parametrize("path", PAGES)
def test_headers_of_every_answer(site, browse, one, path):
    who = "organizer1" if path.startswith("organize") else "alice"
    answer = browse(who).page(path.format(unit=site.assignment, one=one))
    headers = answer.headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self'"
    if path == SCRIPTED:
        assert re.fullmatch(r"'nonce-[\w-]{20,}'", policy["script-src"])
    else:
        assert "script-src" not in policy, "which leaves 'none'"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert "noindex" in headers["x-robots-tag"]


@pytest.mark.parametrize(
    "path", [path for path in PAGES if not path.startswith(("healthz", "api"))]
)
@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_markup_of_every_page(site, browse, one, path, lang):
    who = "organizer1" if path.startswith("organize") else "alice"
    page = browse(who).page(path.format(unit=site.assignment, one=one) + f"?lang={lang}").text
    assert page.count("<h1") == 1
    assert '<a class="skip-link" href="#content">' in page
    scripts = re.findall(r"<script.*?</script>", page, re.DOTALL)
    assert len(scripts) == page.count("<script") == (path == SCRIPTED)
    assert all(re.fullmatch(r'<script nonce="\S+" src="\S+" defer></script>', s) for s in scripts)
    assert not re.search(r"\sstyle=|\son[a-z]+=", page), "the policy would not let it"
    outside = re.findall(r'(?:src|href|action)="((?:https?:)?//[^"]+)"', page)
    assert outside == []
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for control in re.findall(r"<(?:input|select|textarea)\b[^>]*>", page):
        if 'type="hidden"' in control or 'type="radio"' in control or 'type="checkbox"' in control:
            continue
        key = re.search(r'\sid="([^"]+)"', control)
        labelled = "aria-label" in control or (key and f'for="{key[1]}"' in page)
        wrapped = re.search(r"<label[^>]*>(?:(?!</label>).)*" + re.escape(control), page, re.DOTALL)
        assert labelled or wrapped, control
    if lang == "en":
        frame = page.replace("中文", "")
        for zh in ("我的研修", "修改密码", "退出登录", "提交回执", "保存草稿", "总分"):
            assert zh not in frame


def test_pages_are_compressed(browse):
    answer = browse("alice").get(PREFIX, headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


def test_static_files_are_kept_for_a_year_under_their_digest(anonymous):
    found = re.findall(r'href="([^"]+\.css)"', anonymous.page("nowhere").text)
    assert len(found) == 2
    for path in found:
        answer = anonymous.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/css")
        assert "immutable" in answer.headers["cache-control"]
    assert anonymous.page("static/old/portal.css").headers["cache-control"] == "no-cache"
    digest = static_digest("portal.css")
    for name in ("..%2Fapp.py", "nowhere.css", "%2e%2e"):
        assert anonymous.page(f"static/{digest}/{name}").status_code in (404, 405)


def test_health_looks_at_the_database(site, hub, anonymous, tmp_path, clock):
    answer = anonymous.page("healthz")
    well = {"status": "ok", "version": __version__, "tasks": {}}
    assert (answer.status_code, answer.json()) == (200, well)
    tasks.schedule(site.store, kinds(every=timedelta(minutes=5)))
    clock.advance(hours=2)
    answer = anonymous.page("healthz")  # the service is well, something else is not
    assert (answer.status_code, answer.json()["tasks"]) == (200, {COUNT: "late"})
    with site.store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'old'"))
    answer = anonymous.page("healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "schema")
    for path in tmp_path.glob("db.sqlite*"):
        path.unlink()
    (tmp_path / "db.sqlite").mkdir()
    site.store.engine.dispose()
    answer = anonymous.page("healthz")
    assert (answer.status_code, answer.json()["status"]) == (503, "database")


def test_a_surprise_is_an_id_and_never_what_went_wrong(app, browse, caplog):
    browser = browse("alice")

    def broken(_session, _person):
        raise RuntimeError("艾老师 13800000000 token=abc")

    from yanxiu.work.reads import my_units as learn

    whole, learn.my_units = learn.my_units, broken
    try:
        with caplog.at_level(logging.DEBUG, "yanxiu"):
            answer = browser.page("")
    finally:
        learn.my_units = whole
    assert answer.status_code == 500
    number = re.search(r"编号 ([0-9a-f]{12})", answer.text)[1]
    assert number in caplog.text
    assert "RuntimeError" in caplog.text
    assert "home" in caplog.text
    for secret in ("艾老师", "13800000000", "abc"):
        assert secret not in caplog.text
        assert secret not in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_programs_get_json(anonymous):
    for path, status in (("api/v1/nowhere", 404), ("api/v1/units", 401)):
        answer = anonymous.page(path)
        assert answer.status_code == status
        assert set(answer.json()) == {"code", "message"}
    answer = anonymous.post("/internal/v1/jobs/lease", json={"worker": "w"})
    assert (answer.status_code, answer.json()["code"]) == (401, "worker.token")
    wrong = anonymous.post(
        "/internal/v1/jobs/lease", json={}, headers={"authorization": f"token {'w' * 64}"}
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "request.format")


def test_the_internal_interface_is_not_under_the_public_prefix(anonymous):
    assert anonymous.post(f"{PREFIX}internal/v1/jobs/lease", json={}).status_code == 404


@pytest.mark.parametrize(
    "method, path", [("PUT", ""), ("DELETE", "organize/"), ("POST", "organize/")]
)
def test_wrong_methods_are_told_so_on_a_page(anonymous, method, path):
    answer = anonymous.request(method, PREFIX + path)
    assert answer.status_code == 405
    assert "这个地址不能这样打开" in answer.text


def test_a_form_without_a_length_or_far_too_long_is_refused(site, browse):
    browser = browse("alice")

    def chunks():
        yield b"a=1"

    path = f"{PREFIX}units/{site.assignment}"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert browser.post(path, content=chunks(), headers=kind).status_code == 411
    answer = browser.post(path, content=b"a=" + b"x" * 2_100_000, headers=kind)
    assert answer.status_code == 413
    assert "超过 1 MB" in answer.text


def test_the_environment_that_is_missing_is_named(tmp_path):
    with pytest.raises(SettingsError, match="YANXIU_DATA"):
        create_app({})
    with pytest.raises(SettingsError, match="YANXIU_SESSION_KEY"):
        create_app({"YANXIU_DATA": str(tmp_path)})


def test_secrets_are_not_printed(site, hub):
    portal = make_portal(site, hub)
    for secret in (portal.session_key, portal.worker_token, portal.hub_api_token):
        assert secret not in repr(portal)


def test_a_cookie_is_secure_when_the_site_is(site, hub):
    https = layout("https://yanxiu.example", "https://jupyter.example")
    with Browser(build_app(make_portal(site, hub, layout=https)), base_url=HOST) as browser:
        cookie = browser.page("").headers["set-cookie"]
        assert cookie.startswith("__Host-yanxiu-records-login-")
        assert "; Secure" in cookie
        assert "; Path=/;" in cookie


# ---- Chromium 86 ---------------------------------------------------------------------------

#: What browsers learned after Chromium 86 (2020), by a pattern that finds it in CSS …
TOO_NEW_CSS = {
    "nesting": r"\{[^{}]*&[^{}]*\{|^\s*&",
    ":has/:is/:where": r":(has|is|where)\(",
    "container queries": r"@container|container-(type|name)",
    "cascade layers": r"@layer",
    "aspect-ratio": r"aspect-ratio",
    "accent-color": r"accent-color",
    "inset": r"(?<![\w-])inset(-block|-inline)?\s*:",
    "logical shorthands": r"(margin|padding|border)-(inline|block)\s*:",
    "dynamic viewport": r"\d(d|s|l)v[hw]\b",
    "color functions": r"color-mix\(|oklch\(|lab\(|hwb\(|light-dark\(",
    "subgrid": r"subgrid",
    "individual transforms": r"(?<![\w-])(translate|rotate|scale)\s*:",
    "range media queries": r"@media[^{]*[<>]=?",
    "text-wrap": r"text-wrap|white-space-collapse",
    "property": r"@property|@scope|@starting-style|@view-transition|@supports selector",
    "overflow clip": r"overflow(-[xy])?\s*:\s*clip|scrollbar-(gutter|color|width)",
    "content-visibility keywords": r"content-visibility\s*:\s*auto|contain-intrinsic",
    "backdrop": r"::backdrop|:popover-open|:modal|:user-(in)?valid|::details-content",
}
#: … and in markup.
TOO_NEW_HTML = {
    "dialog, search, popover": r"<(dialog|search|selectedcontent)\b|\spopover(target)?[\s=>]",
    "inert": r"\sinert[\s=>]",
    "details name": r"<details[^>]*\sname=",
    "fetchpriority": r"fetchpriority",
    "scripts of the page's own": r"<script(?! nonce=)",
    "declarative shadow": r"shadowrootmode",
}


#: … and in scripts.
TOO_NEW_JS = {
    "logical assignment is 85, class fields and blocks are later": r"static \{|#\w+\s*[=(;]",
    "methods": r"\.(at|replaceAll|findLast|hasOwn|groupBy|toSorted|withResolvers)\(",
    "globals": r"structuredClone|AggregateError|Promise\.any|AbortSignal\.timeout|scheduler\.",
    "modules": r"^\s*(import|export)\s|await import",
}


def styles():
    found = {path.name: path.read_text("utf-8") for path in STATIC.glob("*.css")}
    notebook = (PACKAGE / "work" / "templates" / "notebook.html").read_text("utf-8")
    found["notebook.html"] = notebook.partition("<style>")[2].partition("</style>")[0]
    return found


def too_new(text, rules):
    plain = re.sub(r"/\*.*?\*/|\{#.*?#\}", "", text, flags=re.DOTALL)
    return {name for name, pattern in rules.items() if re.search(pattern, plain, re.MULTILINE)}


@pytest.mark.parametrize("name", sorted(styles()))
def test_styles_are_those_of_chromium_86(name):
    assert too_new(styles()[name], TOO_NEW_CSS) == set()


@pytest.mark.parametrize("path", sorted(STATIC.glob("*.js")), ids=lambda p: p.name)
def test_scripts_are_those_of_chromium_86(path: Path):
    assert too_new(path.read_text("utf-8"), TOO_NEW_JS) == set()


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*/templates/*.html")), ids=lambda p: p.name)
def test_markup_is_that_of_chromium_86(path: Path):
    assert too_new(path.read_text("utf-8"), TOO_NEW_HTML) == set()


@pytest.mark.parametrize(
    "css, feature",
    [
        (".a { color: red; & .b { color: blue } }", "nesting"),
        (".a:has(.b) {}", ":has/:is/:where"),
        (".a { inset: 0 }", "inset"),
        ("@media (width >= 40rem) {}", "range media queries"),
        (".a { aspect-ratio: 1 }", "aspect-ratio"),
        (".a { margin-inline: auto }", "logical shorthands"),
        (".a { scale: 1.1 }", "individual transforms"),
        (".a { height: 100dvh }", "dynamic viewport"),
    ],
)
def test_the_rule_finds_what_is_too_new(css, feature):
    assert feature in too_new(css, TOO_NEW_CSS)


def test_the_rule_leaves_alone_what_is_old_enough():
    css = ".a { box-shadow: inset 0 0 1px; transform: scale(2); min-height: 100vh } /* :has( */"
    assert too_new(css, TOO_NEW_CSS) == set()


def test_no_style_or_template_reaches_another_host():
    for text_of in (
        *styles().values(),
        *(p.read_text("utf-8") for p in PACKAGE.glob("*/templates/*")),
    ):
        assert not re.search(r"(?:url\(|src=|href=|@import)\s*[\"']?(?:https?:)?//", text_of)


LAYERS = ["yanxiu.web.sessions.Renewal._renew", "yanxiu.web.headers.MutableHeaders"]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_that_falls_over_is_a_page_too(app, browse, monkeypatch, layer):
    def broken(*_: object) -> None:
        raise RuntimeError("13800000000 token=abc")

    browser = browse("alice")
    monkeypatch.setattr(layer, broken)
    answer = browser.page("")
    assert answer.status_code == 500
    assert re.search(r"编号 [0-9a-f]{12}", answer.text)
    assert "13800000000" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    # Without the outermost layer nobody catches it: the server says two words of English.
    outermost = app.user_middleware.pop(0)
    assert outermost.cls is errors.Surprises
    app.middleware_stack = None
    with pytest.raises(ConnectionAbortedError):
        browser.page("")
