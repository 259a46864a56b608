"""What this room has to do when nobody waits: forgetting single servers after a year."""

from datetime import timedelta

from yanxiu.settings.model import Retention
from yanxiu.store.tasks import Kind

from .verbs.forget import forget_old


def kinds(retention: Retention) -> list[Kind]:
    """Return the room's kinds with what carries them out."""
    forget = Kind("quota.forget", every=timedelta(hours=24))
    return [forget.by(lambda run: dict(forget_old(run, retention.servers_days)))]
