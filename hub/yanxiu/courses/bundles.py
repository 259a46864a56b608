"""Take a bundle apart and judge it, before anything is written under a lasting name.

Decides what a bundle is (regular files, safe names, size and count, a notebook of this
unit or declared answers) and its digest. Does not know who sends it, nor when. Called by
``work.verbs.submit``; ``docs/reference/records-api.md`` is the contract.
"""

import hashlib
import io
import json
import tarfile
import tempfile
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from yanxiu.errors import N_, Invalid
from yanxiu.settings.model import BundleLimits

from .forms import dropped
from .kinds import NBGRADER, WORKSHEET, kind_of
from .nbgrader import handed_in

#: Metadata of nbgrader's own submit command: kept, but not part of the digest.
TIMESTAMP = "timestamp.txt"
ANSWERS = "answers.json"
MAX_ANSWERS_BYTES = 1_000_000
MAX_CELLS = 2000
CELL_TYPES = ("code", "markdown", "raw")
_CHUNK = 64 * 1024


@dataclass
class Bundle:
    """A judged bundle.

    :param tar: the files again as a plain tar, sorted by name, positioned at its start
    :param digest: SHA-256 over the canonical JSON ``{name: sha256}``
    """

    tar: IO[bytes]
    digest: str
    size: int
    has_notebook: bool


class _Limited(io.RawIOBase):
    """Read an iterator of chunks as a file, up to ``most`` bytes."""

    def __init__(self, chunks: Iterator[bytes], most: int, limit_mb: int):
        self.chunks, self.most, self.limit_mb = chunks, most, limit_mb
        self.total, self.buffer = 0, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, have = [self.buffer], len(self.buffer)
        while size < 0 or have < size:
            chunk = next(self.chunks, b"")
            if not chunk:
                break
            self.total += len(chunk)
            if self.total > self.most:
                raise too_large(self.limit_mb)
            parts.append(chunk)
            have += len(chunk)
        data = b"".join(parts)
        if size < 0:
            size = len(data)
        self.buffer = data[size:]
        return data[:size]


def too_large(limit_mb: int) -> Invalid:
    """Return the refusal of a bundle over the site's limit."""
    return Invalid(
        "bundle.too_large",
        N_(
            "提交的文件太大：一次最多 {limit_mb} MB。请删去图片、视频等大文件后再提交，"
            "您的文件没有改动。"
        ),
        status=413,
        limit_mb=limit_mb,
    )


def most_bytes(limits: BundleLimits) -> int:
    """Return how long a bundle's tar may be: its own headers and padding come on top."""
    return limits.max_mb * 1_000_000 + limits.max_files * 2048 + 20480


def _safe_name(name: str) -> str:
    """Return the normalised relative name, or refuse it."""
    normal = unicodedata.normalize("NFC", name.removeprefix("./"))
    parts = normal.split("/")
    if (
        not normal
        or len(normal.encode()) > 240
        or len(parts) > 8
        or normal.startswith("/")
        or "\\" in normal
        or any(part in ("", ".", "..") for part in parts)
        or any(unicodedata.category(char).startswith("C") for char in normal)
    ):
        raise Invalid(
            "bundle.bad_name",
            N_("提交里有一个文件名不能用（含有 ..、绝对路径或特殊字符）。请改名后再提交。"),
        )
    return normal


class _Files:
    """The files of a bundle on their way in: checked one by one, kept in an unnamed file."""

    def __init__(self, limits: BundleLimits, staging: Path):
        self.limits, self.total = limits, 0
        self.kept = _unnamed(staging)
        self.digests: dict[str, str] = {}
        self._places: dict[str, tuple[int, int]] = {}

    def check(self, member: tarfile.TarInfo) -> str:
        """Return the name that a member will have, or refuse it by its header alone."""
        if not member.isreg():
            raise Invalid(
                "bundle.not_regular",
                N_("提交里有链接或特殊文件，只能提交普通文件。请换成文件本身后再提交。"),
            )
        name = _safe_name(member.name)
        if name in self.digests:
            raise Invalid("bundle.twice", N_("提交里有两个同名的文件。请改名后再提交。"))
        self.total += member.size
        if self.total > self.limits.max_mb * 1_000_000:
            raise too_large(self.limits.max_mb)
        if len(self.digests) >= self.limits.max_files:
            raise Invalid(
                "bundle.too_many",
                N_("提交的文件太多：一次最多 {most} 个。请删去不需要的文件后再提交。"),
                most=self.limits.max_files,
            )
        return name

    def add(self, name: str, size: int, source: IO[bytes]) -> None:
        """Keep a file's content and digest."""
        sha = hashlib.sha256()
        self._places[name] = (self.kept.tell(), size)
        while block := source.read(_CHUNK):
            sha.update(block)
            self.kept.write(block)
        self.digests[name] = sha.hexdigest()

    def content(self, name: str) -> bytes:
        """Return a file's content."""
        start, size = self._places[name]
        self.kept.seek(start)
        return self.kept.read(size)

    def packed(self, staging: Path) -> IO[bytes]:
        """Return the files as a tar in the order of their names, at its start."""
        out = _unnamed(staging)
        with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in sorted(self.digests):
                info = tarfile.TarInfo(name)
                start, info.size = self._places[name]
                self.kept.seek(start)
                tar.addfile(info, self.kept)
        out.seek(0)
        return out


