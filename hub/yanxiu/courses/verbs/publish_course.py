"""Keep a built release of a course: what learners get and how it is scored, by digest.

Called by ``yanxiu apply``; ``import_course`` adds its releases with ``add_release``. The
same release twice is one release. A release never changes; offerings that use an older one
go on using it. A release is looked at once more before it is kept, as one of nbgrader's is:
nothing in what learners get that nbgrader would remove, and none of what scores them.
"""

import hashlib
import json
import uuid
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from yanxiu_formats.bundle import pack
from yanxiu_formats.units import BadUnit, Unit, canonical, unit_of

from yanxiu.courses.model import Course, Release, ReleaseUnit
from yanxiu.courses.nbgrader import limited
from yanxiu.courses.nbgrader.problems import Problem, lines
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, SettingsError
from yanxiu.names import new_id
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store


def publish_course(store: Store, folder: Path, actor: str) -> tuple[uuid.UUID, bool]:
    """Keep the release in ``folder``; return its id, and whether it is new.

    :raises SettingsError: there is no release, its files are not those of its manifest, or
        learners would get what is not theirs
    """
    manifest, files = read_release(folder)
    digest = hashlib.sha256(canonical(manifest).encode()).hexdigest()
    with store.read() as session:
        known = courses.release_by_digest(session, digest)
        if known is not None:
            return known.id, False
    units = []
    known_units = _units(folder, manifest)
    _check_learners(folder, known_units, files)
    for unit in known_units:
        blobs = {
            part: store.keep(iter([pack(_below(files, f"{part}/{unit.id}/"))]))
            for part in ("learner", "scoring")
        }
        units.append((unit, blobs))
    audit = Event(actor, "release.publish", "release")

    def work(session: Session, now: datetime) -> tuple[uuid.UUID, bool]:
        known = courses.release_by_digest(session, digest)
        if known is not None:
            audit.outcome = "held already"  # by somebody who published it at the same time
            return known.id, False
        release_id = add_release(session, now, manifest["course"], digest, units)
        audit.object_id = str(release_id)
        audit.details = {
            "course": manifest["course"]["id"],
            "digest": digest,
            "units": len(units),
        }
        return release_id, True

    return store.transact(work, audit)


def add_release(
    session: Session,
    now: datetime,
    about: dict[str, Any],
    digest: str,
    units: Sequence[tuple[Unit, dict[str, str]]],
) -> uuid.UUID:
    """Add a release, and its course if it is the first; return its id.

    :param about: the course: ``id``, ``title``, ``summary``
    :param units: each unit with the digests of its ``learner`` and ``scoring`` tars
    """
    release_id = new_id()
    if courses.course(session, about["id"]) is None:
        session.add(Course(id=about["id"], title=about["title"], summary=about.get("summary", {})))
        session.flush()
    session.add(Release(id=release_id, course_id=about["id"], digest=digest, created_at=now))
    session.flush()
    for unit, blobs in units:
        session.add(
            ReleaseUnit(
                release_id=release_id,
                unit_key=unit.id,
                definition=unit,
                learner_blob=blobs["learner"],
                scoring_blob=blobs["scoring"],
            )
        )
    session.flush()
    return release_id


def read_release(folder: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Return a release's manifest and files, checked against each other."""
    path = folder / "release.json"
    if not path.is_file():
        raise SettingsError(
            f"找不到课程发布 {path}。请先运行 make courses（即 courses/build.py），再试。"
        )
    manifest = json.loads(path.read_text("utf-8"))
    if manifest.get("format") != 1:
        raise SettingsError(
            f"{path}: format 是 {manifest.get('format')!r}，本程序只认识 1。请用同一版本重新生成。"
        )
    files = {}
    for name, digest in manifest["files"].items():
        file = folder / name
        data = file.read_bytes() if file.is_file() else b""
        if hashlib.sha256(data).hexdigest() != digest:
            raise SettingsError(
                f"{file}: 内容和 release.json 里登记的不一致。请重新运行 make courses。"
            )
        files[name] = data
    return manifest, files


def _units(folder: Path, manifest: dict[str, Any]) -> list[Unit]:
    try:
        return [unit_of(content) for content in manifest["units"]]
    except BadUnit as error:
        raise SettingsError(
            f"{folder / 'release.json'}: 有一个单元不是这一版的格式。请用同一版本重新生成（make courses）。\n{error}"
        ) from None


def _check_learners(folder: Path, units: Sequence[Unit], files: dict[str, bytes]) -> None:
    found: list[Problem] = []
    jobs = []
    for unit in units:
        learner = _below(files, f"learner/{unit.id}/")
        scorers = {
            data
            for name, data in _below(files, f"scoring/{unit.id}/").items()
            if name.endswith(".py")
        }
        found += [
            Problem(
                f"learner/{unit.id}/{name}", N_("这是评分程序，学员不该得到它。请从发布里删去。")
            )
            for name, data in learner.items()
            if data in scorers or Path(name).name == "score.py"
        ]
        jobs.append(limited.Job(f"learner/{unit.id}", {}, learner))
    found += [one for leaks in limited.check(jobs) for one in leaks]
    if found:
        raise SettingsError(
            f"{folder}: 没有发布，学员会得到不该得到的内容：\n" + "\n".join(lines(found))
        )


def _below(files: dict[str, bytes], prefix: str) -> dict[str, bytes]:
    return {
        name.removeprefix(prefix): data for name, data in files.items() if name.startswith(prefix)
    }
