"""Take a bundle in pieces, so that a broken line costs only what was on it.

Decides who may go on with an upload, how big and how many there may be, and when one is
forgotten; what is in it is ``submit``'s to judge, once it is whole. Called by
``api.uploads``. The bytes lie in ``work.uploads``.
"""

import re
import uuid
from datetime import timedelta

from yanxiu.courses import bundles
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.settings.model import BundleLimits, Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.store.tasks import SYSTEM
from yanxiu.web.actor import Actor
from yanxiu.work.receipts import Receipt
from yanxiu.work.uploads import Upload, Uploads, upload_id

from . import submit as submit_verb

_DIGEST = re.compile(r"[0-9a-f]{64}")


def begin(
    store: Store,
    site: Site,
    actor: Actor,
    assignment_id: uuid.UUID,
    *,
    digest: str,
    size: int,
    client_key: str,
) -> Upload | Receipt:
    """Return the upload of this attempt, new or as far as it came; its receipt if it is done.

    :param digest: of the bundle's manifest
    :param size: of the tar, bytes
    :raises Refused: not enrolled, closed, no attempt left, too big, storage full
    """
    with audited(store, _attempt(actor, assignment_id)):
        submit_verb.check_client_key(client_key)
        if _DIGEST.fullmatch(digest) is None or size < 1:
            raise Invalid("request.format", N_("请求的格式不对，请对照接口文档检查。"))
        if size > bundles.limits_of(site.bundle).tar_bytes:
            raise bundles.too_large(site.bundle)
    open_unit = submit_verb.check_open(store, actor, assignment_id, client_key)
    if receipt := submit_verb.known_receipt(open_unit, client_key):
        return receipt
    with audited(store, _attempt(actor, assignment_id)):
        uploads = Uploads(store.blobs)
        now = store.clock()
        name = upload_id(assignment_id, client_key, digest, size)
        found = _unexpired(store, site, uploads.find(actor.person_id, name))
        if found is not None:
            return found
        # The oldest goes: whoever changed their work and began anew must not be locked out.
        for old in uploads.of(actor.person_id)[: -site.bundle.open_uploads + 1 or None]:
            uploads.remove(old)
        new = Upload(name, actor.person_id, assignment_id, client_key, digest, size, now)
        uploads.create(new)
        return new


def find(store: Store, site: Site, actor: Actor, upload: str) -> Upload:
    """Return the actor's own upload. :raises NotFound: somebody else's, expired, or none"""
    found = _unexpired(store, site, Uploads(store.blobs).find(actor.person_id, upload))
    if found is None:
        raise NotFound("upload.not_found", N_("没有找到这次上传，它可能已过期。请重新提交一次。"))
    return found


def no_room(store: Store, actor: Actor, upload: Upload, error: OSError) -> None:
    """Say that the disk is full, and note it. :raises Refused: always, unless it is not that"""
    with audited(store, _attempt(actor, upload.assignment_id)):
        raise error


def finish(store: Store, site: Site, actor: Actor, upload: Upload) -> Receipt:
    """Hand in what has arrived and return the receipt, as if it had come in one piece.

    :raises Refused: not whole yet, or whatever ``submit`` refuses
    """
    uploads = Uploads(store.blobs)
    held = uploads.held(upload)
    if held != upload.size:
        with audited(store, _attempt(actor, upload.assignment_id)):
            raise Refused(
                "upload.incomplete",
                N_("上传还没有完成：已收到 {held} 字节，共 {size} 字节。请接着传完再提交。"),
                status=409,
                held=held,
                size=upload.size,
            )
    try:
        with uploads.reading(upload) as chunks:
            receipt = submit_verb.submit(
                store,
                site,
                actor,
                upload.assignment_id,
                chunks,
                via="jupyter",
                client_key=upload.client_key,
                digest=upload.digest,
            )
    except Invalid:
        uploads.remove(upload)  # sent once more it would be refused once more
        raise
    uploads.remove(upload)
    return receipt


def expire(store: Store, site: Site) -> int:
    """Forget the uploads that were not finished in time; return how many."""
    count = Uploads(store.blobs).expire(store.clock() - _kept(site.bundle))
    if count:
        store.note(Event(SYSTEM, "upload.expire", "upload", details={"uploads": count}))
    return count


def _attempt(actor: Actor, assignment_id: uuid.UUID) -> Event:
    return Event(
        actor.person_id,
        "submission.refuse",
        "assignment",
        str(assignment_id),
        actor.school_id,
        details={"via": "jupyter"},
    )


def _kept(limits: BundleLimits) -> timedelta:
    return timedelta(hours=limits.upload_hours)


def _unexpired(store: Store, site: Site, upload: Upload | None) -> Upload | None:
    if upload is None or store.clock() - upload.created_at < _kept(site.bundle):
        return upload
    Uploads(store.blobs).remove(upload)
    return None
