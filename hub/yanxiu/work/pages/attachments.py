"""Files that teachers added to a task: taken in with a form, given out as attachments.

Whoever opens one gets it as a download that no page of ours can run: an opaque origin, no
sniffing, no type that a browser shows. Who may fetch it is decided as for the submission
or the draft that it belongs to.
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import IO, Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.datastructures import FormData, UploadFile
from starlette.responses import Response

from yanxiu.courses import bundles
from yanxiu.courses.forms import dropped
from yanxiu.courses.permissions import check_can_learn
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, NotFound
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import current_actor, get_store
from yanxiu.work.reads import submissions
from yanxiu.work.reads.answers import handed_in_answers
from yanxiu.work.verbs import draft_files

from .submissions import check_reader

router = APIRouter()

Reader = Annotated[Actor, Depends(current_actor)]
TheStore = Annotated[Store, Depends(get_store)]
POLICY = "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_CHUNK = 1024 * 1024


def take_files(
    form: FormData, unit: Mapping[str, Any], typed: dict[str, list[str]]
) -> dict[str, IO[bytes]]:
    """Return the files of a form by SHA-256, and note each in ``typed`` beside the kept ones.

    Reads every file once; which of them may stay is for ``forms`` to say, which sees
    their names and sizes in ``typed``.
    """
    received: dict[str, IO[bytes]] = {}
    for task in unit["tasks"]:
        if task["type"] != "file":
            continue
        field = dropped.field_of(task["id"])
        for upload in form.getlist(field):
            if not isinstance(upload, UploadFile) or not upload.filename:
                continue
            digest, size = _measure(upload.file)
            received[digest] = upload.file
            name = dropped.plain_name(upload.filename)
            typed.setdefault(f"{field}.kept", []).append(dropped.entry_text(name, size, digest))
    return received


def _measure(file: IO[bytes]) -> tuple[str, int]:
    sha, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        sha.update(chunk)
        size += len(chunk)
    return sha.hexdigest(), size


@router.get("/submissions/{submission_id}/files/{task_id}/{digest}")
def submitted_file(
    submission_id: uuid.UUID, task_id: str, digest: str, actor: Reader, store: TheStore
) -> Response:
    """Return a file of a submission, to its author and to those who may mark it."""
    with store.read() as session:
        row = check_reader(actor, submissions.submission(session, submission_id))
        unit = courses.unit(session, row.release_id, row.assignment.unit_key).definition
    entry = _named(unit, handed_in_answers(store.blobs, row), task_id, digest)
    tar = store.blobs.read(row.bundle_blob)
    content = bundles.take(tar, dropped.place(task_id, entry["name"]), digest)
    return _attachment(entry["name"], content)


@router.get("/units/{assignment_id}/files/{task_id}/{digest}")
def drafted_file(
    assignment_id: uuid.UUID, task_id: str, digest: str, actor: Reader, store: TheStore
) -> Response:
    """Return a file of one's own draft, or of one's last submission, which the form shows."""
    with store.read() as session:
        assignment = courses.assignment(session, assignment_id)
        enrolled = assignment is not None and (
            courses.enrolment(session, assignment.offering_id, actor.person_id) is not None
        )
        check_can_learn(actor, enrolled=enrolled)
        assert assignment is not None
        unit = courses.unit_of(session, assignment).definition
        draft = submissions.draft(session, assignment_id, actor.person_id)
        earlier = submissions.attempts(session, assignment_id, actor.person_id)
    answers = draft.answers if draft else {}
    if draft is None and earlier:
        answers = handed_in_answers(store.blobs, earlier[0])
    entry = _named(unit, answers, task_id, digest)
    content = draft_files.content(store, actor.person_id, assignment_id, task_id, entry)
    return _attachment(entry["name"], content)


def _named(unit: Mapping[str, Any], answers: Any, task_id: str, digest: str) -> Mapping[str, Any]:
    for task, entry in dropped.files_of(unit, answers):
        if task == task_id and entry["sha256"] == digest:
            return entry
    raise _no_file()


def _no_file() -> NotFound:
    return NotFound("file.not_found", N_("没有找到这个文件。请从页面上的链接打开。"))


def _attachment(name: str, content: bytes | None) -> Response:
    if content is None:
        raise _no_file()
    return Response(
        content,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
