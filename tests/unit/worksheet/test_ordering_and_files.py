"""Orders, matches and files in a notebook: kept in the form's format, written where the bundle looks."""

import json
import os
from datetime import UTC, datetime

import ipywidgets as w
import pytest
from worksheet.state import Sheet
from worksheet.views import TaskView
from yanxiu_formats.units import tasks_by_id, unit_of

from tests.support.ordering import ARRANGED, LESSON, entry
from tests.unit.worksheet.test_views import find, status

TASKS = tasks_by_id(unit_of(ARRANGED))


@pytest.fixture
def sheet(tmp_path):
    (tmp_path / "unit.json").write_text(json.dumps(ARRANGED), encoding="utf-8")
    return Sheet(tmp_path)


def upload(view, *files):
    """What the browser's part of a file button sends."""
    find(view, w.FileUpload)[0].value = tuple(
        {
            "name": name,
            "type": "",
            "size": len(content),
            "content": memoryview(content),
            "last_modified": datetime(2026, 9, 1, tzinfo=UTC),
        }
        for name, content in files
    )


def test_places_are_chosen_one_by_one(sheet):
    view = TaskView(sheet, TASKS["steps"])
    boxes = find(view, w.Dropdown)
    assert [box.description for box in boxes] == ["核对", "看题", "看人"]
    boxes[0].value = 2
    assert sheet.value("steps") == [None, "a", None]
    assert "还有 2 项没有排位置" in status(view)
    boxes[1].value = 2
    assert "“核对”、“看题”都排在第 2 位" in status(view)
    assert sheet.value("steps") == [None, "a", None], "what was clear stays"
    boxes[1].value, boxes[2].value = 1, 3
    assert sheet.value("steps") == ["b", "a", "c"]
    again = find(TaskView(sheet, TASKS["steps"]), w.Dropdown)
    assert [(box.description, box.value) for box in again] == [
        ("看题", 1),
        ("核对", 2),
        ("看人", 3),
    ]


def test_pairs_are_chosen_one_by_one(sheet):
    find(TaskView(sheet, TASKS["kinds"]), w.Dropdown)[1].value = "apart"
    assert sheet.value("kinds") == {"p": None, "d": "apart"}
    assert find(TaskView(sheet, TASKS["kinds"]), w.Dropdown)[1].value == "apart"


def test_a_dropped_file_lies_where_the_bundle_looks(sheet):
    view = TaskView(sheet, TASKS["lesson"])
    upload(view, ("教案.docx", LESSON))
    assert (sheet.folder / "files/lesson/教案.docx").read_bytes() == LESSON
    assert sheet.value("lesson") == [entry("教案.docx")]
    assert "已保存" in status(view)
    assert find(view, w.FileUpload)[0].value == ()
    assert any("教案.docx" in one.value for one in find(TaskView(sheet, TASKS["lesson"]), w.HTML))


def test_a_file_that_is_not_wanted_is_named_and_the_others_are_kept(sheet):
    view = TaskView(sheet, TASKS["lesson"])
    upload(view, ("病毒.exe", b"MZ"), ("教案.docx", LESSON), ("大.pdf", b"x" * 1_000_001))
    assert sheet.value("lesson") == [entry("教案.docx")]
    assert "“病毒.exe”不是这里收的文件" in status(view)
    assert [one.name for one in (sheet.folder / "files/lesson").iterdir()] == ["教案.docx"]


def test_a_name_never_leads_out_of_the_folder(sheet):
    upload(TaskView(sheet, TASKS["lesson"]), ("../../../evil.pdf", b"%PDF"))
    assert (sheet.folder / "files/lesson/evil.pdf").is_file()
    assert not (sheet.folder.parent / "evil.pdf").exists()


def test_a_file_can_be_taken_away(sheet):
    view = TaskView(sheet, TASKS["lesson"])
    upload(view, ("教案.docx", LESSON))
    find(view, w.Button)[0].click()
    assert sheet.value("lesson") == []
    assert not (sheet.folder / "files/lesson/教案.docx").exists()


def test_a_file_that_its_owner_changed_is_measured_again_and_never_deleted(sheet):
    view = TaskView(sheet, TASKS["lesson"])
    upload(view, ("教案.docx", LESSON))
    path = sheet.folder / "files/lesson/教案.docx"
    path.write_bytes(b"better")
    find(view, w.Button)[0].click()
    assert path.read_bytes() == b"better"
    sheet.save("lesson", [entry("教案.docx")])
    TaskView(sheet, TASKS["lesson"])
    assert sheet.value("lesson") == [entry("教案.docx", b"better")]


def test_a_full_disk_is_said_and_leaves_the_older_file(sheet, monkeypatch):
    view = TaskView(sheet, TASKS["lesson"])
    upload(view, ("教案.docx", LESSON))

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    upload(view, ("教案.docx", b"newer"))
    assert "没有保存成功（磁盘满了）" in status(view)
    assert (sheet.folder / "files/lesson/教案.docx").read_bytes() == LESSON
    assert [one.name for one in (sheet.folder / "files/lesson").iterdir()] == ["教案.docx"]


def test_looking_at_the_tasks_writes_nothing(sheet):
    for task in TASKS.values():
        TaskView(sheet, task)
    assert [one.name for one in sheet.folder.iterdir()] == ["unit.json"]


def test_two_photos_of_one_name_are_both_kept(sheet):
    view = TaskView(sheet, TASKS["lesson"])
    upload(view, ("image.pdf", b"one"), ("image.pdf", b"two"), ("again.pdf", b"one"))
    assert [one["name"] for one in sheet.value("lesson")] == ["image.pdf", "image（2）.pdf"]
    assert (sheet.folder / "files/lesson/image（2）.pdf").read_bytes() == b"two"


def test_a_name_that_is_made_up_takes_no_other_files_place(sheet):
    view = TaskView(sheet, TASKS["lesson"])
    upload(view, ("image（2）.pdf", b"mine"))
    upload(view, ("image.pdf", b"one"), ("image.pdf", b"two"))
    names = {one["name"] for one in sheet.value("lesson")}
    assert "image（2）.pdf" in names
    assert (sheet.folder / "files/lesson/image（2）.pdf").read_bytes() == b"mine"


def test_a_newer_file_of_the_same_name_takes_its_place(sheet):
    view = TaskView(sheet, TASKS["lesson"])
    upload(view, ("教案.pdf", b"old"))
    upload(view, ("教案.pdf", b"new"))
    assert sheet.value("lesson") == [entry("教案.pdf", b"new")]
    assert (sheet.folder / "files/lesson/教案.pdf").read_bytes() == b"new"


def test_a_file_that_is_not_taken_is_not_written(sheet):
    upload(TaskView(sheet, TASKS["lesson"]), ("a.exe", b"MZ"))
    assert not (sheet.folder / "files").exists()
