"""answers.json: saved whole at every change, never lost."""

import json
import os

import pytest
from worksheet.state import Sheet, WorksheetError, WrongValue
from yanxiu_formats import answers


def saved(folder):
    return json.loads((folder / "answers.json").read_text("utf-8"))


def test_a_change_is_on_disk_at_once(sheet, folder):
    sheet.save("number", "４２人")
    assert saved(folder) == {"format": 1, "unit": "u1", "answers": {"number": 42}}
    assert Sheet(folder).value("number") == 42


def test_nothing_is_written_before_something_is_answered(sheet, folder):
    assert sheet.value("number") is None
    assert len(sheet.missing()) == 6
    assert not (folder / "answers.json").exists()


def test_two_open_notebooks_keep_each_others_answers(folder):
    one, two = Sheet(folder), Sheet(folder)
    one.save("number", 1)
    two.save("choice", "a")
    assert saved(folder)["answers"] == {"number": 1, "choice": "a"}


def test_a_wrong_value_leaves_what_was_saved(sheet, folder):
    sheet.save("number", 1)
    with pytest.raises(WrongValue):
        sheet.save("number", "一")
    assert saved(folder)["answers"] == {"number": 1}


def test_a_full_disk_leaves_what_was_saved(sheet, folder, monkeypatch):
    sheet.save("text", "旧的内容")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        sheet.save("text", "新的内容")
    assert saved(folder)["answers"] == {"text": "旧的内容"}
    assert sorted(path.name for path in folder.glob(".answers*")) == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{broken",
        b"[]",
        b"\xff\xfe",
        b'{"unit": "u1", "answers": []}',
        b'{"unit": "another", "answers": {}}',
        b"[" * 100_000,
    ],
)
def test_an_answers_file_that_cannot_be_read_is_kept_aside(sheet, folder, content):
    (folder / "answers.json").write_bytes(content)
    assert sheet.value("number") is None
    assert (folder / "answers-1.broken.json").read_bytes() == content
    assert "answers-1.broken.json" in sheet.notice
    sheet.save("number", 3)
    assert saved(folder)["answers"] == {"number": 3}


def test_an_answer_of_a_wrong_shape_reads_as_empty_and_stays_on_disk(sheet, folder):
    content = {"format": 1, "unit": "u1", "answers": {"table": "不是表", "number": 5}}
    (folder / "answers.json").write_text(json.dumps(content), encoding="utf-8")
    assert not answers.touched(sheet.value("table"))
    assert sheet.value("number") == 5
    sheet.save("choice", "a")
    assert saved(folder)["answers"]["table"] == "不是表"


@pytest.mark.parametrize(
    "content, sentence",
    [(None, "没有 unit.json"), ("{", "unit.json 打不开"), ("[]", "unit.json 打不开")],
)
def test_a_folder_without_a_unit_says_what_to_do(tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "unit.json").write_text(content)
    with pytest.raises(WorksheetError, match=sentence) as caught:
        Sheet(tmp_path)
    assert caught.value._render_traceback_() == [str(caught.value)]


def test_an_unknown_task_names_the_known(sheet):
    with pytest.raises(WorksheetError, match="没有任务“nummer”。这个单元的任务有：number、choice"):
        sheet.value("nummer")
