"""Import a plain nbgrader course: a release of it, and an offering if one is wanted.

``plan`` reads and judges and stores nothing; ``import_course`` keeps what was planned in one
transaction. The same course twice is one release. ``import_assignment`` does it for a single
assignment that a teacher releases with nbgrader's own command.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from yanxiu_formats.units import NbgraderUnit, Unit, canonical, unit_json

from yanxiu.clock import is_over
from yanxiu.courses.model import Offering
from yanxiu.courses.nbgrader import gradebook, units
from yanxiu.courses.nbgrader.config import Settings
from yanxiu.courses.nbgrader.folder import Files, read_folder
from yanxiu.courses.nbgrader.problems import BadCourse, Problem
from yanxiu.courses.permissions import (
    can_hold_course,
    check_can_hold_course,
    check_can_import_course,
)
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, Refused
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor

from .offering import ChangedOffering, HandedIn, WantedOffering, update_offering
from .publish_course import add_release
from .release_check import check_release


@dataclass(frozen=True)
class Plan:
    """A course that can be imported.

    :param due: by unit key, what its gradebook says
    :param notes: what was left out or not applied
    :param settings: what the learners' versions were made with
    :param parts: the header and footer among them
    """

    course_id: str
    title: str
    made: tuple[units.Unit, ...]
    due: dict[str, datetime] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    settings: Settings = field(default_factory=Settings)
    parts: Files = field(default_factory=dict)

    @property
    def about(self) -> dict[str, Any]:
        """The course as a manifest tells it."""
        title = {"zh_CN": self.title, "en": self.title}
        return {"id": self.course_id, "title": title, "summary": {"zh_CN": "", "en": ""}}

    @property
    def digest(self) -> str:
        """Of all that the release holds."""
        kept = [
            (unit.definition, {"learner": _sha(unit.learner), "scoring": _sha(unit.scoring)})
            for unit in self.made
        ]
        return _digest(self.about, kept)


@dataclass(frozen=True)
class Imported:
    """What came of it.

    :param new: whether the release was not there before
    """

    release_id: uuid.UUID
    course_id: str
    units: tuple[str, ...]
    new: bool
    held: ChangedOffering | None = None
    notes: tuple[Problem, ...] = ()


def plan(
    folder: Path,
    *,
    course_id: str | None = None,
    title: str | None = None,
    options: units.Options | None = None,
) -> Plan:
    """Read and judge a course's folder; nothing is executed and nothing is stored.

    :raises BadCourse: with every problem that was found
    """
    found = read_folder(folder)
    if found.problems:
        raise BadCourse(found.problems)
    known = gradebook.read(found.gradebook)
    made, problems = [], []
    sent = {name: units.Sent(files) for name, files in found.assignments.items()}
    built = units.build_all(sent, found.settings, found.parts, options or units.Options())
    for result in built.values():
        if isinstance(result, units.Unit):
            made.append(result)
        else:
            problems += result
    if problems:
        raise BadCourse(problems)
    name = found.settings.course_id or found.name
    return Plan(
        course_id or units.course_key(name),
        title or name,
        tuple(made),
        {units.unit_key(one): when for one, when in known.due.items() if one in found.assignments},
        (*found.notes, *found.settings.notes(), *known.notes),
        found.settings,
        found.parts,
    )


def import_course(
    store: Store,
    wanted: Plan,
    actor: Actor,
    holding: WantedOffering | None = None,
    *,
    handed_in: HandedIn,
) -> Imported:
    """Keep a planned course, and offer it if ``holding`` says so.

    :raises Refused: the actor holds no courses, the course's id belongs to a course of another kind, or see ``update_offering``
    """
    if holding is not None:
        holding = replace(holding, due={**wanted.due, **holding.due})
    audit = Event(actor.person_id, "course.import", "release")
    with audited(store, audit):
        check_can_import_course(actor)
        check_release(wanted.made, wanted.settings, wanted.parts)
        blobs = [
            (
                unit.definition,
                {"learner": _put(store, unit.learner), "scoring": _put(store, unit.scoring)},
            )
            for unit in wanted.made
        ]

        def work(session: Session, now: datetime) -> Imported:
            return _keep(session, now, audit, wanted.about, blobs, holding, wanted.notes, handed_in)

        return store.transact(work, audit)


def import_assignment(
    store: Store,
    site: Site,
    actor: Actor,
    course_id: str,
    name: str,
    source_files: Files,
    release_files: Files | None = None,
    *,
    handed_in: HandedIn,
    settings: Settings | None,
    parts: Files | None = None,
    offering_id: str | None = None,
    due_at: datetime | None = None,
) -> Imported:
    """Add one assignment to an nbgrader course, in a new release of it.

    What the course is held as gets the assignment too: ``offering_id``, or the one offering
    of the course that is open and that the actor runs.

    :param name: nbgrader's name of the assignment
    :param source_files: the instructor's version: notebooks and other files, relative names
    :param release_files: the learners' version as their teacher made it; without it, it is
        made here
    :param settings: what their teacher's nbgrader goes by; None: it did not say
    :param parts: header and footer notebooks by the name that the settings give
    :raises Refused: the actor does not run such a course, or several offerings fit
    :raises BadCourse: with every problem of the assignment
    """
    attempt = Event(actor.person_id, "course.import", "course", course_id, actor.school_id)
    with audited(store, attempt):
        _check_size(site, source_files)
        with store.read() as session:
            offering = _offering(session, store.clock(), actor, course_id, offering_id)
            held = (offering.id, offering.closes_at) if offering else None
        if settings is None:
            raise Invalid(
                "course.no_settings",
                N_(
                    "没有说明作业是用哪些 nbgrader 设置生成的，不知道学员该得到什么，没有发布。"
                    "请更新 nbgrader-yanxiu 再试。"
                ),
            )
        parts = parts or {}
        if settings.problems:
            raise BadCourse(settings.problems)
        unit = units.build(name, source_files, settings, parts, units.Options(), release_files)
        if not isinstance(unit, units.Unit):
            raise BadCourse(unit)
        check_release([unit], settings, parts)
        blobs = {"learner": _put(store, unit.learner), "scoring": _put(store, unit.scoring)}
        key = unit.definition.id
        holding = WantedOffering(held[0], due={key: due_at or held[1]}) if held else None
        audit = replace(attempt, details={"assignment": key})

        def work(session: Session, now: datetime) -> Imported:
            # Held, so that what another assignment's release adds meanwhile is not lost.
            known = courses.course(session, course_id, for_update=True)
            title = {"zh_CN": course_id, "en": course_id}
            about = {"id": course_id, "title": known.title if known else title, "summary": {}}
            kept = _with(session, course_id, unit.definition, blobs)
            return _keep(session, now, audit, about, kept, holding, (), handed_in)

        return store.transact(work, audit)


_Blobs = Sequence[tuple[Unit, dict[str, str]]]


def _with(session: Session, course_id: str, unit: Unit, blobs: dict[str, str]) -> _Blobs:
    """Return the units of a course's latest release, with ``unit`` added or in its place."""
    latest = courses.latest_release(session, course_id)
    kept: dict[str, tuple[Unit, dict[str, str]]] = {
        key: (row.definition, {"learner": row.learner_blob, "scoring": row.scoring_blob})
        for key, row in (courses.units_of(session, latest.id).items() if latest else ())
    }
    before = kept.get(unit.id)
    if before and not isinstance(before[0], NbgraderUnit):
        raise _other_kind(course_id)
    return list((kept | {unit.id: (unit, blobs)}).values())


