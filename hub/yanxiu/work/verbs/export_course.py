"""Write a course as nbgrader has it: folders and a gradebook that its formgrader opens.

For the operator at the command line, and for whoever holds the course as a task
(``ask_export``); audited, because names of teachers and their works leave the platform.
Student ids are the public person ids.
"""

import secrets
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from yanxiu_formats.bundle import OURS, Files, members, unpack
from yanxiu_formats.units import Unit

from yanxiu.courses import kinds
from yanxiu.courses.model import Assignment as AssignmentRow
from yanxiu.courses.model import Offering
from yanxiu.courses.nbgrader.exported import Assignment, assignment
from yanxiu.courses.nbgrader.writing import Points, Work, Writer, writing
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.store.audit import Event
from yanxiu.store.blobs import chunks_of
from yanxiu.store.engine import Session, Store
from yanxiu.work import rules
from yanxiu.work.model import Attempt
from yanxiu.work.reads import attempts

Step = Callable[[int, int], object]


@dataclass(frozen=True)
class Exported:
    """What was written.

    :param incomplete: ``person/assignment`` of work whose notebook was beyond its limits: it has
        its points, and nothing of what the learner wrote outside ``submitted``
    """

    offering: str | None
    assignments: int
    people: int
    submissions: int
    unfinished: int
    by_hand: bool
    incomplete: tuple[str, ...] = ()


def export_course(
    store: Store,
    course_id: str,
    target: Path,
    actor: str,
    *,
    offering_id: str | None = None,
    names: bool = False,
    step: Step = lambda done, total: None,
) -> Exported:
    """Write a course into ``target``, which must not be there or be empty.

    :param offering_id: whose submissions; needed if the course is held more than once
    :param names: write people's names, not only their ids
    :param step: told at each submission how many assignments are written, of how many
    :raises NotFound: no such course or offering
    :raises Refused: several offerings, or something is in ``target`` already
    """
    if target.is_symlink() or (target.exists() and (not target.is_dir() or any(target.iterdir()))):
        raise Refused(
            "export.not_empty",
            N_("{target} 里已经有东西，没有导出。请给一个新的文件夹。"),
            status=409,
            target=str(target),
        )
    audit = Event(actor, "course.export", "course", course_id)
    # Beside its place and then renamed: half a course looks like a whole one.
    part = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    part.mkdir(mode=0o700, parents=True)
    try:
        with store.read() as session:
            offering = _offering(session, course_id, offering_id)
            done = _write(store, session, course_id, offering, part, names=names, step=step)
        audit.details = {
            "offering": done.offering,
            "people": done.people,
            "submissions": done.submissions,
            "names": names,
        }
        store.note(audit)
        if target.exists():
            target.rmdir()
        part.rename(target)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return done


def _offering(session: Session, course_id: str, offering_id: str | None) -> Offering | None:
    if courses.course(session, course_id) is None:
        raise NotFound(
            "course.unknown",
            N_("没有课程 {course}。用 yanxiu course list 看有哪些课程。"),
            course=course_id,
        )
    every = courses.offerings_of(session, course_id)
    if offering_id is not None:
        found = next((one for one in every if one.id == offering_id), None)
        if found is None:
            raise NotFound(
                "offering.unknown",
                N_("课程 {course} 没有开课 {offering}；有的是：{known}。"),
                course=course_id,
                offering=offering_id,
                known="、".join(one.id for one in every) or "—",
            )
        return found
    if len(every) > 1:
        raise Invalid(
            "offering.which",
            N_("课程 {course} 开过几期：{known}。请用 --offering 说明导出哪一期。"),
            course=course_id,
            known="、".join(one.id for one in every),
        )
    return every[0] if every else None


def _write(
    store: Store,
    session: Session,
    course_id: str,
    offering: Offering | None,
    root: Path,
    *,
    names: bool,
    step: Step,
) -> Exported:
    latest = courses.latest_release(session, course_id)
    assert latest is not None
    release_id = offering.release_id if offering else latest.id
    units = courses.units_of(session, release_id)
    held = courses.assignments(session, offering.id) if offering else {}
    people: set[str] = set()
    written = unfinished = 0
    (root / "nbgrader_config.py").write_text(
        f"c = get_config()\nc.CourseDirectory.course_id = {course_id!r}\n", "utf-8"
    )
    with writing(root, course_id) as writer:
        for number, (key, unit) in enumerate(units.items()):
            step(number, len(units))
            about = assignment(
                unit.definition,
                unpack(store.blobs.read(unit.learner_blob)),
                unpack(store.blobs.read(unit.scoring_blob)),
            )
            row = held.get(key)
            writer.assignment(about, row.due_at if row else None)
            for one in _counted(session, row):
                step(number, len(units))
                if one.person_id not in people:
                    people.add(one.person_id)
                    writer.student(one.person_id, one.person.name if names else "")
                unfinished += one.total_points is None
                written += 1
                _work(store, session, writer, about, unit.definition, one)
    return Exported(
        offering.id if offering else None,
        len(units),
        len(people),
        written,
        unfinished,
        any(not kinds.kind_of(unit.definition).in_kernel for unit in units.values()),
        tuple(writer.incomplete),
    )


def _counted(session: Session, row: AssignmentRow | None) -> list[Attempt]:
    return attempts.counted(session, row.id) if row else []


def _work(
    store: Store,
    session: Session,
    writer: Writer,
    about: Assignment,
    unit: Unit,
    row: Attempt,
) -> None:
    scores = attempts.scores(session, row)
    marks = attempts.marks(session, row)
    unit = rules.unit_as_marked(unit, row.state, row.auto_points)
    by_person = {task.id: task.criteria for task in kinds.by_person(unit)}
    points = {}
    for task in unit.tasks:
        key = task.id
        mine = [marks[key, one.id] for one in by_person.get(key, ()) if (key, one.id) in marks]
        complete = key in by_person and len(mine) == len(by_person[key])
        points[key] = Points(
            auto=scores[key].points if key in scores else None,
            given=sum(one.points or 0.0 for one in mine) if complete else None,
            comment="\n".join(one.comment for one in mine if one.comment),
            waits=key in by_person and not complete,
        )
    with ExitStack() as held:
        files = held.enter_context(Files(store.blobs.unnamed()))
        if row.bundle_blob:
            for one in members(
                chunks_of(held.enter_context(store.blobs.open(row.bundle_blob))), OURS
            ):
                files.add(one)
        executed = None
        if row.executed_blob:
            executed = held.enter_context(store.blobs.open(row.executed_blob))
        writer.work(
            about,
            Work(
                row.person_id,
                row.received_at,
                files,
                executed,
                points if scores or marks else {},
                row.comment,
                row.total_points is not None,
                row.answers or {},
            ),
        )
