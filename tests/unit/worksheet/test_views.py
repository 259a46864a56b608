"""The widgets: what is typed is saved, what was saved is shown, what is wrong is said."""

import os

import ipywidgets as w
import pytest
from worksheet.submitting import ProgressView
from worksheet.views import TaskView
from yanxiu_formats.texts import both


def find(view, kind):
    found = [view] if isinstance(view, kind) else []
    for child in getattr(view, "children", ()):
        found += find(child, kind)
    return found


def status(view):
    return find(view, w.HTML)[-1].value


@pytest.mark.parametrize(
    "name, kind, typed, value",
    [
        ("number", w.Text, "12", 12),
        ("choice", w.RadioButtons, "b", "b"),
        ("choices", w.Checkbox, True, ["a"]),
        ("table", w.Text, "4", {"r1": {"n": 4, "p": None}, "r2": {"n": None, "p": None}}),
        ("text", w.Textarea, "写一点", "写一点"),
        (
            "chart",
            w.Dropdown,
            "line",
            {"kind": "line", "x": None, "y": None, "points": {"one": None, "two": None}},
        ),
    ],
)
def test_what_is_typed_is_saved_and_shown_again(sheet, tasks, name, kind, typed, value):
    find(TaskView(sheet, tasks[name]), kind)[0].value = typed
    assert sheet.value(name) == value
    again = TaskView(sheet, tasks[name])
    assert find(again, kind)[0].value == typed
    assert "已保存" in status(again)


def test_a_task_that_is_only_looked_at_is_not_saved(sheet, tasks, folder):
    for task in tasks.values():
        TaskView(sheet, task)
    assert not (folder / "answers.json").exists()


def test_one_wrong_cell_is_named_and_the_others_are_saved(sheet, tasks):
    view = TaskView(sheet, tasks["table"])
    cells = find(view, w.Text)
    cells[0].value, cells[1].value = "4", "八成"
    assert sheet.value("table")["r1"] == {"n": 4, "p": None}
    assert "“第1题·P”里的“八成”不是数字" in status(view)


def test_a_full_disk_is_said_beside_the_task(sheet, tasks, monkeypatch):
    view = TaskView(sheet, tasks["text"])

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    find(view, w.Textarea)[0].value = "写好的内容"
    assert "没有保存成功（磁盘满了）" in status(view)


def test_a_chart_is_drawn_as_soon_as_there_is_enough(sheet, tasks):
    view = TaskView(sheet, tasks["chart"])
    assert not any("<svg" in part.value for part in find(view, w.HTML))
    find(view, w.Dropdown)[0].value = "bar"
    find(view, w.Text)[0].value = "0.5"
    drawn = [part.value for part in find(view, w.HTML) if "<svg" in part.value]
    assert len(drawn) == 1
    assert "0.50" in drawn[0]


def test_a_rubric_task_shows_its_criteria(sheet, tasks):
    head = find(TaskView(sheet, tasks["text"]), w.HTML)[0].value
    assert "10 分 · 老师评分" in head
    assert "优秀：一读就懂" in head
    assert "<strong>填写</strong>" in head


def test_html_in_a_prompt_is_text(sheet, tasks):
    task = tasks["number"].model_copy(update={"prompt": both("<script>alert(1)</script>", "x")})
    assert "<script>" not in find(TaskView(sheet, task), w.HTML)[0].value


def test_progress_follows_every_save(sheet):
    view = ProgressView(sheet)
    assert "完成情况：0 / 6" in view.value
    sheet.save("number", 3)
    assert "完成情况：1 / 6" in view.value


def test_a_page_without_widgets_shows_the_answer_as_text(sheet, tasks):
    sheet.save("number", 3)
    bundle = TaskView(sheet, tasks["number"])._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == "任务number：3"


def test_english_on_request(sheet, tasks, monkeypatch):
    monkeypatch.setenv("YANXIU_LANG", "en")
    view = TaskView(sheet, tasks["number"])
    assert "任务number (en)" in find(view, w.HTML)[0].value
    find(view, w.Text)[0].value = "x"
    assert "is not a number" in status(view)
