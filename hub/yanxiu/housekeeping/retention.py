"""What is removed because its time is over: homes and names of those who left, what was handed
in years ago, old audit.

The days are the site's (``settings.model.Retention``). Each person is a transaction of its
own that looks again whether they are still gone; interrupted anywhere, it can simply be run
again.
"""

import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from yanxiu.login.verbs import erase as login
from yanxiu.people.reads import people
from yanxiu.people.verbs import erase as names
from yanxiu.quota import homes as home_sizes
from yanxiu.quota.verbs import forget as quota
from yanxiu.sandbox.files import remove
from yanxiu.settings.model import Retention
from yanxiu.store import audit as audit_log
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.leases import Run
from yanxiu.store.tasks import SYSTEM, Kind
from yanxiu.work.reads import old_contents
from yanxiu.work.verbs import erase as work
from yanxiu.work.verbs import expire_contents

HOMES = Kind("homes.expire", every=timedelta(hours=24))
PEOPLE = Kind("people.erase", every=timedelta(hours=24))
SUBMISSIONS = Kind("submissions.expire", every=timedelta(hours=24))
AUDIT = Kind("audit.expire", every=timedelta(hours=24))
#: Of one transaction: nobody is to wait long behind it.
_BATCH = 1000
#: Pieces of work that are held in one transaction, and that are looked for at once.
_WORKS, _LOOK = 50, 5000


def kinds(retention: Retention, homes: Path) -> list[Kind]:
    """Return the kinds of this module.

    :param homes: the folder with a folder for each person
    """
    return [
        HOMES.by(lambda run: expire_homes(run, homes, retention.homes_days)),
        PEOPLE.by(lambda run: erase_people(run, retention.people_days)),
        SUBMISSIONS.by(lambda run: expire_submissions(run, retention.submissions_days)),
        AUDIT.by(lambda run: expire_audit(run, retention.audit_days)),
    ]


def expire_homes(run: Run, homes: Path, days: int) -> dict[str, Any]:
    """Remove the homes of those who left more than ``days`` ago; return how many."""
    store, count = run.store, 0
    for left in homes.glob(".gone-*"):  # a crash came between the two steps
        _remove(left)
    before = store.clock() - timedelta(days=days)
    with store.read() as session:
        gone = people.left_before(session, before)
    for number, person_id in enumerate(gone):
        run.step(number, len(gone))
        home = homes / person_id
        if home.is_dir() and not home.is_symlink():
            count += _expire_home(store, home, person_id, timedelta(days=days))
    return {"homes": count}


def _expire_home(store: Store, home: Path, person_id: str, age: timedelta) -> bool:
    aside = home.parent / f".gone-{secrets.token_hex(8)}"
    audit = Event(SYSTEM, "home.expire", "person", person_id)

    def work(session: Session, now: datetime) -> bool:
        if people.gone(session, person_id, now - age) is None:
            audit.outcome = "came_back"
            return False
        home_sizes.forget(session, person_id)
        # Out of the way while the row is held: who comes back gets a new one, not half of it.
        if not aside.exists():  # from a first time that met another transaction
            home.rename(aside)
        return True

    try:
        gone = store.transact(work, audit)
    except BaseException:
        if aside.exists() and not home.exists():
            aside.rename(home)  # nothing was written of it: it is not gone
        raise
    if gone:
        _remove(aside)
    return gone


def _remove(home: Path) -> None:
    # Its owner may be an id that only the launcher has: it looks for what is left here.
    with suppress(PermissionError):
        remove(home)


def erase_people(run: Run, days: int) -> dict[str, Any]:
    """Remove the names of those who left more than ``days`` ago; return how many."""
    store, age = run.store, timedelta(days=days)
    with store.read() as session:
        gone = people.left_before(session, store.clock() - age, erased=False)
    count = 0
    for number, person_id in enumerate(gone):
        run.step(number, len(gone))
        audit = Event(SYSTEM, "person.erase", "person", person_id)
        count += store.transact(partial(_erase, person_id, age, audit), audit)
    return {"people": count}


def _erase(person_id: str, age: timedelta, audit: Event, session: Session, now: datetime) -> bool:
    found = people.gone(session, person_id, now - age)
    if found is None or found.erased_at is not None:
        audit.outcome = "came_back"
        return False
    login.erase(session, person_id)
    work.erase(session, person_id)
    quota.erase(session, person_id)
    names.erase(session, found, now)
    return True


def expire_submissions(run: Run, days: int) -> dict[str, Any]:
    """Empty what was handed in and touched last more than ``days`` ago; return how many."""
    store, age, total = run.store, timedelta(days=days), 0
    while True:
        run.step(total)
        with store.read() as session:
            found = old_contents.works(session, store.clock() - age, _LOOK)
        before = total
        for start in range(0, len(found), _WORKS):
            batch = found[start : start + _WORKS]
            total += expire_contents.expire(store, SYSTEM, batch, age)
            run.step(total)
        if total == before:  # nothing was left, or somebody else has just done it
            drafts = expire_contents.expire_drafts(store, SYSTEM, age)
            return {"submissions": total, "drafts": drafts}


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
        total += run.store.transact(partial(_expire_audit, before, event), event)


def _expire_audit(before: datetime, event: Event, session: Session, _now: datetime) -> int:
    count = audit_log.expire(session, before, _BATCH)
    event.details = {"events": count}
    return count
