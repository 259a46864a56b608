"""Import a plain nbgrader course: a release of it, and an offering if one is wanted.

``plan`` reads and judges and stores nothing; ``import_course`` keeps what was planned in one
transaction. An assignment that cannot be imported is refused by itself, and may be left out by
choice: what an earlier import brought of it stays. The same course twice is one release.
``import_assignment`` does it for a single assignment that a teacher releases with nbgrader's
own command.
"""

import difflib
import hashlib
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from yanxiu_formats.units import NbgraderUnit, Unit, canonical, unit_json

from yanxiu.clock import is_over
from yanxiu.courses.model import Offering
from yanxiu.courses.nbgrader import autotests, gradebook, units
from yanxiu.courses.nbgrader.config import Settings
from yanxiu.courses.nbgrader.folder import Assignment, Files, read_folder
from yanxiu.courses.nbgrader.problems import BadCourse, Problem
from yanxiu.courses.permissions import (
    can_hold_course,
    check_can_hold_course,
    check_can_import_course,
)
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.sandbox.client import SyncLauncher
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor

from .offering import ChangedOffering, HandedIn, WantedOffering, update_offering
from .publish_course import add_release
from .release_check import check_release, leaks_of


@dataclass(frozen=True)
class Plan:
    """A course that can be imported.

    :param due: by unit key, what its gradebook says
    :param notes: what was left out or not applied
    :param settings: what the learners' versions were made with
    :param parts: the header and footer among them
    :param refused: by name, assignments that cannot be imported, and why
    :param not_chosen: names of assignments that are there and were not asked for
    """

    course_id: str
    title: str
    made: tuple[units.Unit, ...]
    due: dict[str, datetime] = field(default_factory=dict)
    notes: tuple[Problem, ...] = ()
    settings: Settings = field(default_factory=Settings)
    parts: Files = field(default_factory=dict)
    refused: dict[str, tuple[Problem, ...]] = field(default_factory=dict)
    not_chosen: tuple[str, ...] = ()

    @property
    def about(self) -> dict[str, Any]:
        """The course as a manifest tells it."""
        title = {"zh_CN": self.title, "en": self.title}
        return {"id": self.course_id, "title": title, "summary": {"zh_CN": "", "en": ""}}

    @property
    def digest(self) -> str:
        """Of all that the first release of the course would hold."""
        return _digest(self.about, self._blobs)

    def digest_after(self, session: Session) -> str:
        """Return the digest of the release that an import would make now."""
        return _digest(self.about, self.with_kept(session, self._blobs))

    def with_kept(self, session: Session, blobs: "_Blobs") -> "_Blobs":
        """Return units with those of the latest release that this import does not speak of.

        They were not chosen, or are refused in the form that they have now, or are gone from
        the folder while somebody takes them: an offering holds on to what it has given out.
        """
        latest = courses.latest_release(session, self.course_id)
        if latest is None:
            return blobs
        given = courses.units_given(session, self.course_id)
        aside = {units.unit_key(name) for name in (*self.refused, *self.not_chosen)} | given
        new = {unit.id for unit, _ in blobs}
        kept = [
            (row.definition, {"learner": row.learner_blob, "scoring": row.scoring_blob})
            for key, row in courses.units_of(session, latest.id).items()
            if key in aside and key not in new and isinstance(row.definition, NbgraderUnit)
        ]
        return [*kept, *blobs]

    @property
    def _blobs(self) -> "_Blobs":
        return [
            (unit.definition, {"learner": _sha(unit.learner), "scoring": _sha(unit.scoring)})
            for unit in self.made
        ]


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
    only: Collection[str] = (),
    launcher: SyncLauncher | None = None,
) -> Plan:
    """Read and judge a course's folder; nothing is stored.

    Nothing is executed but what AUTOTEST asks for, and that in a sandbox.

    :param only: nbgrader's names of the assignments that are wanted; all if empty
    :param launcher: makes that sandbox; without it an assignment with AUTOTEST is refused
    :raises BadCourse: with every problem, if not one assignment can be imported
    :raises NotFound: an assignment that is wanted is not there
    """
    found = read_folder(folder, only)
    if found.problems:
        raise BadCourse(found.problems)
    _check_names(only, found.names)
    known = gradebook.read(found.gradebook)
    expanded = autotests.expand(launcher, found)
    sent = {name: _sent(one, expanded.get(name, {})) for name, one in found.assignments.items()}
    built = units.build_all(sent, found.settings, found.parts, options or units.Options())
    made, refused = {}, {}
    for assignment, result in built.items():
        if isinstance(result, units.Unit):
            made[assignment] = result
        else:
            refused[assignment] = tuple(result)
    leaking = leaks_of(made.values(), found.settings, found.parts)
    for assignment, leaks in zip(list(made), leaking, strict=True):
        if leaks:
            del made[assignment]
            refused[assignment] = tuple(leaks)
    if not made:
        raise BadCourse([one for problems in refused.values() for one in problems])
    name = found.settings.course_id or found.name
    return Plan(
        course_id or units.course_key(name),
        title or name,
        tuple(made.values()),
        {units.unit_key(one): when for one, when in known.due.items() if one in made},
        (*found.notes, *found.settings.notes(), *known.notes),
        found.settings,
        found.parts,
        refused,
        tuple(one for one in found.names if one not in found.assignments),
    )


def _sent(one: Assignment, expanded: Files | list[Problem]) -> units.Sent:
    if isinstance(expanded, list):
        return units.Sent(one.files, problems=(*one.problems, *expanded))
    return units.Sent(one.files, expanded=expanded, problems=tuple(one.problems))


def _check_names(wanted: Iterable[str], there: Sequence[str]) -> None:
    for name in wanted:
        if name not in there:
            near = difflib.get_close_matches(name, there, 1)
            raise NotFound(
                "course.assignment",
                N_("课程里没有作业 {name}。有的是：{there}。是不是 {near}？")
                if near
                else N_("课程里没有作业 {name}。有的是：{there}。"),
                name=name,
                there="、".join(there),
                near=near[0] if near else "",
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
            # Held, so that what another import adds meanwhile is not lost.
            courses.course(session, wanted.course_id, for_update=True)
            kept = wanted.with_kept(session, blobs)
            return _keep(session, now, audit, wanted.about, kept, holding, wanted.notes, handed_in)

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
