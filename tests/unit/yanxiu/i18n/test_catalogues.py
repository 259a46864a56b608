"""Sentences exist in both languages, and the catalogues are those of the code."""

import pytest
from yanxiu import i18n
from yanxiu.i18n import Translator, translator


def test_catalogues_are_current_and_english_is_complete():
    assert i18n.problems() == []


def test_chinese_is_the_source():
    assert translator("zh_CN").gettext("请先登录。") == "请先登录。"
    assert translator("en").gettext("请先登录。") == "Please log in."
    assert translator("fr").lang == "zh_CN"


@pytest.mark.parametrize("days, en", [(1, "1 day left"), (3, "3 days left")])
def test_plurals(days, en):
    assert translator("en").ngettext("还有 {n} 天", "还有 {n} 天", days) == en
    assert translator("zh_CN").ngettext("还有 {n} 天", "还有 {n} 天", days) == f"还有 {days} 天"


@pytest.mark.parametrize(
    "text, lang, shown",
    [
        ({"zh_CN": "题", "en": "item"}, "en", "item"),
        ({"zh_CN": "题", "en": ""}, "en", "题"),
        ({"zh_CN": "题"}, "en", "题"),
        ({"zh_CN": "题", "en": "item"}, "zh_CN", "题"),
        ("题", "en", "题"),
        ({}, "en", ""),
    ],
)
def test_content_falls_back_to_chinese(text, lang, shown):
    assert Translator(lang).pick(text) == shown


@pytest.fixture
def locale(tmp_path, monkeypatch):
    monkeypatch.setattr(i18n, "LOCALE", tmp_path)
    return tmp_path


def test_check_finds_a_missing_translation_and_an_old_catalogue(locale, capsys):
    assert i18n.main(["check"]) == 1
    assert "不是最新的" in capsys.readouterr().out
    assert i18n.main(["update"]) == 0
    assert i18n.main(["check"]) == 1
    printed = capsys.readouterr().out
    assert "缺少译文" in printed
    assert "不是最新的" not in printed


def test_check_finds_a_placeholder_that_the_source_does_not_have(locale):
    i18n.main(["update"])
    path = locale / "en" / "LC_MESSAGES" / "messages.po"
    lines = path.read_text("utf-8").split("\n")
    at = lines.index('msgid "{hours} 学时"')
    lines[at + 1] = 'msgstr "{minutes} hours"'
    path.write_text("\n".join(lines), "utf-8")
    assert any("占位符不一致" in one for one in i18n.problems())


def test_anything_else_prints_how(capsys):
    assert i18n.main([]) == 2
    assert "check|update" in capsys.readouterr().out
