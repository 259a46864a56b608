"""A code is used once, whichever process of records sees it first."""

import subprocess
import sys
import time

from yanxiu.gate.once import Once
from yanxiu.gate.passes import CODE_S, Entry, Pass, Passes, digest

ALICE = "uabcdefghij234567"
TAKE = """
import sys
from pathlib import Path
from yanxiu.gate.once import Once
once = Once(Path(sys.argv[1]), 30)
sys.stdin.read()
print(sum(once.take(f"number-{number:04}") for number in range(300)))
"""


def two_processes(clock, *folders):
    """Return the passes of two processes of one site."""
    return [Passes("k" * 64, clock, 3600, Once(folder, CODE_S), https=False) for folder in folders]


def test_a_code_that_was_used_at_one_process_is_used_at_all(tmp_path):
    from yanxiu.clock import utcnow

    entry = Entry(Pass(ALICE, "t"), f"/user/{ALICE}/lab")
    # Each by itself, as it was: whoever has seen the code and the secret comes in again.
    one, other = two_processes(utcnow, tmp_path / "a", tmp_path / "b")
    code = one.code(entry, digest("s"))
    assert (one.use(code, "s"), other.use(code, "s")) == (entry, entry)
    one, other = two_processes(utcnow, tmp_path / "both", tmp_path / "both")
    code = one.code(entry, digest("s"))
    assert (one.use(code, "s"), other.use(code, "s"), one.use(code, "s")) == (entry, None, None)


def test_of_several_processes_at_once_one_has_it(tmp_path):
    running = [
        subprocess.Popen(
            [sys.executable, "-c", TAKE, str(tmp_path / "codes")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    time.sleep(0.5)
    for one in running:
        one.stdin.close()
    taken = [int(one.stdout.read()) for one in running]
    for one in running:
        one.wait(20)
    assert sum(taken) == 300


def test_no_number_can_become_a_path(tmp_path):
    once = Once(tmp_path / "codes", 30)
    assert not any(once.take(bad) for bad in ("", "../../x-y-z-w", "a/b/c/d/e", "x" * 65))
    assert list(tmp_path.iterdir()) == []


def test_on_a_full_disk_people_still_come_in(tmp_path, caplog):
    (tmp_path / "codes").write_text("a file where the folder would be")
    once = Once(tmp_path / "codes", 30)
    assert once.take("number-1")
    assert not once.take("number-1")
    assert "FileExistsError" in caplog.text or "NotADirectoryError" in caplog.text


def test_old_ones_are_swept(tmp_path, monkeypatch):
    folder = tmp_path / "codes"
    Once(folder, 30).take("number-old")
    later = time.time() + 3600
    monkeypatch.setattr("yanxiu.gate.once.time.time", lambda: later)
    Once(folder, 30).take("number-new")
    assert [file.name for file in folder.iterdir()] == ["number-new"]
