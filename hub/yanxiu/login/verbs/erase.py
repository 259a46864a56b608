"""Remove how somebody who left long ago came in: bound accounts and tokens."""

from sqlalchemy import delete

from yanxiu.login.model import ApiToken, SsoBinding
from yanxiu.store.engine import Session


def erase(session: Session, person_id: str) -> None:
    """Remove a person's bindings and tokens, in the transaction that removes the name."""
    for table in (SsoBinding, ApiToken):
        session.execute(delete(table).where(table.person_id == person_id))
