"""Keep how much every home takes, and the sums by school and above.

The launcher measures (``spawn.home_sizes`` brings it), this counts; who is told and what follows
is ``storage``'s. A home belongs to its owner's school of today: ``recount`` finds who has moved.
All changes hold ``counters.lock``. Called by the hub's process, by housekeeping and when the tree
changes.
"""

import uuid
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from yanxiu.people.model import Organization, Person
from yanxiu.store.engine import Store

from . import counters
from .counters import Book
from .model import SITE, HomeSize, QuotaUsage
from .rules import Resource
from .storage import MB, Filled, filled
from .tree import ancestry

_BATCH = 500


def report(store: Store, sizes: Mapping[str, int]) -> None:
    """Note what was measured, in bytes by person; people whom nobody knows are left out.

    Measured again the same it costs nothing. Not durable: after a power cut it is measured anew.
    """
    people = sorted(sizes)
    for start in range(0, len(people), _BATCH):
        batch = {one: sizes[one] for one in people[start : start + _BATCH]}
        store.bookkeep(partial(_note, batch), durable=False)


def _note(sizes: Mapping[str, int], session: Session, now: datetime) -> None:
    counters.lock(session)
    schools = {
        row.id: (row.school_id, row.path)
        for row in session.execute(
            select(Person.id, Person.school_id, Organization.path)
            .join(Organization, Organization.id == Person.school_id)
            .where(Person.id.in_(sizes))
        )
    }
    known = {
        one.person_id: one
        for one in session.scalars(select(HomeSize).where(HomeSize.person_id.in_(schools)))
    }
    more: defaultdict[str, int] = defaultdict(int)
    for person_id, (school_id, path) in schools.items():
        size, before = sizes[person_id], known.get(person_id)
        if before is None:
            session.add(
                HomeSize(person_id=person_id, school_id=school_id, size=size, measured_at=now)
            )
        else:
            more[_path(session, before.school_id)] -= before.size
            before.school_id, before.size, before.measured_at = school_id, size, now
        more[path] += size
    _charge(session, more)


def _path(session: Session, school_id: uuid.UUID) -> str:
    return session.get_one(Organization, school_id).path


def _charge(session: Session, more: Mapping[str, int]) -> None:
    """Add bytes to the sums of schools and all above them."""
    changed = {path: by for path, by in more.items() if by}
    book = Book(session, {})
    book.load(changed)
    session.flush()
    for path, by in changed.items():
        book.charge(path, {Resource.STORAGE_MB: by / MB})


def forget(session: Session, person_id: str) -> None:
    """Count a home no more, in the transaction that removes it."""
    counters.lock(session)
    found = session.get(HomeSize, person_id)
    if found is not None:
        _charge(session, {_path(session, found.school_id): -found.size})
        session.delete(found)


def recount(session: Session) -> int:
    """Sum anew by the schools of today; return how many sums were wrong."""
    counters.lock(session)
    moved = (
        select(HomeSize, Person.school_id)
        .join(Person, Person.id == HomeSize.person_id)
        .where(Person.school_id != HomeSize.school_id)
    )
    for one, school_id in session.execute(moved).all():
        one.school_id = school_id
    session.flush()
    return _set(session, _sums(session))


def _sums(session: Session) -> dict[str, float]:
    """Return the MB of every organization that has any, by path."""
    found: defaultdict[str, float] = defaultdict(float)
    for path, size in session.execute(
        select(Organization.path, func.sum(HomeSize.size))
        .join(Organization, Organization.id == HomeSize.school_id)
        .group_by(Organization.path)
    ):
        for one in ("/", *ancestry(path)):
            found[one] += float(size) / MB
    return found


def _set(session: Session, wanted: Mapping[str, float]) -> int:
    ids = {path: one for one, path in session.execute(select(Organization.id, Organization.path))}
    wanted_by = {(SITE if path == "/" else ids[path]): mb for path, mb in wanted.items()}
    known = {
        one.org_id: one
        for one in session.scalars(
            select(QuotaUsage).where(QuotaUsage.resource == Resource.STORAGE_MB)
        )
    }
    changed = 0
    for org_id in wanted_by.keys() | known.keys():
        used, row = round(wanted_by.get(org_id, 0.0), 6), known.get(org_id)
        if row is None:
            row = QuotaUsage(org_id=org_id, resource=Resource.STORAGE_MB, used=0.0, guarantee=0.0)
            session.add(row)
        changed += abs(row.used - used) > _GRAIN
        row.used = row.needed = used
    session.flush()
    return changed


#: Of a MB: sums of many fractions.
_GRAIN = 1e-3


def stored(session: Session, book: Book, person_id: str, path: str) -> tuple[list[Filled], float]:
    """Return every limit on storage that holds for a person's home, and how many MB it takes.

    :param path: of the person's school
    """
    book.load([path])
    size = session.scalar(select(HomeSize.size).where(HomeSize.person_id == person_id))
    size_mb = (size or 0) / MB
    way, own = book.way(path, Resource.STORAGE_MB), book.own(path, Resource.STORAGE_MB)
    return filled(way, own, size_mb), size_mb


def largest(
    session: Session, school_id: uuid.UUID, most: int
) -> list[tuple[str, str | None, float]]:
    """Return name, teacher number and MB of the largest homes of a school."""
    rows = session.execute(
        select(Person.name, Person.teacher_no, HomeSize.size)
        .join(Person, Person.id == HomeSize.person_id)
        .where(Person.school_id == school_id)
        .order_by(HomeSize.size.desc(), Person.id)
        .limit(most)
    )
    return [(name, number, size / MB) for name, number, size in rows]
