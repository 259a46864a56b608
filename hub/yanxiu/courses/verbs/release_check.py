"""The last look at a release of an nbgrader course before it is kept.

Takes the very archives that learners would get: no file that the settings leave out, nothing
in a notebook that nbgrader would have removed. Decides nothing else; called by
``import_course``, whatever way the archives were made.
"""

from collections.abc import Iterable

from yanxiu_formats.bundle import unpack

from yanxiu.courses.nbgrader import leaving_out, limited, units
from yanxiu.courses.nbgrader.config import Settings
from yanxiu.courses.nbgrader.folder import SOURCE, Files
from yanxiu.courses.nbgrader.problems import BadCourse, Problem
from yanxiu.errors import N_


def check_release(made: Iterable[units.Unit], settings: Settings, parts: Files) -> None:
    """Refuse units with which learners would get what is not theirs.

    :raises BadCourse: with the cell, or the file
    """
    found = [one for leaks in leaks_of(made, settings, parts) for one in leaks]
    if found:
        raise BadCourse(found)


def leaks_of(made: Iterable[units.Unit], settings: Settings, parts: Files) -> list[list[Problem]]:
    """Return of each unit what learners would get and must not."""
    found: list[list[Problem]] = []
    jobs = []
    for unit in made:
        learner, scoring = unpack(unit.learner), unpack(unit.scoring)
        where = unit.definition.assignment
        found.append(
            [
                Problem(
                    f"{where}/{name}", N_("设置排除了这个文件，学员不该得到它。请删去它，再发布。")
                )
                for name in learner.keys() - leaving_out.released(learner, settings).keys()
            ]
        )
        source = {
            name.removeprefix(f"{SOURCE}/"): data
            for name, data in scoring.items()
            if name.startswith(f"{SOURCE}/")
        }
        jobs.append(limited.Job(where, source, learner, settings, parts))
    checked = limited.check(jobs) if jobs else []
    return [[*files, *cells] for files, cells in zip(found, checked, strict=True)]
