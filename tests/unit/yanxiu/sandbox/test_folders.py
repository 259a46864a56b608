"""Whose folder waits for whose."""

from pathlib import Path

from yanxiu.sandbox.folders import Folder, Folders
from yanxiu.sandbox.limits import limits_from
from yanxiu.settings.limits import RUN, SERVER

from tests.support.waiting import eventually


class Large(Folder):
    """A home as it is with many thousands of files: measuring it took five minutes."""

    def measure(self) -> float:
        super().measure()
        return 300.0


def home(path: Path) -> Folder:
    return Folder(path, limits_from(None, SERVER), is_run=False, allowed=None)


def test_a_run_is_looked_at_however_large_the_homes_are(tmp_path):
    for name in ("large", "home", "out"):
        (tmp_path / name).mkdir()
    folders = Folders()
    large = Large(tmp_path / "large", limits_from(None, SERVER), is_run=False, allowed=None)
    folders.add("large", large)
    assert eventually(lambda: large.allowed is not None, 60)
    another = home(tmp_path / "home")
    folders.add("another", another)
    outbox = Folder(tmp_path / "out", limits_from(None, RUN), is_run=True, allowed=1)
    folders.add("run", outbox)
    for number in range(3):
        before = outbox.size
        (tmp_path / "out" / str(number)).write_bytes(b"x" * 100_000)
        assert eventually(lambda before=before: outbox.size > before, 60)
    # The homes together keep to their share of the time.
    assert another.allowed is None
