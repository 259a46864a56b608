"""Pack a unit's folder as the bundle of docs/reference/records-api.md.

Pure but for reading: regular files only, sorted, names as ``yanxiu_formats.names`` keeps them,
sizes checked before anything is read. What the release brought (unit.json, intro, data) stays
behind, hidden files too; links, special files and names that cannot travel are left out and
named, and of two names that are one elsewhere one is changed. What happened to the notebook is ``notebook_repair``'s.
"""

import os
import stat
import unicodedata
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from yanxiu_formats import bundle
from yanxiu_formats.answers_file import ANSWERS
from yanxiu_formats.bundle import Limits, human
from yanxiu_formats.names import BadName, another_name, mended_path, plain_name, shown_path
from yanxiu_formats.notebooks import meant, notebook_name
from yanxiu_formats.sentences import Said
from yanxiu_formats.units import Unit, WorksheetUnit, released_files

from nbgrader_yanxiu.errors import NotPacked
from nbgrader_yanxiu.notebook_repair import MAX_NOTEBOOK_BYTES, Note, judge, repair

#: So many names are shown in a sentence.
_SHOWN = 10


@dataclass(frozen=True)
class Bundle:
    """A folder ready to be sent.

    :param body: plain tar, sorted by name
    :param digest: as the service counts it
    :param count: how many files are in it
    :param notes: what the teacher should know about what is handed in, and what is not
    """

    body: bytes = field(repr=False)
    digest: str
    count: int
    notes: tuple[Note, ...] = ()


@dataclass
class _Found:
    """The files of a folder by the name under which they are handed in."""

    files: dict[str, Path] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)
    renamed: list[str] = field(default_factory=list)
    alike: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def notes(self) -> list[Note]:
        """Return what there is to say."""
        named = (
            ("bundle.renamed", self.renamed),
            ("bundle.alike", self.alike),
            ("bundle.left_out", self.left_out),
        )
        return [Note(code, {"names": _some(sorted(found))}) for code, found in named if found]

    def add(self, there: str, path: Path) -> None:
        """Take a file under a name that travels, and that no other file has."""
        try:
            known = mended_path(there)
        except BadName:
            self.left_out.append(shown_path(there))
            return
        if not stat.S_ISREG(path.lstat().st_mode):
            self.left_out.append(known)
            return
        # A task's files are named in the answers: they stay what they are called.
        alike = known in self.files or not known.startswith("files/")
        if alike and known.casefold() in self.folded:
            folder, slash, last = known.rpartition("/")
            beside = [
                one.rpartition("/")[2] for one in self.files if _folder(one) == folder.casefold()
            ]
            known = f"{folder}{slash}{another_name(last, beside)}"
            self.alike.append(known)
        elif known != there:
            self.renamed.append(known)
        self.files[known] = path
        self.folded.add(known.casefold())


def _folder(name: str) -> str:
    return name.rpartition("/")[0].casefold()


def _some(names: Sequence[str]) -> list[str]:
    """Return names for a sentence: the first ones, and that there are more."""
    return [*names[:_SHOWN], f"……（{len(names)}）"] if len(names) > _SHOWN else list(names)


def pack(
    folder: Path,
    unit: Unit | None = None,
    notebooks: Sequence[str] = (),
    limits: Limits | None = None,
) -> Bundle:
    """Return the bundle of ``folder``; the same files give the same bytes.

    :param unit: what ``unit.json`` says, None in a plain nbgrader course
    :param notebooks: what is to be handed in, where the unit does not say it
    :raises NotPacked: nothing to submit, too many, too big, the work itself cannot be read, or
        several notebooks that could be the unit's
    """
    limits = limits or Limits()
    try:
        wanted = tuple(notebooks) or (unit.notebooks if unit else ())
        found = _find(folder, released_files(unit), {*wanted, ANSWERS})
        known = {name: path.lstat() for name, path in found.files.items()}
    except OSError as error:  # a file that went away while it was looked at
        raise NotPacked("disk_error", known=Path(str(error.filename)).name) from None
    if len(found.files) > limits.files:
        raise NotPacked("bundle.too_many", most=limits.files)
    books = {name for name in found.files if notebook_name(name)}
    for name in books:
        if known[name].st_size > MAX_NOTEBOOK_BYTES:
            raise NotPacked("notebook_too_big", known=name, size=human(known[name].st_size))
    contents = _contents(found, books, {*wanted, ANSWERS})
    notes: list[Note] = []
    # Only of a unit of ours it is known which cells belong in its notebook.
    if isinstance(unit, WorksheetUnit):
        times = {name: known[name].st_mtime for name in books}
        contents, notes = repair(contents, times, unit, has_answers=ANSWERS in found.files)
    else:
        for name, called in meant(wanted, books).items():
            contents[called] = contents.pop(name)
            notes.append(Note("renamed", {"known": name, "notebook": called}))
        judge(contents, wanted)
    if not {*wanted, ANSWERS} & (set(contents) | set(found.files)):
        raise NotPacked("nothing_to_submit", wanted="、".join(wanted))
    others = set(found.files) - books
    sizes = {name: len(content) for name, content in contents.items()} | {
        name: known[name].st_size for name in others
    }
    _check_size(sizes, limits)
    contents |= _contents(found, others, {*wanted, ANSWERS})
    digest = bundle.digest_of(bundle.digests_of(contents))
    return Bundle(bundle.pack(contents), digest, len(contents), (*notes, *found.notes()))


def _check_size(sizes: dict[str, int], limits: Limits) -> None:
    total = sum(sizes.values())
    if total > limits.total_bytes:
        refusal = bundle.too_large(limits)
        raise NotPacked(
            "bundle.too_large_as",
            why=Said(refusal.code, refusal.params),
            size=human(total),
            largest=max(sizes, key=lambda name: sizes[name]),
        )


def _find(folder: Path, released: set[str], first: Collection[str]) -> _Found:
    """Return the files to hand in; :param first: those that keep their names whatever is beside them"""
    found, every = _Found(), []

    def closed(error: OSError) -> None:
        if error.filename == str(folder):
            raise error
        found.left_out.append(plain_name(os.fsdecode(error.filename)))

    for top, folders, names in os.walk(folder, onerror=closed):
        hidden = [one for one in folders if one.startswith(".") or one == "__pycache__"]
        linked = [one for one in folders if (Path(top) / one).is_symlink()]
        folders[:] = [one for one in folders if one not in hidden and one not in linked]
        for name in [*linked, *names]:
            path = Path(top) / name
            as_it_is = path.relative_to(folder).as_posix()
            there = unicodedata.normalize("NFC", as_it_is)
            if not name.startswith(".") and there not in released:
                every.append((there not in first, there != as_it_is, there, path))
    # In an order of their own: the same files give the same bundle on every disk.
    for _, _, there, path in sorted(every):
        with suppress(FileNotFoundError):  # it went away while it was looked at
            found.add(there, path)
    return found


def _contents(found: _Found, names: Collection[str], needed: Collection[str]) -> dict[str, bytes]:
    """Read files; one that cannot be read stays behind, unless the work is in it."""
    contents = {}
    for name in names:
        try:
            contents[name] = _read(name, found.files[name])
        except NotPacked:
            if name in needed:
                raise
            found.left_out.append(name)
    return contents


def _read(name: str, path: Path) -> bytes:
    try:
        # No link that took the file's place since it was looked at.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            return file.read()
    except OSError:
        raise NotPacked("disk_error", known=name) from None