def _unnamed(staging: Path) -> IO[bytes]:
    return tempfile.SpooledTemporaryFile(max_size=2_000_000, dir=str(staging))


def read_bundle(
    chunks: Iterator[bytes], unit: dict[str, Any], limits: BundleLimits, staging: Path
) -> Bundle:
    """Judge a plain tar; raise ``Invalid`` with what is wrong and what to do.

    Files go to an unnamed temporary file in ``staging``, so nothing is left behind
    whatever happens.
    """
    files = _Files(limits, staging)
    with files.kept:
        _read_tar(_Limited(chunks, most_bytes(limits), limits.max_mb), files)
        judge = _JUDGES[kind_of(unit).name]
        has_notebook = judge(files.digests, files.content, unit)
        return Bundle(files.packed(staging), digest_of(files.digests), files.total, has_notebook)


def _check_worksheet(
    digests: dict[str, str], content: Callable[[str], bytes], unit: dict[str, Any]
) -> bool:
    """Judge a bundle of one of our units; return whether it has the unit's notebook."""
    notebook = str(unit["notebook"])
    has_notebook = notebook in digests
    if has_notebook:
        answered = ANSWERS in digests
        check_notebook(content(notebook), unit, has_answers=answered)
    if ANSWERS in digests:
        answers = check_answers_file(content(ANSWERS), unit)
        check_named_files(answers, unit, digests)
    if not has_notebook and ANSWERS not in digests:
        raise Invalid(
            "bundle.nothing",
            N_("提交里没有本单元的笔记本 {notebook}。请从单元文件夹里提交，或不要给笔记本改名。"),
            notebook=notebook,
        )
    return has_notebook


_JUDGES: dict[str, Callable[..., bool]] = {
    WORKSHEET.name: _check_worksheet,
    NBGRADER.name: handed_in.check,
}


def _read_tar(stream: _Limited, files: _Files) -> None:
    try:
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                if member.isdir():
                    continue
                name = files.check(member)
                source = tar.extractfile(member)
                assert source is not None
                files.add(name, member.size, source)
            # tarfile takes an archive that was cut between two files for a whole one: only
            # the two zero blocks at the end say that nothing is missing.
            while stream.read(_CHUNK):
                pass
            if stream.total < tar.offset + 2 * tarfile.BLOCKSIZE:
                raise tarfile.ReadError("no end of archive")
    except (tarfile.TarError, EOFError) as error:
        raise Invalid(
            "bundle.broken",
            N_("提交的数据不完整或不是研修Hub的格式，没有收下。请检查网络后再提交一次。"),
        ) from error


