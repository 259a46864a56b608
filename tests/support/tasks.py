"""Tasks in tests: a kind that only counts, and the site's own kinds, carried out at once."""

from functools import partial
from pathlib import Path

from sqlalchemy import select
from yanxiu.housekeeping.kinds import kinds as all_kinds
from yanxiu.people.idnumber import IdKey
from yanxiu.settings.model import OfferingSettings
from yanxiu.store import facts, runner, tasks
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.model import AuditEvent, BackgroundTask
from yanxiu.store.tasks import Kind

from .county import DUE, SITE, START, County
from .writing import writing

COUNT = "test.count"
#: The key for ID numbers of the service in ``browser.make_portal``.
KEY = IdKey(bytes.fromhex("1d" * 32))


#: The county's site, which holds its course for everybody: newcomers are enrolled.
HELD = SITE.model_copy(
    update={
        "offerings": {
            "c1-demo": OfferingSettings(course="c1", term="2026", opens=START, closes=DUE, units={})
        }
    }
)


def homes_of(store: Store) -> Path:
    """Return where the homes of a test's site are."""
    return store.blobs.root.with_name("homes")


def site_kinds(store):
    """Return what housekeeping carries out, for another process."""
    return all_kinds(HELD, KEY, homes_of(store))


def work_off(county: County) -> int:
    """Do what housekeeping would do now; return how many tasks that were."""
    return runner.work_off(county.store, all_kinds(county.site, KEY, homes_of(county.store)))


def counting(store):
    """Return the kind that counts, for another process."""
    return kinds()


def count(run):
    """Add one to a fact in a transaction that the lease guards."""
    fact = run.params.get("fact", "counted")
    for number in range(run.kept.get("upto", 0), run.params.get("items", 1)):
        audit = Event("system:test", "test.item", "task", str(run.id))
        run.store.transact(partial(_count_one, run, fact, number), audit)
        run.step(number + 1, run.params.get("items", 1))
    return {"items": run.params.get("items", 1)}


def _count_one(run, fact, number, session, now):
    counted = (facts.get(session, fact) or {"n": 0})["n"]
    facts.put(session, fact, {"n": counted + 1})
    run.keep(session, upto=number + 1)


def kinds(run=count, **more):
    """Return one kind, which counts unless ``run`` is given."""
    return tasks.by_name([Kind(COUNT, **more).by(run)])


def ask(store, kind=COUNT, by="u-alice", **more):
    """Ask for a task as somebody."""
    with writing(store) as session:
        return tasks.add(session, kind, asked_by=by, now=store.clock(), **more)


def row(store, task_id):
    """Return a task as it stands."""
    with store.read() as session:
        return session.get(BackgroundTask, task_id)


def verbs(store, task_id):
    """Return the audit events of a task's end."""
    with store.read() as session:
        return list(
            session.scalars(
                select(AuditEvent.verb).where(
                    AuditEvent.object_id == str(task_id), AuditEvent.verb.startswith("task.")
                )
            )
        )
