"""Upload a roster, look at what it would do, have it imported, or drop it.

The import itself is a task (``IMPORT``): 35,000 people take longer than a browser waits. The file is kept encrypted for one hour between the steps, because it holds ID numbers.
Only who uploaded it can go on with it; which rows it may touch follows from what the
organizer organizes now, not at the upload.
"""

import base64
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from yanxiu.errors import N_, NotFound
from yanxiu.names import new_id
from yanxiu.people.idnumber import IdKey
from yanxiu.people.model import RosterUpload
from yanxiu.people.permissions import check_can_import_roster, check_can_see_upload
from yanxiu.people.reads import roster as sql
from yanxiu.people.roster.apply import (
    Beside,
    Prepared,
    apply_file,
    check_plan,
    prepared,
    preview,
)
from yanxiu.people.roster.match import Scope
from yanxiu.people.roster.plan import Plan
from yanxiu.people.roster.read import Table, read_table
from yanxiu.people.roster.seed import EVERYTHING
from yanxiu.roles import givers_of
from yanxiu.store import tasks
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.leases import Run
from yanxiu.store.refusals import audited
from yanxiu.store.tasks import Kind
from yanxiu.web.actor import Act, Actor, Role, Way

KEPT = timedelta(hours=1)
IMPORT = Kind(
    "roster.import",
    title=N_("导入花名册"),
    told=N_(
        "已导入：新增 {add} 人，修改 {change} 人，调动 {move} 人，恢复 {back} 人，标记离开 {left} 人；"
        "{enrolled} 人次加入了现在开的课程。"
    ),
    but=(("problems", N_("有 {problems} 行需要改正，没有导入。请回到预览，下载错误表。")),),
    after=(
        ("organize/slips", N_("下一步：生成激活单")),
        ("organize/people", N_("查看教师列表")),
    ),
    back=("organize/roster/{upload}", N_("回到花名册预览")),
)
#: The hour that the page promises, give or take five minutes.
EXPIRE = Kind("roster.expire", every=timedelta(minutes=5))
#: Enrols who came with a roster, and lets a note be written beside; ``courses`` has it.
Enrol = Callable[[Store, str, Callable[[Session, int], None]], int]


def scope_of(actor: Actor) -> Scope:
    """Return whom somebody's file may touch and which roles it may give there."""
    if actor.way is Way.COMMAND_LINE:
        return EVERYTHING
    gives = {(role.value, path) for role in Role for path in actor.paths(givers_of(role))}
    paths = actor.subtrees(Act.IMPORT_ROSTER)
    return Scope(paths, frozenset(gives), actor.person_id)


def upload_roster(store: Store, key: IdKey, actor: Actor, content: bytes, file: str) -> uuid.UUID:
    """Take a file that can be read; return the id under which it waits."""
    attempt = Event(actor.person_id, "roster.upload_refuse", "roster", "", actor.school_id)
    with audited(store, attempt):
        check_can_import_roster(actor)
        read_table(content, file)
        upload_id = new_id()
        sealed = key.encrypt(base64.b64encode(content).decode("ascii"))
        blob = store.keep([sealed])
        audit = Event(actor.person_id, "roster.upload", "roster", str(upload_id), actor.school_id)

        def work(session: Session, now: datetime) -> None:
            upload = RosterUpload(
                id=upload_id,
                person_id=actor.person_id,
                file_name=file[-120:],
                blob=blob,
                whole=False,
                created_at=now,
                expires_at=now + KEPT,
            )
            sql.add_upload(session, upload)

        try:
            store.transact(work, audit)
        except BaseException:
            store.blobs.remove(blob)  # it holds ID numbers: not until the next collection
            raise
    return upload_id


def preview_roster(
    store: Store, key: IdKey, actor: Actor, upload_id: uuid.UUID
) -> tuple[RosterUpload, Table, Plan]:
    """Return an upload, its table and what it would do now."""
    upload, table = _open(store, key, actor, upload_id)
    return upload, table, preview(store, prepared(table, key), scope_of(actor))


