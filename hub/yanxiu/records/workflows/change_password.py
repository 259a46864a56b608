"""Let a person choose their own password."""

from yanxiu.identity import accounts
from yanxiu.records.actor import Actor
from yanxiu.records.permissions import check_session
from yanxiu.settings.model import Site
from yanxiu.store.engine import Store


def change_password(store: Store, site: Site, actor: Actor, old: str | None, new: str) -> None:
    """Change the password; ``old`` may be missing only at the forced first change."""
    check_session(actor)
    accounts.change_password(store, site.login, actor.person_id, old, new)
