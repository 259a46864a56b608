"""The unit's folders in the teacher's home: find them, make them, never overwrite in them.

Decides where a unit lies, and which folder is meant when there are several: a new version
of a unit lies beside the old one. Asks nobody: what to write comes as an argument. Called by
``opening`` and ``api``. ``nbgrader_yanxiu.folder`` does the writing.
"""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader_yanxiu import folder
from nbgrader_yanxiu.folder import MARK, add_missing, read_json, write_json

__all__ = ["HOME", "MARK", "Found", "add_missing", "all_of", "choose", "everything", "find", "make"]

HOME = "研修"


@dataclass(frozen=True)
class Found:
    """A unit's folder.

    :param mark: what ``.yanxiu.json`` says: ``assignment``, ``url`` and ``notebook`` always;
        ``release`` and ``learner`` (digests of what it was made from), ``kept`` (the digest of
        the newer version that the teacher did not want) and ``chosen_at`` when known
    """

    folder: Path
    mark: dict[str, Any] = field(hash=False)

    @property
    def notebook(self) -> str | None:
        """The unit's notebook if it is still there: the mark says what it is called."""
        name = self.mark.get("notebook")
        return name if isinstance(name, str) and (self.folder / name).is_file() else None

    def is_older_than(self, learner: str | None) -> bool:
        """Say whether the unit has a newer version that the teacher was not asked about.

        :param learner: digest of what a new folder would hold; None if unknown
        """
        mine = self.mark.get("learner")
        return bool(learner and mine) and learner not in (mine, self.mark.get("kept"))


def all_of(root: Path, assignment: str) -> list[Found]:
    """Return the folders of ``assignment`` below ``root``, the one that is meant first.

    They may have been renamed. The teacher's last choice comes first.
    """
    found = [one for one in everything(root) if one.mark["assignment"] == assignment]
    return sorted(found, key=lambda one: str(one.mark.get("chosen_at", "")), reverse=True)


def everything(root: Path) -> list[Found]:
    """Return every unit's folder, by name."""
    home = root / HOME
    if not home.is_dir():
        return []
    marks = [(path.parent, read_json(path)) for path in sorted(home.glob(f"*/{MARK}"))]
    return [Found(*one) for one in marks if isinstance(one[1].get("assignment"), str)]


def find(root: Path, assignment: str) -> Path | None:
    """Return the folder of ``assignment`` that is meant, or None."""
    return next((one.folder for one in all_of(root, assignment)), None)


def make(root: Path, wanted: str, files: dict[str, bytes], mark: dict[str, Any]) -> Path:
    """Write a new folder, whole or not at all, and return it.

    :param wanted: the folder's name; ``…（2）`` and so on when the name is taken
    :param files: the release, by name from inside the folder
    """
    for number in range(1, 100):
        target = root / HOME / (wanted if number == 1 else f"{wanted}（{number}）")
        with suppress(FileExistsError):
            folder.make(target, files, {**mark, "chosen_at": _now()})
            return target
    raise FileExistsError(root / HOME / wanted)


def choose(one: Found, *, keep: str | None = None) -> None:
    """Remember that the teacher wants to go on in this folder.

    :param keep: the newer version that is not wanted, so that nobody asks about it again
    """
    mark = {**one.mark, "chosen_at": _now()}
    write_json(one.folder / MARK, mark if keep is None else {**mark, "kept": keep})


def safe_name(text: str) -> str:
    """Return ``text`` as one folder name; the records service chose it, the home is the teacher's.

    >>> safe_name("研修/a1"), safe_name("../../etc"), safe_name("..")
    ('a1', 'etc', '单元')
    """
    name = text.rstrip("/").split("/")[-1].replace("\\", "").strip()
    name = "".join(character for character in name if character.isprintable())[:80]
    return name if name.strip(".") and not name.startswith(".") else "单元"


def _now() -> str:
    return datetime.now(UTC).isoformat()