def ask_import(
    store: Store,
    key: IdKey,
    actor: Actor,
    upload_id: uuid.UUID,
    *,
    expected: str,
    whole: bool,
    leaving: int | None = None,
) -> uuid.UUID:
    """Have an upload imported; return the task. Asked twice, it is the same task.

    Who would leave by it must be looked at once more, so that is refused here already, while
    the organizer looks; the import itself checks again. A plan of 35,000 takes seconds: a file
    by which nobody leaves does not wait for it.

    :param expected: the digest of the plan that was shown
    :param whole: the file is the whole list of its schools: who is missing has left
    :param leaving: how many leave, confirmed once more (see ``apply_file``)
    """
    attempt = Event(
        actor.person_id, "roster.import_refuse", "roster", str(upload_id), actor.school_id
    )
    with audited(store, attempt):
        if whole:
            _, _, plan = preview_roster(store, key, actor, upload_id)
            check_plan(plan, expected=expected, whole=whole, leaving=leaving)
        else:
            _own(store, actor, upload_id)
        audit = Event(
            actor.person_id, "roster.ask_import", "roster", str(upload_id), actor.school_id
        )

        def work(session: Session, now: datetime) -> uuid.UUID:
            return tasks.add(
                session,
                IMPORT.name,
                asked_by=actor.person_id,
                now=now,
                school_id=actor.school_id,
                params={
                    "upload": str(upload_id),
                    "expected": expected,
                    "whole": whole,
                    "leaving": leaving,
                },
                key=f"{IMPORT.name}:{upload_id}",
            )

        return store.transact(work, audit)


def import_roster(run: Run, key: IdKey, actor: Actor, enrol: Enrol) -> dict[str, int]:
    """Import the rows without problems, and enrol the newcomers; return the counts.

    Both are done once, however often the task is begun: each leaves its counts in its own
    transaction.
    """
    store, upload_id = run.store, uuid.UUID(run.params["upload"])
    if "counts" not in run.kept:
        attempt = Event(
            actor.person_id, "roster.import_refuse", "roster", str(upload_id), actor.school_id
        )
        with audited(store, attempt):
            _, table = _open(store, key, actor, upload_id)
            file = prepared(table, key)
        run.step(0, len(file.checked.rows))
        _import_upload(run, key, actor, upload_id, file)
    if "enrolled" not in run.kept:
        enrol(
            store,
            actor.person_id,
            lambda session, added: run.keep(session, enrolled=added),
        )
    counts: dict[str, int] = run.kept["counts"]
    return {**counts, "enrolled": run.kept["enrolled"]}


def _import_upload(
    run: Run, key: IdKey, actor: Actor, upload_id: uuid.UUID, file: Prepared
) -> None:
    whole: bool = run.params["whole"]

    def beside(session: Session, now: datetime, counts: dict[str, int]) -> None:
        run.keep(session, counts=counts)
        found = sql.upload(session, upload_id)
        if found is not None:
            found.applied_at, found.whole = now, whole

    import_file(
        run.store,
        key,
        actor,
        file,
        upload=str(upload_id),
        whole=whole,
        leaving=run.params["leaving"],
        expected=run.params["expected"],
        beside=beside,
    )


def import_file(
    store: Store,
    key: IdKey,
    actor: Actor,
    file: Prepared,
    *,
    expected: str,
    upload: str = "",
    whole: bool = False,
    leaving: int | None = None,
    beside: Beside = lambda session, now, counts: None,
) -> dict[str, int]:
    """Import a file as ``actor``: the one way, of the task and of the command line.

    :param upload: the upload that it lay in, empty for a file of the operator's own
    :raises Refused: not the actor's to import; and see ``apply_file``, with the other parameters
    """
    attempt = Event(actor.person_id, "roster.import_refuse", "roster", upload, actor.school_id)
    with audited(store, attempt):
        check_can_import_roster(actor)
        return apply_file(
            store,
            file,
            key,
            scope_of(actor),
            audit=Event(actor.person_id, "roster.import", "roster", upload, actor.school_id),
            whole=whole,
            leaving=leaving,
            expected=expected,
            beside=beside,
        )


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
        _forget(store, over, Event(tasks.SYSTEM, "roster.expire", "roster"))
    return len(over)


def _forget(store: Store, uploads: list[RosterUpload], audit: Event) -> None:
    audit.details = {"uploads": len(uploads)}

    def work(session: Session, now: datetime) -> None:
        for upload in uploads:
            found = sql.upload(session, upload.id)
            if found is not None:
                sql.drop_upload(session, found)

    store.transact(work, audit)
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
