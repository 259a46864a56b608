"""The unit's folder in the teacher's home: find it, make it, never overwrite in it.

Decides where a unit lies. Asks nobody: what to write comes as an argument. Called by
``handlers``; only this module writes to the home.
"""

import json
import os
import shutil
import tempfile
from pathlib import Path

HOME = "研修"
MARK = ".yanxiu.json"


def find(root: Path, assignment: str) -> Path | None:
    """Return the folder of ``assignment`` below ``root``, or None; it may have been renamed."""
    home = root / HOME
    if not home.is_dir():
        return None
    marks = sorted(home.glob(f"*/{MARK}"))
    return next((mark.parent for mark in marks if _assignment(mark) == assignment), None)


def notebook_in(folder: Path) -> str | None:
    """Return the unit's notebook if it is still there: the mark says what it is called."""
    name = _read(folder / MARK).get("notebook")
    return name if isinstance(name, str) and (folder / name).is_file() else None


def make(root: Path, wanted: str, files: dict[str, bytes], mark: dict[str, str]) -> Path:
    """Write a new folder, whole or not at all, and return it.

    :param wanted: the folder's name; ``…（2）`` and so on when the name is taken
    :param files: the release, by name from inside the folder
    """
    home = root / HOME
    home.mkdir(exist_ok=True)
    # A dot: a folder that a crash leaves half-written is not shown, and the next try is whole.
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=home))
    try:
        add_missing(draft, files)
        (draft / MARK).write_text(json.dumps(mark, ensure_ascii=False) + "\n", encoding="utf-8")
        draft.chmod(0o755)
        for number in range(1, 100):
            target = home / (wanted if number == 1 else f"{wanted}（{number}）")
            if not target.exists() and not target.is_symlink():
                return draft.rename(target)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    raise FileExistsError(home / wanted)


def add_missing(folder: Path, files: dict[str, bytes]) -> None:
    """Write those of ``files`` that are not there; what is there stays as it is."""
    for name, content in files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            # O_EXCL: neither replaces a file nor follows a link.
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            continue
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(content)


def safe_name(text: str) -> str:
    """Return ``text`` as one folder name; the records service chose it, the home is the teacher's.

    >>> safe_name("研修/a1"), safe_name("../../etc"), safe_name("..")
    ('a1', 'etc', '单元')
    """
    name = text.rstrip("/").split("/")[-1].replace("\\", "").strip()
    name = "".join(character for character in name if character.isprintable())[:80]
    return name if name.strip(".") and not name.startswith(".") else "单元"


def _assignment(mark: Path) -> str | None:
    return _read(mark).get("assignment")


def _read(mark: Path) -> dict[str, str]:
    try:
        found = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
