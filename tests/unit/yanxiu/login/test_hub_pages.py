"""Every page of the hub in both languages, and nothing of the stock pages left."""

from datetime import datetime
from pathlib import Path
from types import SimpleNamespace

import jinja2
import jupyterhub
import pytest
from jupyterhub._data import DATA_FILES_PATH
from yanxiu import scopes
from yanxiu.errors import Sentence
from yanxiu.i18n import translator
from yanxiu.login import hub_pages as hubpages
from yanxiu.login import self_test
from yanxiu.login.guessing import too_early
from yanxiu.login.hub_pages import TEMPLATES
from yanxiu.login.self_test import Row
from yanxiu.quota.engine import Denied, Waiting
from yanxiu.quota.rules import Code, Reason, Resource
from yanxiu.settings.model import Text
from yanxiu.spawn.refusal import no_place

from tests.support.languages import chinese_words, latin_words

STOCK = Path(DATA_FILES_PATH) / "templates"
TOO_EARLY = Sentence(too_early(900))
USER = SimpleNamespace(name="uabcdefghij234567", escaped_name="uabcdefghij234567", url="/user/u/")
FRAME = {
    "base_url": "/hub/",
    "prefix": "/",
    "user": USER,
    "login_url": "/hub/login",
    "logout_url": "/hub/logout",
    "xsrf": "x",
    "static": {"yanxiu.css": "a", "hub.js": "b", "favicon.svg": "c"},
    "isolation": False,
    "portal_url": "/services/records/",
    "site_name": Text(zh_CN="云溪县教师研修中心", en="Yunxi Teacher Centre"),
    "display_name": "",
    "sso": [{"id": "xian", "title": Text(zh_CN="县统一认证", en="County login")}],
}
SPAWNER = SimpleNamespace(active=True, ready=True)
_REASON = Reason(Code.CEILING, "123", "2133000001", Resource.SERVERS, 30.0, 30.0)
IN_LINE = no_place(Waiting(_REASON, 3, 2, 600.0), ["456"])
NO_LINE = no_place(Denied(_REASON), [])
#: Every template, in every state that looks different.
PAGES = [
    ("404.html", {"status_code": 404, "message": ""}),
    ("accept-share.html", {}),
    *[("error.html", {"status_code": code, "message": "English of the hub"}) for code in
      (400, 401, 403, 404, 405, 409, 413, 418, 429, 500, 503)],
    ("error.html", {"status_code": 429, "message": TOO_EARLY}),
    ("error.html", {"status_code": 404, "message": "", "user": None}),
    *[("error.html", {"status_code": 429, "message": "", "exception": one})
      for one in (IN_LINE, NO_LINE)],
    ("home.html", {"default_server": SPAWNER, "url": "/spawn"}),
    ("home.html", {"default_server": SimpleNamespace(active=False), "url": "/spawn"}),
    ("login.html", {"user": None, "authenticator_login_url": "/hub/login", "username": "", "next": ""}),
    ("login.html", {"user": None, "authenticator_login_url": "/", "login_error": TOO_EARLY}),
    ("login.html", {"user": None, "authenticator_login_url": "/", "login_error": "Bad Request"}),
    ("logout.html", {"user": None}),
    ("not_running.html", {"spawn_url": "/spawn", "failed": False}),
    ("not_running.html", {"spawn_url": "/spawn", "failed": True, "failed_message": "Traceback"}),
    ("not_running.html", {"spawn_url": "/spawn", "failed": True, "failed_message": TOO_EARLY}),
    *[("not_running.html", {"spawn_url": "/spawn", "failed": True, "exception": one})
      for one in (IN_LINE, NO_LINE)],
    ("oauth.html", {
        "oauth_client": SimpleNamespace(description="123"),
        "allowed_scopes": ["a"],
        "scope_descriptions": [
            {"scope": f"{grant.scope}", "description": "In English", "filter": "x"}
            for grant in (*scopes.USER, *scopes.SERVER)
        ] + [{"scope": "admin:users", "description": "Administer"}],
    }),
    ("spawn.html", {"url": "/spawn", "spawner_options_form": "", "error_message": "Wrong"}),
    ("spawn_pending.html", {"progress_url": "/progress", "spawner": SPAWNER}),
    ("stop_pending.html", {"spawner": SPAWNER}),
    ("sso_waiting.html", {"user": None, "refused": False, "org": "123"}),
    ("sso_waiting.html", {"user": None, "refused": True, "org": "123"}),
    ("sso_test.html", {
        "provider": Text(zh_CN="县统一认证", en="County login").model_dump(),
        "provider_id": "1",
        "rows": [Row(title, "1", "2", read, verdict) for title in self_test.FIELDS.values()
                 for read in ("3", "", self_test.GONE)
                 for verdict in (self_test.READ, self_test.MISSING, self_test.UNREADABLE)],
        "others": ["4", "5"],
        "outlook": "请先登录。",
    }),
    ("token.html", {"api_tokens": [
        SimpleNamespace(note="Server at /user/u/", expires_at=None),
        SimpleNamespace(note="Requested via api", expires_at=datetime(2026, 9, 1)),
    ]}),
]  # fmt: skip


