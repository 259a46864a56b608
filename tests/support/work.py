"""Submissions of the county's people in any state, made with the real verbs."""

import uuid
from typing import Any

from yanxiu.sandbox.inside import feedback_notebook, prepare, render
from yanxiu.work.verbs import grade
from yanxiu.work.verbs.mark import mark
from yanxiu.work.verbs.release import release
from yanxiu.work.verbs.submit import submit_form
from yanxiu_formats.notebooks import BadNotebook

from tests.support.county import County
from tests.support.every_task import ANSWERS

SAY = {"zh_CN": "平均分不对，再看看分母", "en": "look at the denominator"}
AUTO = ("present", "hardest", "indicators", "rates", "chart")
FULL = {("report", "follow"): (40.0, "说得清楚"), ("report", "clear"): (15.0, "")}


def handed_in(county: County, who: str = "alice", **answers: Any) -> uuid.UUID:
    """Hand in the form of the unit with every task."""
    given = {**ANSWERS, **answers}
    return submit_form(
        county.store, county.site, county.actor(who), county.assignment, given
    ).submission_id


def graded(
    county: County,
    who: str = "alice",
    executed: bytes | None = None,
    run_a: dict[str, Any] | None = None,
) -> uuid.UUID:
    """Hand in, and report what the machine found."""
    one = handed_in(county, who)
    lease = grade.lease(county.store, county.site, "w")
    assert lease is not None
    scores = [{"task": task, "points": 4, "message": SAY} for task in AUTO]
    content = {"lease": lease.lease, "answers": ANSWERS, "scores": scores, "run_a": run_a}
    grade.report(county.store, lease.job_id, content, executed, rendered(executed))
    return one


def rendered(executed: bytes | None) -> bytes | None:
    """Return what the run ``show`` makes of an executed notebook, None of what is none."""
    try:
        prepare.read(executed or b"")
        cells = prepare.read(feedback_notebook.without_marked(executed or b""))["cells"]
    except BadNotebook:
        return None
    return render.unlimited(cells).encode()


def failed(county: County, who: str = "alice", code: str = "run_a.memory") -> uuid.UUID:
    """Hand in, and give up grading."""
    one = handed_in(county, who)
    lease = grade.lease(county.store, county.site, "w")
    assert lease is not None
    grade.failed(county.store, county.site, lease.job_id, lease.lease, code, retry=False)
    return one


def marked(county: County, who: str = "alice", executed: bytes | None = None) -> uuid.UUID:
    """Hand in, grade, and mark everything."""
    one = graded(county, who, executed)
    mark(county.store, county.actor("county"), one, FULL, "写得好，注意分母")
    return one


#: Of the small unit in ``units``: 15 points of the machine, 60 of a person.
SMALL_AUTO = (("mean", 5), ("pick", 10))
SMALL_FULL = {("report", "follow"): (40.0, ""), ("report", "use"): (20.0, "")}


def marked_with_75(county: County, one: uuid.UUID, comment: str = "") -> None:
    """Grade and mark an attempt at the small unit that waits first in the queue."""
    lease = grade.lease(county.store, county.site, "w")
    assert lease is not None
    scores = [{"task": task, "points": points, "message": SAY} for task, points in SMALL_AUTO]
    content = {"lease": lease.lease, "answers": {}, "scores": scores}
    grade.report(county.store, lease.job_id, content, None)
    mark(county.store, county.actor("county"), one, SMALL_FULL, comment)


def released(county: County, who: str = "alice", executed: bytes | None = None) -> uuid.UUID:
    """Hand in, grade, mark and release."""
    one = marked(county, who, executed)
    release(county.store, county.actor("county"), one)
    return one
