"""What this room has to do when nobody waits: forgetting single servers after a year, and summing
anew what homes take."""

from datetime import timedelta

from yanxiu.settings.model import Retention
from yanxiu.store.tasks import Kind

from . import homes
from .verbs.forget import forget_old


def kinds(retention: Retention) -> list[Kind]:
    """Return the room's kinds with what carries them out."""
    forget = Kind("quota.forget", every=timedelta(hours=24))
    recount = Kind("quota.storage", every=timedelta(hours=1))
    return [
        forget.by(lambda run: dict(forget_old(run, retention.servers_days))),
        recount.by(
            lambda run: {"sums": run.store.bookkeep(lambda session, _: homes.recount(session))}
        ),
    ]
