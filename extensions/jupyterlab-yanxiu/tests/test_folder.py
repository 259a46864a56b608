"""The folder in the teacher's home: whole or not there, and nothing of theirs touched."""

import json

import pytest

MARK = {"assignment": "x", "url": "/services/records/units/x", "notebook": "a1.ipynb"}


@pytest.fixture
def folder():
    from jupyterlab_yanxiu import folder

    return folder


@pytest.mark.parametrize(
    "wanted, name",
    [
        ("a1", "a1"),
        ("研修/A1 学情分析", "A1 学情分析"),
        ("研修/a1/", "a1"),
        ("../..", "单元"),
        ("/", "单元"),
        ("", "单元"),
        (".hidden", "单元"),
        ("a\nb\\c", "abc"),
        ("长" * 200, "长" * 80),
    ],
)
def test_a_folder_name_is_one_plain_name(folder, wanted, name):
    assert folder.safe_name(wanted) == name


def test_a_folder_that_cannot_be_finished_is_not_there(folder, tmp_path):
    with pytest.raises(OSError):
        folder.make(tmp_path, "a1", {"data": b"a file", "data/x.csv": b"in it"}, MARK)
    assert list((tmp_path / "研修").iterdir()) == []


def test_missing_files_are_added_through_no_link(folder, tmp_path):
    outside = tmp_path / "outside"
    made = folder.make(tmp_path, "a1", {"a1.ipynb": b"1"}, MARK)
    (made / "x.csv").symlink_to(outside)
    folder.add_missing(made, {"a1.ipynb": b"2", "x.csv": b"2", "y.csv": b"2"})
    assert (made / "a1.ipynb").read_bytes() == b"1"
    assert not outside.exists()
    assert (made / "y.csv").read_bytes() == b"2"


@pytest.mark.parametrize("mark", ["", "[]", "{", '"x"', json.dumps({"assignment": "y"})])
def test_a_damaged_or_foreign_mark_is_not_this_unit(folder, tmp_path, mark):
    made = folder.make(tmp_path, "a1", {"a1.ipynb": b"1"}, MARK)
    assert folder.find(tmp_path, "x") == made
    (made / ".yanxiu.json").write_text(mark)
    assert folder.find(tmp_path, "x") is None
