"""Judge what is handed in, before anything is written under a lasting name.

Decides whether a bundle is work on a unit (a notebook of it or declared answers, with the files
that they name). What a bundle is at all is ``yanxiu_formats.bundle``'s to say. Does not know who
sends it, nor when. Called by ``work.verbs.submit``; ``docs/reference/records-api.md`` is the
contract.
"""

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import IO, Any

from yanxiu_formats import answers as formats
from yanxiu_formats import answers_file, bundle, notebooks
from yanxiu_formats.answers_file import ANSWERS
from yanxiu_formats.bundle import BadBundle, Limits
from yanxiu_formats.notebooks import BadNotebook, Notebook
from yanxiu_formats.sentences import source
from yanxiu_formats.units import Unit, WorksheetUnit

from yanxiu.errors import N_, Invalid
from yanxiu.settings.model import BundleLimits
from yanxiu.store.blobs import Blobs

from .forms import WrongAnswer
from .nbgrader import handed_in

#: What a notebook becomes when it is read takes many times its size: only a few at once.
_AT_ONCE = threading.BoundedSemaphore(2)
#: A notebook is judged as a whole, and takes several times its size meanwhile: large ones wait
#: for each other, so that forty at once cannot take the machine's memory.
_LARGE = 2_000_000
_one_large = threading.Lock()


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


def limits_of(site: BundleLimits) -> Limits:
    """Return a site's limits as the format has them."""
    return Limits(files=site.max_files, total_bytes=site.max_mb * 1_000_000)


def too_large(site: BundleLimits) -> Invalid:
    """Return the refusal of more than the site takes."""
    return refusal(bundle.too_large(limits_of(site)))


def refusal(error: BadBundle) -> Invalid:
    """Return what is said of an archive that may not be taken."""
    status = 413 if error.code == "bundle.too_large" else 422
    said = Invalid(error.code, source(error.code), status=status, **error.params)
    said.private = frozenset({"name"})
    return said


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except BadBundle as error:
        raise refusal(error) from error


def read_bundle(chunks: Iterator[bytes], unit: Unit, limits: BundleLimits, blobs: Blobs) -> Bundle:
    """Judge a plain tar; raise ``Invalid`` with what is wrong and what to do.

    Files go to an unnamed file beside ``blobs``, so nothing is left behind whatever happens.
    """
    with bundle.Files(blobs.unnamed()) as files:
        with _said():
            for member in bundle.members(chunks, limits_of(limits)):
                files.add(member)
        with _one_large if files.total > _LARGE else nullcontext():
            if isinstance(unit, WorksheetUnit):
                has_notebook = _check_worksheet(files, unit)
            else:
                has_notebook = handed_in.check(files, unit, read_notebook)
        tar = blobs.unnamed()
        files.pack(tar)
        tar.seek(0)
        return Bundle(tar, bundle.digest_of(files.digests), files.total, has_notebook)


def read_files(chunks: Iterator[bytes], limits: BundleLimits) -> dict[str, bytes]:
    """Return the files of a tar that somebody sent, judged as a bundle's are.

    :raises Invalid: too large, too many, links, strange names, or no tar
    """
    with _said():
        return {one.name: one.content.read() for one in bundle.members(chunks, limits_of(limits))}


def _check_worksheet(files: bundle.Files, unit: WorksheetUnit) -> bool:
    """Judge a bundle of one of our units; return whether it has the unit's notebook."""
    has_notebook = unit.notebook in files
    if has_notebook:
        check_notebook(files[unit.notebook], unit, has_answers=ANSWERS in files)
    if ANSWERS in files:
        check_named_files(check_answers_file(files[ANSWERS], unit), unit, files.digests)
    if not has_notebook and ANSWERS not in files:
        raise Invalid(
            "bundle.nothing",
            N_("提交里没有本单元的笔记本 {notebook}。请从单元文件夹里提交，或不要给笔记本改名。"),
            notebook=unit.notebook,
        )
    return has_notebook


def read_notebook(name: str, data: bytes) -> Notebook:
    """Return a notebook as grading will read it; refuse what grading could not.

    :raises Invalid: with the cell, and what to do
    """
    try:
        with _AT_ONCE:
            return notebooks.read(data)
    except BadNotebook as error:
        status = 413 if error.code == "notebook.intricate" else 422
        raise Invalid(
            error.code, source(error.code), status=status, notebook=name, **error.params
        ) from None


def check_notebook(data: bytes, unit: WorksheetUnit, *, has_answers: bool) -> None:
    """Refuse a notebook that nobody could grade as this unit's.

    What happened to the task cells (deleted, doubled, edited, their marks lost) refuses
    nothing: grading puts them back, and the answers are kept beside the notebook.
    """
    book = read_notebook(unit.notebook, data)
    if has_answers:
        return
    tasks = {task.id for task in unit.tasks}
    known = notebooks.grade_ids(book) | {cell["id"] for cell in book["cells"]}
    if tasks & known or any(_names(cell["source"], tasks) for cell in book["cells"]):
        return
    raise Invalid("notebook.foreign", source("notebook.foreign"), notebook=unit.notebook)


def _names(text: str, tasks: Collection[str]) -> bool:
    return any(f'"{task}"' in text or f"'{task}'" in text for task in tasks)


def check_answers_file(data: bytes, unit: WorksheetUnit) -> Mapping[str, Any]:
    """Return the declared answers of an ``answers.json``, or refuse the file.

    A value that no task keeps is refused here, with the sentence that its form would have
    said, rather than counted as empty once there is a receipt.
    """
    try:
        answers = answers_file.read(data, unit)
    except answers_file.BadAnswers:
        raise Invalid("answers.broken", source("answers.broken")) from None
    for number, task in enumerate(unit.tasks, 1):
        # Files have sentences of their own below, which name none of them.
        wrong = formats.clean(task, answers.get(task.id)).wrong
        if wrong and task.type != "file":
            raise WrongAnswer(wrong[0], number)
    return answers


def check_named_files(
    answers: Mapping[str, Any], unit: WorksheetUnit, digests: Mapping[str, str]
) -> None:
    """Refuse answers that name a file which is not in the bundle, or not of a kind asked for.

    Whoever marks opens these files: what an answer promises must be there, and nothing else.

    :param digests: the bundle's ``{name: sha256}``
    """
    numbers = {task.id: number for number, task in enumerate(unit.tasks, 1)}
    for task, entry in formats.files_of(unit, answers):
        # Not the file's name: refusals are audited, and a name may be a person's.
        if formats.unfit(task, entry["name"], entry["size"]):
            code = "answers.file_unfit"
            params: dict[str, Any] = {"types": "、".join(task.accept), "mb": task.max_mb}
        elif digests.get(formats.place(task.id, entry["name"])) != entry["sha256"]:
            code, params = "answers.file_missing", {}
        else:
            continue
        raise Invalid(code, source(code), task=numbers[task.id], **params)
