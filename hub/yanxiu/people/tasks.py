"""What this room has to do when nobody waits: importing rosters, and forgetting their files."""

from typing import Any

from yanxiu.errors import N_, Refused
from yanxiu.store.leases import Run
from yanxiu.store.tasks import Kind
from yanxiu.web.actor import Actor

from .idnumber import IdKey
from .reads.actors import load_actor
from .verbs.import_roster import EXPIRE, IMPORT, Enrol, forget_expired, import_roster


def asker(run: Run) -> Actor:
    """Return who asked for a task, with what they may do now.

    :raises Refused: they have left since
    """
    actor = load_actor(run.store, run.asked_by)
    if actor is None:
        raise Refused("account.inactive", N_("您的账号已停用，或不在花名册里。请联系本校管理员。"))
    return actor


def kinds(key: IdKey, enrol: Enrol) -> list[Kind]:
    """Return the room's kinds with what carries them out."""

    def import_it(run: Run) -> dict[str, Any]:
        return import_roster(run, key, asker(run), enrol)

    def expire(run: Run) -> dict[str, Any]:
        return {"uploads": forget_expired(run.store)}

    return [IMPORT.by(import_it), EXPIRE.by(expire)]
