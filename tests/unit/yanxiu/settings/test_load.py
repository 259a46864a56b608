"""What is wrong with a site.yaml is said in a sentence, with its place and what to do."""

from pathlib import Path

import pytest
from yanxiu.errors import SettingsError
from yanxiu.settings.load import json_schema, load_site

from tests.support.site import ROOT

GOOD = """
name: {zh_CN: 云溪县}
county: {code: "330199", name: 云溪县}
schools: {"2133000001": {name: 县三小}}
courses: {c1: {release: build/c1}}
offerings:
  c1-demo:
    course: c1
    term: "2026"
    opens: 2026-09-01 00:00
    closes: 2027-01-31 23:59
    schools: ["2133000001"]
    units: {u1: {due: 2026-12-31 23:59}}
"""


def load(tmp_path: Path, text: str):
    (tmp_path / "site.yaml").write_text(text, "utf-8")
    return load_site(tmp_path)


def test_a_small_site_needs_little(tmp_path):
    site = load(tmp_path, GOOD)
    assert (site.login.free_tries, site.bundle.max_mb, site.page_size) == (5, 20, 50)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('2133000001": {name', '213300000": {name', "学校标识码是 10 位数字"),
        ('2133000001": {name', '9933000001": {name', "前两位是学校类别"),
        ('2133000001": {name', '2199000001": {name', "第 3、4 位是省份"),
        ('"330199"', "330199", "county.code：应是文字（数字请加引号）"),
        ("course: c1\n", "course: c2\n", "offerings.c1-demo.course 里的 'c2' 不在 courses 下"),
        ('schools: ["2133000001"]', 'schools: ["2133000009"]', "不在 schools 下"),
        ("closes: 2027", "closes: 2025", "opens 应早于 closes"),
        ("due: 2026-12-31 23:59", "due: soon", "应是时间，如 2026-12-31 23:59"),
        (
            "due: 2026-12-31 23:59",
            "due: 2026-12-31 23:59, late_until: 2026-12-01 00:00",
            "late_until 应不早于 due",
        ),
        ("name: {zh_CN: 云溪县}", "nmae: {zh_CN: 云溪县}", "nmae：没有这样的设置"),
        ("name: {zh_CN: 云溪县}", "", "name：缺少这一项"),
        ("name: {zh_CN: 云溪县}", "name: {zh_CN: 云溪县", "不是合法的 YAML"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path, old, new, words):
    assert old in GOOD
    with pytest.raises(SettingsError) as error:
        load(tmp_path, GOOD.replace(old, new, 1))
    assert words in str(error.value)
    assert "site.yaml" in str(error.value)


def test_a_missing_or_foreign_file_says_what_is_needed(tmp_path):
    with pytest.raises(SettingsError, match="请用 --site 指定"):
        load_site(tmp_path)
    (tmp_path / "site.yaml").write_bytes("name: 云溪".encode("gbk"))
    with pytest.raises(SettingsError, match="UTF-8"):
        load_site(tmp_path)


def test_the_demo_site_is_right_and_has_a_schema():
    assert len(load_site(ROOT / "hub/sites/demo").schools) == 3
    assert '"title": "Site"' in json_schema()
