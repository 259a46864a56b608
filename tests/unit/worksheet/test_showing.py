"""What is drawn and listed: charts, tables, sentences, the functions a notebook calls."""

import string
import xml.etree.ElementTree as ET

import pytest
import worksheet
from hypothesis import given, settings
from hypothesis import strategies as st
from worksheet import charts
from worksheet.messages import MESSAGES
from worksheet.tables import read_csv, table_html
from yanxiu_formats.units import unit_of


def value(kind="bar", **points):
    return {"kind": kind, "x": "topic", "y": "p", "points": {"one": None, "two": None, **points}}


@pytest.mark.parametrize("kind", ["bar", "line", "pie"])
def test_a_chart_shows_labels_values_and_axes(tasks, kind):
    svg = charts.draw(tasks["chart"], value(kind, one=0.5, two=0.25))
    texts = [element.text for element in ET.fromstring(svg).iter() if element.text]
    shown = "".join(texts)
    assert "分数<1>" in shown  # escaped in the source, whole to the reader
    assert "0.50" in shown
    assert "0.25" in shown
    assert kind == "pie" or {"知识点", "通过率 P"} <= set(texts)


def test_bars_are_as_long_as_their_values(tasks):
    root = ET.fromstring(charts.draw(tasks["chart"], value(one=0.8, two=0.4)))
    tall = [float(bar.get("height")) for bar in root.iter("{http://www.w3.org/2000/svg}rect")]
    assert tall[0] == pytest.approx(2 * tall[1], abs=0.2)


@pytest.mark.parametrize("answer", [None, {}, value(), value(None, one=1), value("pie", one=-1)])
def test_with_too_little_there_is_no_chart(tasks, answer):
    svg = charts.draw(tasks["chart"], answer)
    assert svg == "" or "<path" not in svg


@settings(deadline=None)  # the machine may be busy
@given(
    kind=st.sampled_from(["bar", "line", "pie"]),
    one=st.none() | st.floats() | st.integers(),
    two=st.none() | st.floats() | st.integers() | st.just(10**400),
)
def test_any_numbers_give_well_formed_svg(kind, one, two):
    from tests.unit.worksheet.conftest import UNIT

    svg = charts.draw(unit_of(UNIT).task("chart"), value(kind, one=one, two=two))
    if svg:
        ET.fromstring(svg)
        assert "nan" not in svg
        assert "inf" not in svg


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_tables_of_chinese_offices_are_read(tmp_path, encoding):
    path = tmp_path / "x.csv"
    path.write_bytes("学生,备注\nS01,缺考\n".encode(encoding))
    assert read_csv(path) == [["学生", "备注"], ["S01", "缺考"]]


def test_a_table_is_text_and_marks_blanks(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("学生,第1题\n<b>S01</b>,1\nS02,\nS03,0\n", encoding="utf-8")
    shown = table_html(path, "成绩", "data/x.csv")
    assert "<b>S01" not in shown
    assert "共 3 行 2 列" in shown
    assert shown.count("#fefcbf") == 1


def test_a_long_table_says_that_it_is_cut(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("学生\n" + "S01\n" * 501, encoding="utf-8")
    assert "只显示前 500 行，全部内容请打开文件 data/x.csv" in table_html(path, "", "data/x.csv")


def test_an_empty_file_is_an_empty_table(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"")
    assert "共 0 行 0 列" in table_html(path, "", "x")


def test_every_sentence_has_two_languages_with_the_same_blanks():
    for name, texts in MESSAGES.items():
        blanks = [{field for _, field, _, _ in string.Formatter().parse(t) if field} for t in texts]
        assert all(texts), name
        assert blanks[0] == blanks[1], name


def test_the_functions_of_a_notebook_work_without_a_front_end(folder, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    worksheet.intro()
    worksheet.show_data("data/quiz.csv")
    worksheet.task("number")
    worksheet.answer("number", 4)
    worksheet.progress()
    worksheet.submit_button()
    assert worksheet.open_sheet().value("number") == 4
    assert "Traceback" not in capsys.readouterr().err


def test_code_that_declares_a_wrong_answer_gets_a_sentence(folder, monkeypatch):
    monkeypatch.chdir(folder)
    with pytest.raises(worksheet.WorksheetError, match="不是数字"):
        worksheet.answer("number", "四")
    assert not (folder / "answers.json").exists()


@pytest.mark.parametrize("file", ["data/none.csv", "../unit.json", "/etc/passwd"])
def test_only_the_units_own_tables_are_shown(folder, monkeypatch, file):
    monkeypatch.chdir(folder)
    with pytest.raises(worksheet.WorksheetError, match=r"可以看的有：data/quiz.csv"):
        worksheet.show_data(file)