def _keep(
    session: Session,
    now: datetime,
    audit: Event,
    about: dict[str, Any],
    kept: _Blobs,
    holding: WantedOffering | None,
    notes: tuple[Problem, ...],
    handed_in: HandedIn,
) -> Imported:
    digest = _digest(about, kept)
    release = courses.release_by_digest(session, digest)
    new = release is None
    latest = courses.latest_release(session, about["id"])
    if (
        new
        and latest is not None
        and not all(
            isinstance(row.definition, NbgraderUnit)
            for row in courses.units_of(session, latest.id).values()
        )
    ):
        raise _other_kind(about["id"])
    release_id = release.id if release else add_release(session, now, about, digest, kept)
    held = (
        update_offering(session, now, holding, about["id"], release_id, handed_in)
        if holding
        else None
    )
    audit.object_id = str(release_id)
    audit.details = {
        **audit.details,
        "course": about["id"],
        "digest": digest,
        "new": new,
        **({"offering": held.offering, "enrolled": held.enrolled} if held else {}),
    }
    return Imported(release_id, about["id"], tuple(one.id for one, _ in kept), new, held, notes)


def _offering(
    session: Session, now: datetime, actor: Actor, course_id: str, offering_id: str | None
) -> Offering | None:
    """Return what the actor holds of the course, None if it is not held yet."""
    if offering_id is not None:
        wanted = courses.offering(session, offering_id)
        check_can_hold_course(actor, org_path=wanted.org.path if wanted else None)
        if wanted is not None and wanted.course_id != course_id:
            check_can_hold_course(actor, org_path=None)
        return wanted
    every = courses.offerings_of(session, course_id)
    mine = [one for one in every if can_hold_course(actor, org_path=one.org.path)]
    if every and not mine:
        check_can_hold_course(actor, org_path=None)
    if not every:
        check_can_hold_course(actor, org_path=actor.school_path)
    fits = [one for one in mine if not is_over(now, one.closes_at)]
    if len(fits) > 1:
        raise Refused(
            "offering.several",
            N_("课程 {course} 现在开了 {count} 期：{offerings}。请说明是哪一期。"),
            status=409,
            course=course_id,
            count=len(fits),
            offerings="、".join(one.id for one in fits),
        )
    return fits[0] if fits else None


def _check_size(site: Site, files: Files) -> None:
    limits = site.bundle
    size = sum(map(len, files.values()))
    if len(files) > limits.max_files or size > limits.max_mb * 1_000_000:
        raise Invalid(
            "course.too_large",
            N_("作业太大：最多 {files} 个文件、{mb} MB。请删去不需要的文件后再发布。"),
            status=413,
            files=limits.max_files,
            mb=limits.max_mb,
        )


def _other_kind(course_id: str) -> Refused:
    return Refused(
        "course.other_kind",
        N_("课程 {course} 已经有了，而且不是导入的 nbgrader 课程。请换一个课程代码（--course）。"),
        status=409,
        course=course_id,
    )


def _put(store: Store, data: bytes) -> str:
    return store.keep(iter([data]))


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _digest(about: dict[str, Any], kept: _Blobs) -> str:
    whole = {
        "format": 1,
        "kind": "nbgrader",
        "course": about,
        "units": [
            {"unit": unit_json(unit), **tars}
            for unit, tars in sorted(kept, key=lambda one: one[0].id)
        ],
    }
    return _sha(canonical(whole).encode())