def render(name, lang, namespace):
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.Undefined
    )
    words = hubpages.words(lang, "next=%2Fhub%2Fhome")
    return env.get_template(name).render({**FRAME, **words, **namespace})


def test_every_page_that_the_hub_can_show_is_ours_and_is_tried():
    ours = {path.name for path in TEMPLATES.glob("*.html")}
    # The admin page needs a scope that nobody holds (identity/scopes.py).
    assert {path.name for path in STOCK.glob("*.html")} - ours == {"admin.html"}
    parts = {name for name in ours if name.startswith("_")}
    assert ours - {"page.html"} - parts == {name for name, _ in PAGES}


@pytest.mark.parametrize("name, namespace", PAGES)
def test_a_chinese_page_has_no_english_and_an_english_page_no_chinese(name, namespace):
    chinese, english = (render(name, lang, namespace) for lang in ("zh_CN", "en"))
    assert latin_words(chinese) == []
    assert chinese_words(english) == []
    assert '<html lang="zh-CN">' in chinese
    assert '<html lang="en">' in english
    assert "云溪县教师研修中心" in chinese
    assert "Yunxi Teacher Centre" in english


def test_the_search_finds_what_it_is_for():
    """So that an empty list means that there is nothing."""
    html = '<p title="Zeit">您好 world<script>var code</script><input type="submit" value="Go"></p>'
    assert latin_words(html) == ["Zeit", "world", "Go"]
    assert chinese_words(html) == ["您好"]
    assert latin_words(html, ["Zeit", "world"]) == ["Go"]


def test_a_page_keeps_its_address_when_the_language_changes():
    [chinese, english] = hubpages.words("en", "next=%2Fhub%2Fhome&lang=en")["languages"]
    assert chinese[1] == "?next=%2Fhub%2Fhome&lang=zh_CN"
    assert (english[2], chinese[2]) == (True, False)


def test_a_refusal_is_said_in_the_language_of_its_reader():
    assert hubpages.say(translator("zh_CN"), TOO_EARLY) == str(TOO_EARLY)
    assert "15 minutes" in hubpages.say(translator("en"), TOO_EARLY)
    assert hubpages.say(translator("en"), None) == ""


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("请稍后再试", True),
        ("No such user: x", False),
        ("", False),
        (None, False),
        ("409 冲突", True),
    ],
)
def test_the_hubs_english_is_told_from_our_sentences(text, ours):
    assert hubpages.is_chinese(text) is ours


@pytest.mark.parametrize("page", ["error.html", "not_running.html"])
def test_who_is_in_line_is_led_to_the_line_and_nobody_else(page):
    namespace = {"status_code": 429, "failed": True, "next_query": "?next=%2Fuser%2Fu%2Flab"}
    line = "/services/records/line?next=%2Fuser%2Fu%2Flab"
    waits = render(page, "zh_CN", {**namespace, "exception": IN_LINE})
    assert f'<meta http-equiv="refresh" content="15; url={line}">' in waits
    assert f'href="{line}"' in waits
    assert "123 30/30 台在用" in waits
    stays = render(page, "zh_CN", {**namespace, "exception": NO_LINE})
    assert "refresh" not in stays
    assert "/line" not in stays
    assert "30/30 台在用" in stays


def test_installing_twice_wraps_once():
    from jupyterhub.handlers.base import BaseHandler

    hubpages.install()
    once = BaseHandler.render_template
    hubpages.install()
    assert BaseHandler.render_template is once
    assert jupyterhub.__version__.startswith("6.")
