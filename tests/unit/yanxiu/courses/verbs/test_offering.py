"""What is held of an nbgrader course changes until somebody has handed it in."""

from functools import partial

import pytest
from yanxiu.courses.reads import courses
from yanxiu.courses.verbs import import_course as verbs
from yanxiu.courses.verbs.import_course import plan
from yanxiu.errors import Refused
from yanxiu.work.reads.attempts import any_for
from yanxiu_formats.bundle import unpack as read_files

from tests.support import nbgrader_course as make
from tests.unit.yanxiu.courses.verbs.test_import_course import ACTOR, BOOK, assignment, held

import_course = partial(verbs.import_course, handed_in=any_for)

TWO = make.notebook(make.solution("s", "x = 2"), make.test_cell("t", "assert x == 2"))


@pytest.fixture
def planned(tmp_path):
    return plan(make.quickstart(tmp_path))


def test_a_changed_assignment_is_replaced_until_somebody_has_handed_it_in(county, planned):
    import_course(county.store, planned, ACTOR, held())
    assignment(county, "county", "ps2")
    assignment(county, "county", "ps2", TWO)
    with county.store.read() as session:
        row = courses.assignments(session, "py-a")["ps2"]
        unit = courses.unit_of(session, row)
    assert b"x == 2" in read_files(county.store.blobs.read(unit.scoring_blob))["grading/a.ipynb"]
    make.hand_in(county, row.id, "alice", {"a.ipynb": BOOK})
    with pytest.raises(Refused) as caught:
        assignment(county, "county", "ps2", BOOK)
    assert caught.value.code == "offering.handed_in"
    assert assignment(county, "county", "ps3").held.added == ("ps3",)
