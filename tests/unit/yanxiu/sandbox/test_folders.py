"""Whose folder waits for whose."""

from pathlib import Path

from yanxiu.sandbox.folders import Folder, Folders
from yanxiu.sandbox.limit_policy import folder_allowed
from yanxiu.settings.limits import RUN, SERVER

from tests.support.waiting import eventually


class Large(Folder):
    """A home as it is with many thousands of files: measuring it took five minutes."""

    def measure(self) -> float:
        super().measure()
        return 300.0


def home(path: Path, kind: type[Folder] = Folder) -> Folder:
    path.mkdir()
    (path / "something").touch()
    return kind(path, is_run=False, allowed=folder_allowed(SERVER))


def test_a_run_is_looked_at_however_large_the_homes_are(tmp_path):
    folders = Folders()
    large = home(tmp_path / "large", Large)
    folders.add("large", large)
    assert eventually(lambda: large.used.names == 1, 60)
    another = home(tmp_path / "home")
    folders.add("another", another)
    (tmp_path / "out").mkdir()
    outbox = Folder(tmp_path / "out", is_run=True, allowed=folder_allowed(RUN))
    folders.add("run", outbox)
    for number in range(3):
        before = outbox.used.size
        (tmp_path / "out" / str(number)).write_bytes(b"x" * 100_000)
        assert eventually(lambda before=before: outbox.used.size > before, 60)
    # The homes together keep to their share of the time.
    assert another.used.names == 0
