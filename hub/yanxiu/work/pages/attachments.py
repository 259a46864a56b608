"""Files that teachers added to a task: taken in with a form, given out as attachments.

Whoever opens one gets it as a download that no page of ours can run: an opaque origin, no
sniffing, no type that a browser shows. Who may fetch it is decided as for the submission
or the draft that it belongs to.
"""

import hashlib
import uuid
from typing import IO, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response
from yanxiu_formats.answers import Entry, files_of
from yanxiu_formats.answers.files import KEPT, entry_text, kept_entries
from yanxiu_formats.names import another_name, plain_name
from yanxiu_formats.tasks import FileTask
from yanxiu_formats.units import Unit

from yanxiu.courses.forms import field_name
from yanxiu.courses.loaders import enrolled_assignment
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, NotFound
from yanxiu.store.blobs import LARGE, chunks_of
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import current_actor, get_store
from yanxiu.web.downloads import download
from yanxiu.web.heavy import heavy
from yanxiu.work import contents
from yanxiu.work.loaders import visible_attempt
from yanxiu.work.reads import attempts
from yanxiu.work.reads.answers import handed_in_answers
from yanxiu.work.verbs import draft_files

router = APIRouter()

Reader = Annotated[Actor, Depends(current_actor)]
TheStore = Annotated[Store, Depends(get_store)]
POLICY = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def take_files(form: FormData, unit: Unit, typed: dict[str, list[str]]) -> dict[str, IO[bytes]]:
    """Return the files of a form by SHA-256, and note each in ``typed`` beside the kept ones.

    Reads every file once; which of them may stay is for ``forms`` to say, which sees
    their names and sizes in ``typed``.
    """
    received: dict[str, IO[bytes]] = {}
    for task in unit.tasks:
        if not isinstance(task, FileTask):
            continue
        sent: list[str] = []
        kept = [one["name"] for one in kept_entries(typed.get(field_name(task, KEPT), ()))]
        for upload in form.getlist(field_name(task)):
            if not isinstance(upload, UploadFile) or not upload.filename:
                continue
            digest, size = _measure(upload.file)
            if digest in received:
                continue
            received[digest] = upload.file
            name = plain_name(upload.filename)
            # Two photos of one sending may both be called image.jpg: both stay. The name
            # again later is the newer version of that file, and of no other.
            if another_name(name, sent) != name:
                name = another_name(name, [*sent, *kept])
            sent.append(name)
            entry = Entry(name=sent[-1], size=size, sha256=digest)
            typed.setdefault(field_name(task, KEPT), []).append(entry_text(entry))
    return received


def _measure(file: IO[bytes]) -> tuple[str, int]:
    sha, size = hashlib.sha256(), 0
    file.seek(0)
    for chunk in chunks_of(file, LARGE):
        sha.update(chunk)
        size += len(chunk)
    return sha.hexdigest(), size


@router.get("/submissions/{submission_id}/files/{task_id}/{digest}")
@heavy
def submitted_file(
    request: Request,
    submission_id: uuid.UUID,
    task_id: str,
    digest: str,
    actor: Reader,
    store: TheStore,
) -> Response:
    """Return a file of a submission, to its author and to those who may mark it."""
    with store.read() as session:
        row = visible_attempt(session, actor, submission_id)
        unit = courses.unit(session, row.release_id, row.assignment.unit_key).definition
    bundle = contents.bundle_of(row)
    task, entry = _named(unit, handed_in_answers(store.blobs, row, unit), task_id, digest)
    return _attachment(entry["name"], draft_files.open_in_bundle(store, bundle, task, entry))


@router.get("/units/{assignment_id}/files/{task_id}/{digest}")
@heavy
def drafted_file(
    request: Request,
    assignment_id: uuid.UUID,
    task_id: str,
    digest: str,
    actor: Reader,
    store: TheStore,
) -> Response:
    """Return a file of one's own draft, or of one's last submission, which the form shows."""
    with store.read() as session:
        assignment = enrolled_assignment(session, actor, assignment_id)
        unit = courses.unit_of(session, assignment).definition
        draft = attempts.draft(session, assignment_id, actor.person_id)
        earlier = attempts.attempts(session, assignment_id, actor.person_id)
    answers = draft.answers if draft else {}
    if draft is None and earlier:
        answers = handed_in_answers(store.blobs, earlier[0], unit)
    task, entry = _named(unit, answers, task_id, digest)
    content = draft_files.open_file(store, actor.person_id, assignment_id, task, entry)
    return _attachment(entry["name"], content)


def _named(unit: Unit, answers: Any, task_id: str, digest: str) -> tuple[FileTask, Entry]:
    for task, entry in files_of(unit, answers):
        if task.id == task_id and entry["sha256"] == digest:
            return task, entry
    raise _no_file()


def _no_file() -> NotFound:
    return NotFound("file.not_found", N_("没有找到这个文件。请从页面上的链接打开。"))


def _attachment(name: str, content: IO[bytes] | None) -> Response:
    if content is None:
        raise _no_file()
    return download(
        content,
        "application/octet-stream",
        {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
