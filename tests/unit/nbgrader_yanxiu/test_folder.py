"""Folders: never written over, never through a link; and the key that names an attempt."""

import json

import pytest
from nbgrader_yanxiu import folder
from nbgrader_yanxiu.errors import NotPacked

ASSIGNMENT = "01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.parametrize(
    "content", [None, "{", "[]", '{"assignment": "../x"}', '{"assignment": 1}']
)
def test_a_mark_that_says_nothing_is_none(tmp_path, content):
    if content is not None:
        (tmp_path / ".yanxiu.json").write_text(content)
    with pytest.raises(NotPacked, match="找不到要交到哪里"):
        folder.assignment_of(tmp_path)
    folder.make(tmp_path / "u1", {}, {"assignment": ASSIGNMENT})
    assert folder.assignment_of(tmp_path / "u1") == ASSIGNMENT


def test_a_folder_is_made_whole_or_not_at_all(tmp_path):
    folder.make(tmp_path / "u1", {"a.txt": b"1", "data/b.txt": b"2"}, {"assignment": ASSIGNMENT})
    assert (tmp_path / "u1/data/b.txt").read_bytes() == b"2"
    with pytest.raises(FileExistsError):
        folder.make(tmp_path / "u1", {"a.txt": b"new"}, {})
    with pytest.raises(OSError):
        folder.make(tmp_path / "u2", {"a": b"1", "a/b": b"2"}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["u1"]
    assert (tmp_path / "u1/a.txt").read_bytes() == b"1"


def test_what_is_there_stays_and_no_link_is_followed(tmp_path):
    place, outside = tmp_path / "u1", tmp_path / "outside"
    place.mkdir()
    outside.mkdir()
    (place / "mine.txt").write_text("mine")
    (place / "hole.txt").symlink_to(outside / "new.txt")
    (place / "data").symlink_to(outside)
    files = {"mine.txt": b"x", "hole.txt": b"x", "data/b.txt": b"x", "more.txt": b"x"}
    assert folder.add_missing(place, files) == ["more.txt"]
    assert (place / "mine.txt").read_text() == "mine"
    assert list(outside.iterdir()) == []


def test_one_key_for_one_work(tmp_path):
    newest = ["r1"]

    def ask():
        return newest[0]

    key = folder.key_for(tmp_path, "d1", ask)
    assert folder.key_for(tmp_path, "d1", ask) == key  # interrupted: goes on
    folder.keep_key(tmp_path, "d1", key, "r1")
    assert folder.key_for(tmp_path, "d1", ask) == key  # pressed twice: the same attempt
    newest[0] = "r2"
    assert folder.key_for(tmp_path, "d1", ask) != key  # something else was handed in since
    assert folder.key_for(tmp_path, "d2", ask) != folder.key_for(tmp_path, "d1", ask)
    assert json.loads((tmp_path / ".yanxiu-submit.json").read_text())["receipt"] is None


def test_a_folder_that_cannot_be_written_is_submitted_all_the_same(tmp_path):
    assert folder.key_for(tmp_path / "gone", "d", lambda: None)
