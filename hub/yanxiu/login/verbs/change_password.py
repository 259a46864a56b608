"""Let a person choose their own password."""

from yanxiu.login import accounts
from yanxiu.login.guessing import Guesses
from yanxiu.settings.model import Site
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import check_session


def change_password(
    store: Store,
    site: Site,
    guesses: Guesses,
    actor: Actor,
    old: str | None,
    new: str,
    *,
    login_id: str | None,
) -> None:
    """Change the password; ``old`` may be missing only at the forced first change.

    :param login_id: the hub's id of the actor's login; the person's others end
    """
    check_session(actor)
    accounts.change_password(store, site.login, guesses, actor.person_id, old, new, login_id)
