"""Let a service's old token open nothing once the service has another.

The hub keeps in its database every token that its configuration ever named, and never lets
go of one: whoever had seen a service's secret could go on using it after it was changed. Patches
the hub's start, because no setting reaches there. Called by ``configure``.
"""

import functools
from typing import Any

from jupyterhub import orm
from jupyterhub.app import JupyterHub


def install() -> None:
    """Remove, at each start, the services' tokens that the configuration names no more."""
    stock = getattr(JupyterHub.init_api_tokens, "stock", JupyterHub.init_api_tokens)

    @functools.wraps(stock)
    async def init_api_tokens(self: Any) -> None:
        await stock(self)
        forget_old(self.db, self.service_tokens)

    init_api_tokens.stock = stock  # type: ignore[attr-defined]
    JupyterHub.init_api_tokens = init_api_tokens


def forget_old(db: Any, service_tokens: dict[str, str]) -> int:
    """Remove services' tokens that are not in ``service_tokens``; return how many."""
    kept = {found.id for token in service_tokens if (found := orm.APIToken.find(db, token))}
    # Those of people's logins at a service belong to the people.
    old = [
        one
        for one in db.query(orm.APIToken).filter(orm.APIToken.service_id.is_not(None))
        if one.id not in kept
    ]
    for one in old:
        db.delete(one)
    db.commit()
    return len(old)
