"""Accept notebook files that were chosen in a browser, as the unit's kind has them.

A unit of ours has one notebook, taken whatever its file is called, and its answers in a file
beside it; one of an nbgrader course has several, taken by their names. ``submit`` accepts the
bundle that is made of them.
"""

import os
import uuid
from collections.abc import Mapping, Sequence
from typing import IO

from yanxiu_formats.answers_file import ANSWERS
from yanxiu_formats.bundle import BadBundle, write
from yanxiu_formats.names import plain_name
from yanxiu_formats.notebooks import meant, notebook_name

from yanxiu.courses import bundles
from yanxiu.courses.kinds import kind_of
from yanxiu.errors import N_, Invalid
from yanxiu.settings.model import BundleLimits, Site
from yanxiu.store.audit import Event
from yanxiu.store.blobs import chunks_of
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work.receipts import Receipt

from .submit import submit, unit_to_do

#: A file's name as the browser gives it, and the file.
Upload = tuple[str, IO[bytes]]
#: One of these is in a notebook that brings its answers itself, in whatever encoding.
_DECLARATIONS = tuple(
    text.encode(encoding)
    for text in ("worksheet.answer(", ANSWERS)
    for encoding in ("utf-8", "utf-16-le", "utf-16-be")
)


def submit_uploads(
    store: Store,
    site: Site,
    actor: Actor,
    assignment_id: uuid.UUID,
    uploads: Sequence[Upload],
    client_key: str | None = None,
) -> Receipt:
    """Accept uploaded notebooks; return the receipt.

    :param uploads: at least one
    :raises Refused: see ``submit``
    :raises Invalid: not a notebook, two of one name, too large
    """
    unit = unit_to_do(store, actor, assignment_id)
    attempt = Event(
        actor.person_id,
        "submission.refuse",
        "assignment",
        str(assignment_id),
        actor.school_id,
        details={"via": "upload"},
    )
    with audited(store, attempt):
        has_form = kind_of(unit).has_form
        files = _named(uploads, site.bundle, beside=ANSWERS if has_form else "")
        notebooks = [name for name in files if notebook_name(name)]
        wanted = unit.notebooks
        if len(wanted) == len(notebooks) == 1:
            files[wanted[0]] = files.pop(notebooks[0])
        else:
            # A browser that downloads one twice calls the second one "ps1 (1).ipynb".
            for name, notebook in meant(wanted, notebooks).items():
                files[notebook] = files.pop(name)
        if has_form:
            _check_answered(files, wanted[0])
    with store.blobs.unnamed() as tar:
        write(tar, ((name, _size(file), file) for name, file in files.items()))
        tar.seek(0)
        chunks = chunks_of(tar)
        return submit(
            store, site, actor, assignment_id, chunks, via="upload", client_key=client_key
        )


def _check_answered(files: Mapping[str, IO[bytes]], notebook: str) -> None:
    """Refuse a notebook that holds no answers: it would be graded as if nothing was done."""
    declares = notebook in files and _mentions(files[notebook], _DECLARATIONS)
    if ANSWERS not in files and not declares:
        raise Invalid(
            "upload.no_answers",
            N_(
                "没有收：填的答案不在笔记本里，在同一个文件夹的 answers.json 里。"
                "请在选择文件时把两个一起选上，再上传。"
            ),
        )


def _mentions(file: IO[bytes], words: Sequence[bytes]) -> bool:
    """Say whether one of ``words`` is somewhere in a file, however large."""
    longest = max(map(len, words))
    before = b""
    file.seek(0)
    for chunk in chunks_of(file):
        here = before + chunk
        if any(word in here for word in words):
            return True
        before = here[-longest:]
    return False


def _size(file: IO[bytes]) -> int:
    """Return a file's length, and leave it at its start."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    return length


def _named(uploads: Sequence[Upload], limits: BundleLimits, *, beside: str) -> dict[str, IO[bytes]]:
    files: dict[str, IO[bytes]] = {}
    total = 0
    for path, file in uploads:
        name = plain_name(path)
        if beside and name.lower().startswith("answers") and name.lower().endswith(".json"):
            name = beside  # "answers (1).json", as browsers call a second download
        elif not notebook_name(name):
            raise Invalid(
                "upload.wrong_type",
                N_(
                    "这里只收笔记本（.ipynb）和它的答案文件（answers.json），选的文件里有别的。"
                    "请在 Jupyter 里用“文件 → 下载”取得它们，再上传。"
                )
                if beside
                else N_("这里只能上传笔记本文件（.ipynb），选的文件里有别的。请重新选择。"),
            )
        if name in files:
            raise bundles.refusal(BadBundle("bundle.twice", name=name))
        total += _size(file)
        if total > limits.max_mb * 1_000_000:
            raise bundles.too_large(limits)
        files[name] = file
    return files
