"""Accept a teacher's work: judge the bundle, store it, queue it, give a receipt.

One transaction holds the attempt, its grading job and the audit event, so a receipt means
all three. The same work sent twice gets the same receipt.
"""

import io
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session
from yanxiu_formats import answers_file
from yanxiu_formats.bundle import write
from yanxiu_formats.units import Unit

from yanxiu.courses import bundles
from yanxiu.courses.forms import check_answers
from yanxiu.courses.permissions import check_can_learn
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, Refused
from yanxiu.names import new_id
from yanxiu.settings.model import BundleLimits, Site
from yanxiu.store.audit import Event
from yanxiu.store.blobs import chunks_of
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import policies
from yanxiu.work.model import Attempt, Draft
from yanxiu.work.reads.handing_in import Earlier, HandingIn, handing_in
from yanxiu.work.receipts import Receipt, new_number
from yanxiu.work.rules import State, may

from . import draft_files
from .claim import claim


def submit(
    store: Store,
    site: Site,
    actor: Actor,
    assignment_id: uuid.UUID,
    chunks: Iterator[bytes],
    *,
    via: str,
    client_key: str | None = None,
    digest: str | None = None,
) -> Receipt:
    """Accept a bundle (a plain tar, in chunks) and return its receipt.

    :param via: ``jupyter``, ``form`` or ``upload``
    :param client_key: names this attempt for the client; the same key is the same attempt.
        Without one, the same content as the latest attempt is the same attempt.
    :param digest: what the client counted, if it said so: nothing else is taken
    :raises Refused: not enrolled, closed, no attempt left, storage full
    :raises Invalid: the bundle cannot be taken as it is
    """
    attempt = Event(
        actor.person_id,
        "submission.refuse",
        "assignment",
        str(assignment_id),
        actor.school_id,
        details={"via": via},
    )
    with audited(store, attempt):
        if client_key is not None:
            check_client_key(client_key)
        found, unit = _to_do(store, actor, assignment_id, client_key)
        if client_key and (receipt := known_receipt(found, client_key)):
            return receipt
        store.check_room()
        bundle = bundles.read_bundle(chunks, unit, site.bundle, store.blobs)
        if digest not in (None, bundle.digest):
            raise Invalid(
                "bundle.changed",
                N_("收到的内容和发出的不一样，没有收下。您的文件没有改动，请再提交一次。"),
            )
        # Judged again inside the transaction; asked here so that nothing is stored in vain.
        if receipt := known_receipt(found, client_key, bundle.digest):
            return receipt
        _check_policies(store.clock(), found)
        _check_share(found, site.bundle, bundle.size)
        with bundle.tar:
            blob = store.keep(chunks_of(bundle.tar))
        return _accept(store, site.bundle, actor, found, bundle, blob, via, client_key)


def check_client_key(text: str) -> None:
    """Refuse what cannot name an attempt: it goes into headers and into either database."""
    if not (1 <= len(text) <= 64 and text.isascii() and text.isprintable()):
        raise Invalid("submit.bad_key", N_("X-Client-Key 应是 1 到 64 个英文字母、数字或符号。"))


def check_open(
    store: Store, actor: Actor, assignment_id: uuid.UUID, client_key: str | None
) -> HandingIn:
    """Raise if a submission now would be refused whatever it holds.

    Asked before 20 MB come over a slow line; ``submit`` judges again when they are there.
    """
    attempt = Event(
        actor.person_id, "submission.refuse", "assignment", str(assignment_id), actor.school_id
    )
    with audited(store, attempt):
        store.check_room()
        found, _ = _to_do(store, actor, assignment_id, client_key)
        if known_receipt(found, client_key) is None:
            _check_policies(store.clock(), found)
        return found


def submit_form(
    store: Store,
    site: Site,
    actor: Actor,
    assignment_id: uuid.UUID,
    answers: dict[str, Any],
    client_key: str | None = None,
) -> Receipt:
    """Accept declared answers given in the portal's form, with the files of its draft."""
    unit = unit_to_do(store, actor, assignment_id)
    kept = check_answers(unit, answers)
    answers_json = answers_file.write(unit, kept)
    with store.blobs.unnamed() as tar:
        declared = (answers_file.ANSWERS, len(answers_json), io.BytesIO(answers_json))
        files = draft_files.for_bundle(store, actor.person_id, assignment_id, unit, kept)
        write(tar, chain([declared], files))
        tar.seek(0)
        chunks = chunks_of(tar)
        receipt = submit(
            store, site, actor, assignment_id, chunks, via="form", client_key=client_key
        )
    draft_files.clean(store, actor.person_id, assignment_id)
    return receipt


