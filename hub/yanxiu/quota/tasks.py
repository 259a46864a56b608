"""What this room has to do when nobody waits: forgetting single servers after a year, summing anew
what homes take, and bringing limits to Kueue."""

from datetime import timedelta

from yanxiu.settings.model import Site
from yanxiu.store.tasks import Kind

from . import homes
from .verbs.forget import forget_old
from .wiring import bring_to_cluster


def kinds(site: Site) -> list[Kind]:
    """Return the room's kinds with what carries them out."""
    forget = Kind("quota.forget", every=timedelta(hours=24))
    recount = Kind("quota.storage", every=timedelta(hours=1))
    found = [
        forget.by(lambda run: dict(forget_old(run, site.retention.servers_days))),
        recount.by(
            lambda run: {"sums": run.store.bookkeep(lambda session, _: homes.recount(session))}
        ),
    ]
    if site.quota.engine == "kueue":
        bring = Kind("quota.reconcile", every=timedelta(minutes=1), limit_s=300)
        found.append(bring.by(lambda run: bring_to_cluster(run.store, site)))
    return found
