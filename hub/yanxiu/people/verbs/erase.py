"""Remove what names a person who left long ago; what they did stays, under the id alone.

Attempts, marks and credit hours keep their totals: an id that names nobody is a pseudonym.
Other rooms remove what they have of the person in the same transaction (``housekeeping``).
"""

from datetime import datetime

from sqlalchemy import delete, update

from yanxiu.errors import N_
from yanxiu.people.model import (
    Credential,
    GroupMember,
    NameRequest,
    Person,
    Profile,
    RoleGrant,
    RosterUpload,
)
from yanxiu.store.engine import Session

#: Stands where the name stood.
ERASED = N_("已注销")


def erase(session: Session, person: Person, now: datetime) -> None:
    """Remove name, numbers, roles, password and profile of somebody who left."""
    person.name = ERASED
    person.teacher_no = person.mobile = person.id_hmac = person.id_cipher = person.id_last4 = None
    person.subject = person.stage = ""
    person.erased_at = now
    session.execute(
        update(Credential)
        .where(Credential.person_id == person.id)
        .values(password_hash=None, activation_sha256=None)
    )
    for table in (RoleGrant, GroupMember, Profile, NameRequest, RosterUpload):
        session.execute(delete(table).where(table.person_id == person.id))