def unit_to_do(store: Store, actor: Actor, assignment_id: uuid.UUID) -> Unit:
    """Return the unit, if it is the actor's to do."""
    return _to_do(store, actor, assignment_id, None)[1]


def _to_do(
    store: Store, actor: Actor, assignment_id: uuid.UUID, client_key: str | None
) -> tuple[HandingIn, Unit]:
    """Return what the actor hands in and its unit, if it is theirs to do."""
    with store.read() as session:
        found = handing_in(session, store.clock(), actor.person_id, assignment_id, client_key)
        check_can_learn(actor, enrolled=found is not None)
        assert found is not None
        return found, courses.definition(session, found.release_id, assignment_id)


def known_receipt(
    found: HandingIn, client_key: str | None, digest: str | None = None
) -> Receipt | None:
    """Return the receipt of this attempt if it was accepted before."""
    same = _same(found.earlier, client_key, digest)
    return _receipt(same) if same else None


def _receipt(row: Attempt | Earlier) -> Receipt:
    return Receipt(row.id, row.receipt_no, row.number, row.received_at, row.digest, row.late)


def _same(earlier: Sequence[Earlier], client_key: str | None, digest: str | None) -> Earlier | None:
    """Find the attempt that this one repeats: by key, or without one by the latest digest."""
    if client_key is not None:
        return next((row for row in earlier if row.client_key == client_key), None)
    latest = next((row for row in earlier if row.state != State.WITHDRAWN), None)
    return latest if latest is not None and latest.digest == digest else None


def _check_policies(now: datetime, found: HandingIn) -> bool:
    """Raise unless an attempt is taken now; say whether it is late."""
    late = policies.check_window(
        now, opens_at=found.opens_at, due_at=found.due_at, late_until=found.late_until
    )
    policies.check_attempts(found.taken, found.max_attempts, passed=found.passed)
    return late


def _check_share(found: HandingIn, limits: BundleLimits, coming_bytes: int) -> None:
    policies.check_rate(found.last_hour, limits.per_hour)
    policies.check_share(found.held_bytes, coming_bytes, limits.person_mb)


def _accept(
    store: Store,
    limits: BundleLimits,
    actor: Actor,
    found: HandingIn,
    bundle: bundles.Bundle,
    blob: str,
    via: str,
    client_key: str | None,
) -> Receipt:
    audit = Event(actor.person_id, "submission.accept", "submission", school_id=actor.school_id)

    def work(session: Session, now: datetime) -> Receipt:
        with claim(session, now, actor.person_id, found.assignment_id) as held:
            # As it is now: half an hour may lie between the first byte of a body and its last.
            open_now = handing_in(session, now, actor.person_id, found.assignment_id, client_key)
            check_can_learn(actor, enrolled=open_now is not None)
            assert open_now is not None
            if same := _same(open_now.earlier, client_key, bundle.digest):
                audit.verb, audit.object_id = "submission.repeat", str(same.id)
                return _receipt(same)
            late = _check_policies(now, open_now)
            if open_now.release_id != found.release_id:  # of whose unit the bundle was judged
                raise Refused(
                    "submit.course_moved",
                    N_(
                        "课程刚刚换了版本，这次没有收下。您的文件没有改动，请打开单元页面看一看，再提交一次。"
                    ),
                    status=409,
                )
            _check_share(open_now, limits, bundle.size)
            row = Attempt(
                id=new_id(),
                assignment_id=found.assignment_id,
                person_id=actor.person_id,
                school_id=actor.school_id,
                release_id=open_now.release_id,
                number=open_now.last_number + 1,
                version=held.version,
                via=via,
                client_key=client_key,
                digest=bundle.digest,
                bundle_blob=blob,
                bundle_bytes=bundle.size,
                has_notebook=bundle.has_notebook,
                late=late,
                received_at=now,
                receipt_no=new_number(now),
            )
            held.accept(row, [one for one in open_now.earlier if may(one.state, "newer_attempt")])
            if via == "form":
                mine = (
                    Draft.person_id == actor.person_id,
                    Draft.assignment_id == found.assignment_id,
                )
                session.execute(delete(Draft).where(*mine))
            audit.object_id = str(row.id)
            audit.details = {"via": via, "attempt": row.number, "bytes": bundle.size, "late": late}
            return _receipt(row)

    return store.transact(work, audit)