def digest_of(names: dict[str, str]) -> str:
    """Return the digest of ``{name: sha256}``; the client's timestamp does not count."""
    kept = {name: sha for name, sha in names.items() if name != TIMESTAMP}
    canonical = json.dumps(kept, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def check_notebook(data: bytes, unit: dict[str, Any], *, has_answers: bool) -> None:
    """Refuse a notebook that nobody could grade as this unit's.

    What happened to the task cells (deleted, doubled, edited, their marks lost) refuses
    nothing: grading puts them back, and the answers are kept beside the notebook.
    """
    try:
        text = data.decode("utf-8-sig")
        cells = _cells(json.loads(text))
    except (ValueError, RecursionError):
        raise Invalid(
            "notebook.broken",
            N_(
                "笔记本文件坏了，打不开（可能没有存完）。请在 Jupyter 里打开并重新保存，"
                "或从单元页面重新取一份，再提交。"
            ),
        ) from None
    marks = {
        mark.get("grade_id")
        for cell in cells
        if isinstance(mark := cell["metadata"].get("nbgrader"), dict)
    }
    ours = any(task["id"] in marks or f'"{task["id"]}"' in text for task in unit["tasks"])
    if not ours and not has_answers:
        raise Invalid(
            "notebook.foreign",
            N_("这不是本单元的笔记本：里面没有本单元的题目。请提交从本单元页面取得的笔记本。"),
        )


def _cells(book: Any) -> list[dict[str, Any]]:
    """Return a notebook's cells, or raise ``ValueError``: what grading will not read either.

    Not nbformat.reads: it writes what it finds wrong, and so the learner's cells, to the log.
    """
    cells = book.get("cells") if isinstance(book, dict) and book.get("nbformat") == 4 else None
    if not isinstance(cells, list) or len(cells) > MAX_CELLS:
        raise ValueError("not a notebook of format 4")
    for cell in cells:
        if not isinstance(cell, dict) or cell.get("cell_type") not in CELL_TYPES:
            raise ValueError("a cell of no known kind")
        source = cell.get("source")
        lines = source if isinstance(source, list) else [source]
        if not all(isinstance(line, str) for line in lines):
            raise ValueError("a cell without text")
        if not isinstance(cell.setdefault("metadata", {}), dict):
            raise ValueError("a cell without metadata")
    return cells


def check_answers_file(data: bytes, unit: dict[str, Any]) -> dict[str, Any]:
    """Return the declared answers of an ``answers.json``, or refuse the file."""
    broken = Invalid(
        "answers.broken",
        N_("answers.json 不是本单元的答案文件。请在笔记本里重新保存答案后再提交。"),
    )
    if len(data) > MAX_ANSWERS_BYTES:
        raise broken
    try:
        content = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        raise broken from None
    if (
        not isinstance(content, dict)
        or content.get("format") != 1
        or content.get("unit") != unit["id"]
        or not isinstance(content.get("answers"), dict)
    ):
        raise broken
    answers: dict[str, Any] = content["answers"]
    return answers


def check_named_files(
    answers: dict[str, Any], unit: dict[str, Any], digests: dict[str, str]
) -> None:
    """Refuse answers that name a file which is not in the bundle, or not of a kind asked for.

    Whoever marks opens these files: what an answer promises must be there, and nothing else.

    :param digests: the bundle's ``{name: sha256}``
    """
    tasks = {task["id"]: (number, task) for number, task in enumerate(unit["tasks"], 1)}
    for task_id, entry in dropped.files_of(unit, answers):
        number, task = tasks[task_id]
        # Not the file's name: refusals are audited, and a name may be a person's.
        if dropped.unfit(task, entry):
            raise Invalid(
                "answers.file_unfit",
                N_(
                    "第 {task} 题里有一个文件不能收：只收 {types}，每个不超过 {mb} MB，不能是空文件。"
                    "请换一个文件，再提交。"
                ),
                task=number,
                types="、".join(task["accept"]),
                mb=task["max_mb"],
            )
        if digests.get(dropped.place(task_id, entry["name"])) != entry["sha256"]:
            raise Invalid(
                "answers.file_missing",
                N_(
                    "第 {task} 题的答案里写了一个文件，它却不在提交里，或者放进任务以后又改过。"
                    "请在那道题里重新添加这个文件，再提交。"
                ),
                task=number,
            )


def take(tar: bytes, name: str, sha256: str) -> bytes | None:
    """Return one file of our own tar, None when it has no such file with this content."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        for member in archive:
            if member.name == name and (file := archive.extractfile(member)):
                content = file.read()
                return content if hashlib.sha256(content).hexdigest() == sha256 else None
    return None


def unpack(chunks: Iterator[bytes], limits: BundleLimits, staging: Path) -> dict[str, bytes]:
    """Return the files of a tar that somebody sent, judged as a bundle's are.

    :raises Invalid: too large, too many, links, strange names, or no tar
    """
    files = _Files(limits, staging)
    with files.kept:
        _read_tar(_Limited(chunks, most_bytes(limits), limits.max_mb), files)
        return {name: files.content(name) for name in files.digests}


def pack(files: dict[str, bytes]) -> bytes:
    """Return files as a plain tar, as a client would send them."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name in sorted(files):
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            tar.addfile(info, io.BytesIO(files[name]))
    return out.getvalue()


def below(tar: bytes, folder: str) -> bytes:
    """Return our own tar again with every name below ``folder``."""
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        found = ((member.name, archive.extractfile(member)) for member in archive)
        return pack({f"{folder}/{name}": file.read() for name, file in found if file})
