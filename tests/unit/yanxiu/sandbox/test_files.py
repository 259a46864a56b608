"""Folders that hostile code wrote into: measured, cleaned, removed."""

import os
from pathlib import Path
from typing import Any

import pytest
from yanxiu.sandbox.files import DEEPEST, ENTRY, TooDeep, copy_out, give, remove, show, used


def nest(folder: Path, depth: int) -> None:
    """Make folders in folders, deeper than any path can be written."""
    handle = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("a" * 200, dir_fd=handle)
        inner = os.open("a" * 200, os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    fd = os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=handle)
    os.write(fd, b"x" * 8192)
    os.close(fd)
    os.close(handle)


def test_a_folder_is_as_large_as_what_it_takes_on_the_disk(tmp_path):
    (tmp_path / "one").write_bytes(b"x" * 100_000)
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "two").write_bytes(b"x" * 50_000)
    assert 150_000 <= used(tmp_path).size <= 150_000 + 5 * 4096


def test_a_sparse_file_counts_what_it_takes(tmp_path):
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    assert used(tmp_path).size < 100_000


def test_two_names_of_one_file_count_once(tmp_path):
    (tmp_path / "one").write_bytes(b"x" * 100_000)
    (tmp_path / "two").hardlink_to(tmp_path / "one")
    assert used(tmp_path).size < 150_000


def test_names_of_one_file_are_not_free(tmp_path):
    (tmp_path / "one").touch()
    for number in range(100):
        (tmp_path / str(number)).hardlink_to(tmp_path / "one")
    assert used(tmp_path).size >= 100 * ENTRY


def test_empty_files_are_not_free(tmp_path):
    for number in range(100):
        (tmp_path / str(number)).touch()
    assert used(tmp_path).size >= 100 * ENTRY


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    (tmp_path / "away").mkdir()
    (tmp_path / "away" / "large").write_bytes(b"x" * 1_000_000)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "link").symlink_to(tmp_path / "away")
    assert used(tmp_path / "home").size < 10_000


def test_what_hides_too_deep_cannot_be_measured(tmp_path):
    nest(tmp_path, DEEPEST)
    with pytest.raises(TooDeep):
        used(tmp_path)
    remove(tmp_path)


def test_what_is_just_deep_enough_is_measured(tmp_path):
    nest(tmp_path, DEEPEST - 1)
    assert used(tmp_path).size >= 8192
    remove(tmp_path)


def test_a_link_in_the_outbox_leads_to_the_secret_until_it_is_left_behind(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hidden tests")
    left, box = tmp_path / "left", tmp_path / "out"
    left.mkdir()
    box.mkdir()
    (left / "answers.json").symlink_to(secret)
    assert (left / "answers.json").read_text() == "hidden tests"  # the attack works
    copy(left, box, {"answers.json"}, 1000)
    assert list(box.iterdir()) == []
    assert secret.read_text() == "hidden tests"


def test_only_plain_files_of_known_names_are_taken_out(tmp_path):
    left, box = tmp_path / "left", tmp_path / "out"
    left.mkdir()
    box.mkdir()
    for name in ("result.json", "other.json", "large"):
        (left / name).write_text("{}" if name != "large" else "x" * 2000)
    (left / "result.json").chmod(0)
    os.mkfifo(left / "pipe")
    (left / "twice").write_text("{}")
    (left / "twice2").hardlink_to(left / "twice")
    nest(left, 30)
    copy(left, box, {"result.json", "large", "pipe", "twice", "a" * 200, "missing"}, 1000)
    assert [path.name for path in box.iterdir()] == ["result.json"]
    assert (box / "result.json").stat().st_mode & 0o777 == 0o600


def copy(left: Path, *to: Any) -> None:
    handle = os.open(left, os.O_RDONLY)
    copy_out(handle, *to)
    os.close(handle)


def test_a_shown_folder_is_readable_and_its_links_lead_nowhere_else(tmp_path):
    aside = tmp_path / "aside"
    aside.write_text("not shown")
    aside.chmod(0o600)
    shown = tmp_path / "in"
    (shown / "work").mkdir(parents=True, mode=0o700)
    (shown / "work" / "a.ipynb").write_text("{}")
    (shown / "work" / "a.ipynb").chmod(0o600)
    (shown / "link").symlink_to(aside)
    show(shown)
    modes = [path.stat().st_mode & 0o777 for path in (shown / "work", shown / "work" / "a.ipynb")]
    assert modes == [0o755, 0o644]
    assert aside.stat().st_mode & 0o777 == 0o600


def test_a_folder_deeper_than_work_is_not_given_in_part(tmp_path):
    nest(tmp_path, DEEPEST + 2)
    with pytest.raises(TooDeep):
        give(tmp_path, os.getuid())


@pytest.mark.skipif(os.getuid() != 0, reason="needs root to give files away")
def test_the_folder_itself_is_given_last(tmp_path, monkeypatch):
    """A machine that stops in the middle finds it undone, and does it again."""
    home = tmp_path / "home"
    (home / "a").mkdir(parents=True)
    (home / "a" / "b").write_text("b")
    chown = os.chown

    def stop(path: Any, *to: Any, **how: Any) -> None:
        if path == home:
            raise KeyboardInterrupt
        chown(path, *to, **how)

    monkeypatch.setattr(os, "chown", stop)
    with pytest.raises(KeyboardInterrupt):
        give(home, 70_001)
    assert (home / "a" / "b").stat().st_uid == 70_001
    assert home.stat().st_uid == 0
    monkeypatch.undo()
    give(home, 70_002)
    owners = {path.stat().st_uid for path in (home, home / "a", home / "a" / "b")}
    assert owners == {70_002}


def test_a_folder_far_deeper_than_recursion_is_removed(tmp_path):
    nest(tmp_path, 1500)
    box = tmp_path / ("a" * 200)
    (box / "unreadable").mkdir(mode=0)
    remove(box)
    assert list(tmp_path.iterdir()) == []


def test_removing_what_is_gone_is_nothing(tmp_path):
    remove(tmp_path / "gone")
    assert tmp_path.exists()


def test_removing_a_link_leaves_what_it_points_to(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "kept")
    remove(tmp_path / "link")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
