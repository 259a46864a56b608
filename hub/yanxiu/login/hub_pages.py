"""Say the hub's pages in the reader's language.

The hub renders every page at one place, ``BaseHandler.render_template``, and gives its
templates no request; ``install`` wraps that place and adds what depends on the reader. It is
a patch of the hub's class, because no setting reaches there; the tests open every page in
both languages and so notice when a later hub renders elsewhere. Called by ``configure``.
"""

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jupyterhub.handlers.base import BaseHandler

from yanxiu.errors import N_, Sentence
from yanxiu.i18n import LANG_COOKIE, LANGUAGES, SOURCE, Translator, translator

#: Our pages in place of the hub's own of the same name.
TEMPLATES = Path(__file__).parent / "hub_templates"
YEAR_DAYS = 365
#: What the hub and the spawner say while a server starts; anything else is not shown.
PROGRESS = {
    "Server requested": N_("已经收到，正在排队……"),
    "正在排队启动，前面还有几位老师，请不要关闭本页……": N_(
        "正在排队启动，前面还有几位老师，请不要关闭本页……"
    ),
    "正在准备您的个人文件夹……": N_("正在准备您的个人文件夹……"),
    "正在启动 Jupyter……": N_("正在启动 Jupyter……"),
    "马上就好……": N_("马上就好……"),
}
#: What an application that asks to be let in would be able to do, by scope.
SCOPES = {
    "read:users:name": N_("知道您的平台编号"),
    "read:users:groups": N_("知道您在哪些课程和教研组里"),
    "access:services": N_("以您的身份打开研修门户"),
    "access:servers": N_("以您的身份打开 Jupyter"),
    "servers": N_("启动和停止您的 Jupyter"),
    "users:activity": N_("登记您的在线时间"),
    "custom:records:learn": N_("获取您的研修单元，提交您的作业"),
    "custom:records:teach": N_("批改、发布成绩、导出"),
}
OTHER_SCOPE = N_("使用平台的其他功能；不清楚是什么就不要同意")


def install() -> None:
    """Make the hub's pages speak the reader's language. A second call changes nothing."""
    stock = BaseHandler.render_template
    if hasattr(stock, "yanxiu"):
        return

    @functools.wraps(stock)
    def render_template(self: Any, name: str, sync: bool = False, **ns: Any) -> Any:
        # The hub does so itself on error pages, but not where a start failed a while ago.
        for header, value in getattr(ns.get("exception"), "headers", {}).items():
            self.set_header(header, value)
        return stock(self, name, sync, **{**reader_words(self), **ns})

    render_template.yanxiu = True  # type: ignore[attr-defined]
    BaseHandler.render_template = render_template


def reader_words(handler: Any) -> dict[str, Any]:
    """Return what the templates get of the reader's language; remember one just chosen."""
    asked = handler.get_query_argument("lang", "")
    if asked in LANGUAGES:
        handler.set_cookie(
            LANG_COOKIE, asked, path=handler.base_url, expires_days=YEAR_DAYS, samesite="Lax"
        )
    return {
        **words(asked or handler.get_cookie(LANG_COOKIE, ""), handler.request.query),
        "next_query": next_query(handler.get_query_argument("next", "")),
    }


def next_query(wanted: str) -> str:
    """Return the query that takes along where a start was to lead, ``""`` for nowhere.

    >>> next_query("/user/u/lab?a=1"), next_query("")
    ('?next=%2Fuser%2Fu%2Flab%3Fa%3D1', '')
    """
    return f"?{urlencode({'next': wanted})}" if wanted else ""


def words(lang: str, query: str = "") -> dict[str, Any]:
    """Return the templates' words in ``lang``, Chinese when there is no such language."""
    tr = translator(lang if lang in LANGUAGES else SOURCE)
    rest = [(key, value) for key, value in parse_qsl(query) if key != "lang"]
    return {
        "_": tr.gettext,
        "t": tr.pick,
        "lang": tr.lang,
        "say": functools.partial(say, tr),
        "languages": [
            (name, "?" + urlencode([*rest, ("lang", key)]), key == tr.lang, key)
            for key, name in (("zh_CN", "中文"), ("en", "English"))
        ],
        "progress_words": {key: tr.gettext(text) for key, text in PROGRESS.items()},
        "scope_words": scope_words(tr),
    }


def say(tr: Translator, message: object) -> str:
    """Return one of our sentences in the reader's language, ``""`` for the hub's English.

    >>> say(translator("en"), "请先登录。"), say(translator("zh_CN"), "No such user")
    ('Please log in.', '')
    """
    if isinstance(message, Sentence):
        return message.say(tr.gettext)
    text = str(message or "")
    return tr.gettext(text) if is_chinese(text) else ""


def is_chinese(text: str) -> bool:
    """Say whether a message is one of ours: the hub's own are English.

    >>> is_chinese("请稍后再试"), is_chinese("No such user"), is_chinese("")
    (True, False, False)
    """
    return any("一" <= character <= "鿿" for character in text or "")


def scope_words(tr: Translator) -> Callable[[list[Mapping[str, Any]]], list[str]]:
    """Return a function that says the hub's scope descriptions in words, each once."""

    def said(descriptions: list[Mapping[str, Any]]) -> list[str]:
        names = [str(one.get("scope", "")).partition("!")[0] for one in descriptions]
        return list(dict.fromkeys(tr.gettext(SCOPES.get(name, OTHER_SCOPE)) for name in names))

    return said
