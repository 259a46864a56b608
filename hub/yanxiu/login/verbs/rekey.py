"""Change the key of ID numbers: every one that is kept is read with the old and written anew.

All of it is one transaction, so that there is never a row of each key; run again after a crash, it
finds that it was done. The platform stands still meanwhile: what is on its way with the old key
would not be found. Called by ``yanxiu secrets rotate id_numbers``.
"""

import uuid
from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy import select, update

from yanxiu.errors import SettingsError
from yanxiu.login.model import SsoRequest
from yanxiu.people.idnumber import IdKey
from yanxiu.people.model import Person, RosterUpload
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store


def rekey(store: Store, old: IdKey, new: IdKey, actor: str) -> int:
    """Write every ID number with ``new``; return how many, 0 when that was done before.

    :raises SettingsError: one can be read with neither; nothing was changed
    """
    with store.read() as session:
        kept = dict(
            session.execute(
                select(Person.id, Person.id_cipher).where(Person.id_cipher.is_not(None))
            ).all()
        )
        uploads = dict(session.execute(select(RosterUpload.id, RosterUpload.blob)).all())
    if kept and all(_opens(new, one) for one in kept.values()):
        return 0
    try:
        numbers = {person_id: old.decrypt(one) for person_id, one in kept.items() if one}
    except InvalidToken:
        raise SettingsError(
            "有身份证号用现在的密钥读不出来，一个也没有改。请确认 secrets/id_numbers 是这个数据库的密钥。"
        ) from None
    sealed = {
        person_id: {"id_cipher": new.encrypt(number), "id_hmac": new.hmac(number)}
        for person_id, number in numbers.items()
    }
    moved = _uploads(store, uploads, old, new)
    audit = Event(actor, "id_numbers.rekey", "site", details={"people": len(sealed)})

    def work(session: Session, now: datetime) -> int:
        for person_id, values in sealed.items():
            session.execute(update(Person).where(Person.id == person_id).values(values))
        for upload, blob in moved.items():
            session.execute(update(RosterUpload).where(RosterUpload.id == upload).values(blob=blob))
        # Known by its HMAC only: the organizer decides by the other marks.
        session.execute(update(SsoRequest).where(SsoRequest.id_hmac != "").values(id_hmac=""))
        return len(sealed)

    return store.transact(work, audit)


def _opens(key: IdKey, kept: bytes | None) -> bool:
    try:
        key.decrypt(kept or b"")
    except InvalidToken:
        return False
    return True


def _uploads(
    store: Store, uploads: dict[uuid.UUID, str], old: IdKey, new: IdKey
) -> dict[uuid.UUID, str]:
    """Seal the rosters anew that lie between preview and import."""
    moved = {}
    for upload, blob in uploads.items():
        try:
            moved[upload] = store.blobs.put([new.encrypt(old.decrypt(store.blobs.read(blob)))])
        except FileNotFoundError:
            continue  # it was imported, and its file is gone
    return moved
