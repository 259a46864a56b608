"""The bytes of the files that a draft names: kept apart, taken along, cleaned with it.

Every draft has a folder of blobs of its own, below the store's: so a file goes when its draft
does, and nobody else's draft can name it. A file may also lie in the person's last
submission, which the form shows again to be improved. Called by ``save_draft``,
``submit`` and the pages.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import IO, Any

from yanxiu_formats.answers import Entry, files_of, place
from yanxiu_formats.bundle import copy_file
from yanxiu_formats.tasks import FileTask
from yanxiu_formats.units import Unit

from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid
from yanxiu.names import is_person_id
from yanxiu.store.audit import Event
from yanxiu.store.blobs import Part, chunks_of
from yanxiu.store.engine import Session, Store
from yanxiu.work.reads import attempts

#: SHA-256 → an open file that a browser just sent.
Received = Mapping[str, IO[bytes]]
Named = tuple[FileTask, Entry]


def folder(store: Store, person_id: str, assignment_id: uuid.UUID) -> Part:
    """Return where the files of a person's draft lie."""
    return store.blobs.below("drafts", person_id, str(assignment_id))


def keep(
    store: Store,
    person_id: str,
    assignment_id: uuid.UUID,
    files: list[Named],
    received: Received,
) -> None:
    """Put every one of ``files`` into the draft's folder, wherever it lies now.

    :raises Invalid: one is nowhere: sent by nobody, in no earlier work of this person
    :raises Full: there is little room on the disk
    """
    kept = folder(store, person_id, assignment_id)
    for task, entry in files:
        if kept.has(entry["sha256"]):
            continue
        store.check_room()
        if entry["sha256"] in received:
            sent = received[entry["sha256"]]
            sent.seek(0)
            stored = kept.put(chunks_of(sent))
        else:
            found = _handed_in(store, person_id, assignment_id, task, entry)
            if found is None:
                raise _gone()
            with found:
                stored = kept.put(chunks_of(found))
        if stored != entry["sha256"]:
            raise _gone()


def _gone() -> Invalid:
    return Invalid(
        "draft.file_gone",
        N_("有一个文件没有收到。请在那道题里去掉它的勾，重新选择，再保存；其他内容还在本页。"),
    )


def open_file(
    store: Store, person_id: str, assignment_id: uuid.UUID, task: FileTask, entry: Entry
) -> IO[bytes] | None:
    """Open a file of the person's own draft or last submission, None when it is in neither."""
    kept = folder(store, person_id, assignment_id)
    if kept.has(entry["sha256"]):
        return kept.open(entry["sha256"])
    return _handed_in(store, person_id, assignment_id, task, entry)


def for_bundle(
    store: Store, person_id: str, assignment_id: uuid.UUID, unit: Unit, answers: Any
) -> Iterator[tuple[str, int, IO[bytes]]]:
    """Give the files that ``answers`` name: place in a bundle, size, and the file till the next.

    :raises Invalid: one is neither in the draft nor in the last submission
    """
    for task, entry in files_of(unit, answers):
        found = open_file(store, person_id, assignment_id, task, entry)
        if found is None:
            raise _gone()
        with found:
            size = found.seek(0, os.SEEK_END)
            found.seek(0)
            yield place(task.id, entry["name"]), size, found


def clean(store: Store, person_id: str, assignment_id: uuid.UUID) -> None:
    """Remove the files that the person's draft does not name (any more).

    In a transaction that makes this person's saving wait: otherwise a file could go that a
    second tab is about to name.
    """
    kept = folder(store, person_id, assignment_id)
    with store.read() as session:
        if not kept.digests() - _named(session, person_id, assignment_id):
            return
    audit = Event(person_id, "draft.clean", "assignment", str(assignment_id))

    def work(session: Session, now: datetime) -> None:
        lock(session, person_id, assignment_id)
        # Of this run alone: before it is run again, a draft may have come to name one.
        gone = kept.digests() - _named(session, person_id, assignment_id)
        for digest in gone:
            kept.remove(digest)
        audit.details = {"files": len(gone)}

    store.transact(work, audit)
    kept.remove_if_empty()


def drafts_before(store: Store, before: datetime) -> Iterator[tuple[str, uuid.UUID]]:
    """Give (person, assignment) of the drafts whose files were last added to before then."""
    for (person_id, assignment_id), added_at in store.blobs.parts("drafts"):
        if is_person_id(person_id) and added_at < before.timestamp():
            yield person_id, uuid.UUID(assignment_id)


def lock(session: Session, person_id: str, assignment_id: uuid.UUID) -> None:
    """Let two tabs of one person take their turn."""
    assignment = courses.assignment(session, assignment_id)
    assert assignment is not None
    courses.enrolment(session, assignment.offering_id, person_id, for_update=True)


def _named(session: Session, person_id: str, assignment_id: uuid.UUID) -> set[str]:
    draft = attempts.draft(session, assignment_id, person_id)
    assignment = courses.assignment(session, assignment_id)
    if draft is None or assignment is None:
        return set()
    unit = courses.unit_of(session, assignment).definition
    return {entry["sha256"] for _, entry in files_of(unit, draft.answers)}


def _handed_in(
    store: Store, person_id: str, assignment_id: uuid.UUID, task: FileTask, entry: Entry
) -> IO[bytes] | None:
    with store.read() as session:
        earlier = attempts.attempts(session, assignment_id, person_id)
    blob = earlier[0].bundle_blob if earlier else None
    return open_in_bundle(store, blob, task, entry) if blob else None


def open_in_bundle(
    store: Store, bundle_blob: str, task: FileTask, entry: Entry
) -> IO[bytes] | None:
    """Open a file of a bundle, None when it is not in there."""
    out = store.blobs.unnamed()
    with store.blobs.open(bundle_blob) as tar:
        if copy_file(chunks_of(tar), place(task.id, entry["name"]), entry["sha256"], out):
            out.seek(0)
            return out
    out.close()
    return None
