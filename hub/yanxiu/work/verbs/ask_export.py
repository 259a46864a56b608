"""Have a course exported for whoever holds it: a task that ends in a zip to download.

Holding a course is more than organizing a school that takes it: the export has the hidden
tests and the works of every school.
"""

import uuid
import zipfile
from datetime import datetime
from pathlib import Path

from yanxiu.courses.permissions import check_can_hold_course
from yanxiu.courses.reads import courses
from yanxiu.errors import N_
from yanxiu.store import tasks
from yanxiu.store.audit import Event
from yanxiu.store.blobs import LARGE, chunks_of
from yanxiu.store.engine import Session, Store
from yanxiu.store.leases import Run
from yanxiu.store.refusals import audited
from yanxiu.store.tasks import Kind
from yanxiu.web.actor import Actor
from yanxiu.web.permissions import check_session

from .export_course import export_course

EXPORT = Kind(
    "course.export",
    title=N_("导出课程"),
    told=N_(
        "已导出：作业 {assignments} 个，{people} 人，提交 {submissions} 份。里面有大家的作业和成绩，请妥善保管。"
    ),
    but=(
        (
            "unfinished",
            N_("其中 {unfinished} 份还没有评完或没有确认，在 formgrader 里显示为待人工评分。"),
        ),
        (
            "incomplete",
            N_(
                "有 {incomplete} 份的笔记本读不了或超出了限制（内存或时间）：分数、评语和原件都在，"
                "autograded 和 feedback 文件夹里没有学员的内容，有 incomplete.txt 说明。"
            ),
        ),
    ),
    back=("organize/export", N_("导出其他课程")),
)


def ask_export(store: Store, actor: Actor, offering_id: str, *, names: bool) -> uuid.UUID:
    """Have an offering exported; return the task.

    :param names: with people's names, not only their ids
    """
    audit = Event(
        actor.person_id,
        "course.export_ask",
        "offering",
        offering_id[:80],
        actor.school_id,
        details={"names": names},
    )

    def work(session: Session, now: datetime) -> uuid.UUID:
        check_session(actor)
        offering = courses.offering(session, offering_id)
        check_can_hold_course(actor, org_path=offering.org.path if offering else None)
        assert offering is not None
        about = {lang: f"{text} · {offering.term}" for lang, text in offering.course.title.items()}
        return tasks.add(
            session,
            EXPORT.name,
            asked_by=actor.person_id,
            now=now,
            school_id=actor.school_id,
            params={"offering": offering_id, "names": names, "about": about},
            key=f"{EXPORT.name}:{offering_id}:{names}:{actor.person_id}",
        )

    with audited(store, audit):
        store.check_room()
        return store.transact(work, audit)


def carry_out(run: Run, actor: Actor) -> dict[str, int]:
    """Write the export and attach it; return what is in it.

    Begun anew after a crash: half of it is in a scratch folder that nobody needs.
    """
    store, offering_id = run.store, run.params["offering"]
    attempt = Event(
        actor.person_id, "course.export_refuse", "offering", offering_id, actor.school_id
    )
    with audited(store, attempt):
        with store.read() as session:
            offering = courses.offering(session, offering_id)
        check_can_hold_course(actor, org_path=offering.org.path if offering else None)
        assert offering is not None
        store.check_room()
        with store.blobs.scratch() as scratch:
            folder = scratch / offering.course_id
            done = export_course(
                store,
                offering.course_id,
                folder,
                actor.person_id,
                offering_id=offering_id,
                names=run.params["names"],
                step=run.step,
            )
            with _zipped(folder, scratch / "export.zip", run).open("rb") as file:
                digest = store.keep(chunks_of(file, LARGE))
    run.attach(digest, f"{offering_id}.zip")
    return {
        "assignments": done.assignments,
        "people": done.people,
        "submissions": done.submissions,
        "unfinished": done.unfinished,
        "incomplete": len(done.incomplete),
    }


def _zipped(folder: Path, target: Path, run: Run) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                run.step(1, 1)
                archive.write(path, path.relative_to(folder.parent))
    return target
