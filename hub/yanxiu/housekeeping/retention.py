"""What is removed because its time is over: homes and names of those who left, old audit.

The days are the site's (``settings.model.Retention``). Each person is a transaction of its
own that looks again whether they are still gone; interrupted anywhere, it can simply be run
again.
"""

import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from yanxiu.login.verbs import erase as login
from yanxiu.people.reads import people
from yanxiu.people.verbs import erase as names
from yanxiu.sandbox.files import remove
from yanxiu.settings.model import Retention
from yanxiu.store import audit as audit_log
from yanxiu.store.audit import Event
from yanxiu.store.leases import Run
from yanxiu.store.tasks import SYSTEM, Kind
from yanxiu.work.verbs import erase as work

HOMES = Kind("homes.expire", every=timedelta(hours=24))
PEOPLE = Kind("people.erase", every=timedelta(hours=24))
AUDIT = Kind("audit.expire", every=timedelta(hours=24))
#: Of one transaction: nobody is to wait long behind it.
_BATCH = 1000


def kinds(retention: Retention, homes: Path) -> list[Kind]:
    """Return the kinds of this module.

    :param homes: the folder with a folder for each person
    """
    return [
        HOMES.by(lambda run: expire_homes(run, homes, retention.homes_days)),
        PEOPLE.by(lambda run: erase_people(run, retention.people_days)),
        AUDIT.by(lambda run: expire_audit(run, retention.audit_days)),
    ]


def expire_homes(run: Run, homes: Path, days: int) -> dict[str, Any]:
    """Remove the homes of those who left more than ``days`` ago; return how many."""
    store, count = run.store, 0
    for left in homes.glob(".gone-*"):  # a crash came between the two steps
        remove(left)
    before = store.clock() - timedelta(days=days)
    with store.read() as session:
        gone = people.left_before(session, before)
    for number, person_id in enumerate(gone):
        run.step(number, len(gone))
        home = homes / person_id
        if not home.is_dir() or home.is_symlink():
            continue
        aside = homes / f".gone-{secrets.token_hex(8)}"
        audit = Event(SYSTEM, "home.expire", "person", person_id)
        with store.write(audit) as session:
            if people.gone(session, person_id, before) is None:
                audit.outcome = "came_back"
                continue
            # Out of the way while the row is held: who comes back gets a new one, not half of it.
            home.rename(aside)
        remove(aside)
        count += 1
    return {"homes": count}


def erase_people(run: Run, days: int) -> dict[str, Any]:
    """Remove the names of those who left more than ``days`` ago; return how many."""
    store, count = run.store, 0
    before = store.clock() - timedelta(days=days)
    with store.read() as session:
        gone = people.left_before(session, before, erased=False)
    for number, person_id in enumerate(gone):
        run.step(number, len(gone))
        audit = Event(SYSTEM, "person.erase", "person", person_id)
        with store.write(audit) as session:
            found = people.gone(session, person_id, before)
            if found is None or found.erased_at is not None:
                audit.outcome = "came_back"
                continue
            login.erase(session, person_id)
            work.erase(session, person_id)
            names.erase(session, found, store.clock())
        count += 1
    return {"people": count}


def expire_audit(run: Run, days: int) -> dict[str, Any]:
    """Remove audit events older than ``days``; return how many."""
    before = run.store.clock() - timedelta(days=days)
    total = 0
    while True:
        run.step(total)
        with run.store.read() as session:
            if not audit_log.any_before(session, before):
                return {"events": total}
        event = Event(SYSTEM, "audit.expire", "site")
        with run.store.write(event) as session:
            count = audit_log.expire(session, before, _BATCH)
            event.details = {"events": count}
        total += count
