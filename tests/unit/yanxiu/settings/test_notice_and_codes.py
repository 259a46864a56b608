"""The privacy notice and the code tables: the platform's own, a site's own, and broken ones."""

import pytest
from yanxiu.errors import SettingsError
from yanxiu.settings import codes, notice
from yanxiu.settings.codes import load_codes
from yanxiu.settings.notice import load_notice

HEAD = "表,代码,名称,英文,学段\n"
GOOD = HEAD + "学段,primary,小学,Primary,\n学科,math,数学,Mathematics,primary\n"


def test_the_platform_s_own_notice_is_in_both_languages():
    built_in = load_notice()
    for lang, word in (("zh_CN", "隐私告知"), ("en", "Privacy notice")):
        title, text = built_in.text(built_in.version, lang)
        assert title == word
        assert text.count("\n## ") == 5
    assert built_in.text("1999-01-01", "en") is None


def test_the_newest_day_is_in_force_and_chinese_stands_in(tmp_path):
    for name in ("2026-09-01.zh_CN.md", "2026-09-01.en.md", "2027-02-01.zh_CN.md"):
        (tmp_path / name).write_text(f"# {name}\n\ntext", "utf-8")
    mine = load_notice(tmp_path)
    assert mine.version == "2027-02-01"
    assert mine.text("2027-02-01", "en")[0] == "2027-02-01.zh_CN.md"


@pytest.mark.parametrize(
    "names, sentence",
    [
        ((), "缺少中文的隐私告知"),
        (("2026-09-01.en.md",), "缺少中文的隐私告知 2026-09-01.zh_CN.md"),
        (("privacy.md",), "文件名应是"),
        (("2026-9-1.zh_CN.md",), "文件名应是"),
    ],
)
def test_a_broken_notice_is_a_sentence(tmp_path, names, sentence):
    for name in names:
        (tmp_path / name).write_text("# x", "utf-8")
    with pytest.raises(SettingsError, match=sentence):
        load_notice(tmp_path)
    with pytest.raises(SettingsError, match="不存在"):
        load_notice(tmp_path / "none")


def test_the_platform_s_own_tables_fit_together():
    tables = load_codes()
    taught = set().union(*(one.stages for one in tables.subjects.values()))
    assert taught == set(tables.stages)
    assert all(one.en for one in (*tables.stages.values(), *tables.subjects.values()))
    assert (tables.stage_named("小学"), tables.subject_named(" 数学 ")) == ("primary", "math")
    assert tables.subject_named("炼丹") is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_county_s_own_table_as_its_spreadsheet_writes_it(tmp_path, encoding):
    path = tmp_path / "codes.csv"
    path.write_bytes(GOOD.replace("\n", "\r\n").encode(encoding))
    tables = load_codes(path)
    assert tables.subjects["math"].zh_CN == "数学"
    assert tables.subjects["math"].stages == {"primary"}


@pytest.mark.parametrize(
    "text, sentence",
    [
        ("", "第 1 行应是表头"),
        ("代码,名称\n", "第 1 行应是表头"),
        (HEAD, "至少要有一个学段"),
        (GOOD + "年级,one,一,One,\n", "第 4 行：“表”应是学段或学科"),
        (GOOD + "学科,Math,数学,M,\n", "第 4 行：代码“Math”应是小写字母开头"),
        (GOOD + "学科,math,数学,M,\n", "第 4 行：代码“math”重复了"),
        (GOOD + "学科,art,,Art,\n", "第 4 行：缺少名称"),
        (GOOD + "学科,art,美术,Art,junior\n", "第 4 行：学段“junior”不在"),
        (GOOD + "学科\n", "第 4 行：代码“”应是"),
    ],
)
def test_a_broken_table_is_a_sentence_with_its_line(tmp_path, text, sentence):
    path = tmp_path / "codes.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=sentence):
        load_codes(path)
    with pytest.raises(SettingsError, match="不存在"):
        load_codes(tmp_path / "none.csv")


def test_both_come_with_the_package():
    assert notice.BUILT_IN.is_dir()
    assert codes.BUILT_IN.is_file()
