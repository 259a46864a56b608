"""Upload a roster, look at what it would do, import it, or drop it.

The file is kept encrypted for one hour between the steps, because it holds ID numbers.
Only who uploaded it can go on with it; which rows it may touch follows from what the
organizer organizes now, not at the upload.
"""

import base64
import uuid
from collections.abc import Callable
from datetime import timedelta

from yanxiu.errors import N_, NotFound
from yanxiu.names import new_id
from yanxiu.people.idnumber import IdKey
from yanxiu.people.model import RosterUpload
from yanxiu.people.permissions import check_can_import_roster, check_can_see_upload
from yanxiu.people.reads import roster as sql
from yanxiu.people.roster.apply import apply_file, prepared, preview
from yanxiu.people.roster.match import Scope
from yanxiu.people.roster.plan import Plan
from yanxiu.people.roster.read import Table, read_table
from yanxiu.roles import givers_of, roles_that_may
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Act, Actor, Role

KEPT = timedelta(hours=1)


def scope_of(actor: Actor) -> Scope:
    """Return whom an organizer's file may touch and which roles it may give there."""
    gives = {(role.value, path) for role in Role for path in actor.paths(givers_of(role))}
    paths = actor.paths(roles_that_may(Act.IMPORT_ROSTER))
    return Scope(paths, frozenset(gives), actor.person_id)


def upload_roster(store: Store, key: IdKey, actor: Actor, content: bytes, file: str) -> uuid.UUID:
    """Take a file that can be read; return the id under which it waits."""
    attempt = Event(actor.person_id, "roster.upload_refuse", "roster", "", actor.school_id)
    with audited(store, attempt):
        check_can_import_roster(actor)
        read_table(content, file)
        forget_expired(store)
        now = store.clock()
        upload_id = new_id()
        sealed = key.encrypt(base64.b64encode(content).decode("ascii"))
        blob = store.blobs.put([sealed])
        audit = Event(actor.person_id, "roster.upload", "roster", str(upload_id), actor.school_id)
        upload = RosterUpload(
            id=upload_id,
            person_id=actor.person_id,
            file_name=file[-120:],
            blob=blob,
            whole=False,
            created_at=now,
            expires_at=now + KEPT,
        )
        try:
            with store.write(audit) as session:
                sql.add_upload(session, upload)
        except BaseException:
            store.blobs.remove(blob)  # nothing would ever clear it away
            raise
    return upload_id


def preview_roster(
    store: Store, key: IdKey, actor: Actor, upload_id: uuid.UUID
) -> tuple[RosterUpload, Table, Plan]:
    """Return an upload, its table and what it would do now."""
    upload, table = _open(store, key, actor, upload_id)
    return upload, table, preview(store, prepared(table, key), scope_of(actor))


def import_roster(
    store: Store,
    site: Site,
    key: IdKey,
    actor: Actor,
    upload_id: uuid.UUID,
    *,
    expected: str,
    whole: bool,
    enrol: Callable[[Store, Site, str], int],
    leaving: int | None = None,
) -> dict[str, int]:
    """Import the rows without problems, and enrol the newcomers; return the counts.

    :param leaving: how many leave, confirmed once more (see ``apply_file``)
    """
    attempt = Event(
        actor.person_id, "roster.import_refuse", "roster", str(upload_id), actor.school_id
    )
    with audited(store, attempt):
        _, table = _open(store, key, actor, upload_id)
        audit = Event(actor.person_id, "roster.import", "roster", str(upload_id), actor.school_id)
        counts = apply_file(
            store,
            prepared(table, key),
            key,
            scope_of(actor),
            audit=audit,
            whole=whole,
            leaving=leaving,
            expected=expected,
        )
        counts["enrolled"] = enrol(store, site, actor.person_id)
        done = Event(actor.person_id, "roster.imported", "roster", str(upload_id), actor.school_id)
        with store.write(done) as session:
            found = sql.upload(session, upload_id)
            if found is not None:
                found.applied_at, found.whole = store.clock(), whole
    return counts


def discard_roster(store: Store, actor: Actor, upload_id: uuid.UUID) -> None:
    """Forget an upload."""
    attempt = Event(
        actor.person_id, "roster.discard_refuse", "roster", str(upload_id), actor.school_id
    )
    with audited(store, attempt):
        upload = _own(store, actor, upload_id)
        audit = Event(actor.person_id, "roster.discard", "roster", str(upload_id), actor.school_id)
        _forget(store, [upload], audit)


def forget_expired(store: Store) -> int:
    """Forget the uploads whose hour is over; return how many."""
    with store.read() as session:
        over = sql.expired_uploads(session, store.clock())
    if over:
        _forget(store, over, Event("system:records", "roster.expire", "roster"))
    return len(over)


def _forget(store: Store, uploads: list[RosterUpload], audit: Event) -> None:
    audit.details = {"uploads": len(uploads)}
    with store.write(audit) as session:
        for upload in uploads:
            found = sql.upload(session, upload.id)
            if found is not None:
                sql.drop_upload(session, found)
    for upload in uploads:
        store.blobs.remove(upload.blob)


def _own(store: Store, actor: Actor, upload_id: uuid.UUID) -> RosterUpload:
    check_can_import_roster(actor)
    with store.read() as session:
        found = sql.upload(session, upload_id)
    owner = found.person_id if found is not None and found.expires_at > store.clock() else ""
    check_can_see_upload(actor, owner_id=owner)
    assert found is not None
    return found


def _open(
    store: Store, key: IdKey, actor: Actor, upload_id: uuid.UUID
) -> tuple[RosterUpload, Table]:
    upload = _own(store, actor, upload_id)
    try:
        content = base64.b64decode(key.decrypt(store.blobs.read(upload.blob)))
    except FileNotFoundError:
        raise NotFound(
            "roster.not_found", N_("没有找到这份花名册。上传后一小时内有效，请重新上传。")
        ) from None
    return upload, read_table(content, upload.file_name)
