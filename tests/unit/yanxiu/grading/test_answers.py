"""What of declared answers reaches the scoring run: clean ones, and files that were handed in."""

import json

import pytest
from yanxiu.grading.job import _declared, _RunA, without_strange_files
from yanxiu_formats.units import unit_of

from tests.support.every_task import EVERY_TASK
from tests.support.ordering import ANSWERS, ARRANGED, LESSON, entry

UNIT = unit_of(EVERY_TASK)


def written(answers, **changes):
    return json.dumps({"format": 1, "unit": "every", "answers": answers} | changes).encode()


@pytest.mark.parametrize(
    "value, read",
    [
        (b"NaN", None),
        (b"Infinity", None),
        (b"1e999", None),
        (b"1e15", 10**15),
        (b"-1000000000000001", None),
        (b"true", None),
        (b'"42\\u4eba"', 42),
        (b"9" * 400, None),
        (b"[[[[[[[1]]]]]]]", None),
        (b'{"s": 1}', None),
    ],
)
def test_a_number_that_not_every_reader_can_hold_is_none(value, read):
    raw = b'{"format": 1, "unit": "every", "answers": {"present": %s, "bonus": 1}}' % value
    assert _declared(UNIT, _RunA({}, raw), {}) == ({"present": read}, "run")


def test_the_runs_answers_come_first_then_the_bundles_then_nothing():
    mine, broken = written({"present": 1}), _RunA({}, b"\x80\x04K\x01.")
    bundle = {"answers.json": written({"present": 2})}
    assert _declared(UNIT, _RunA({}, mine), bundle)[0]["present"] == 1
    found, where = _declared(UNIT, broken, bundle)
    assert (found["present"], where) == (2, "bundle")
    assert _declared(UNIT, None, bundle)[1] == "bundle"
    assert _declared(UNIT, broken, {}) == ({}, "nowhere")


HELD = {"files/lesson/教案.docx": LESSON}


@pytest.mark.parametrize(
    "declared, kept",
    [
        ([entry("教案.docx")], [entry("教案.docx")]),
        ([entry("教案.docx", b"other bytes")], []),
        ([entry("别的.docx"), entry("教案.docx")], [entry("教案.docx")]),
        ([{**entry("教案.docx"), "size": 1}], []),
    ],
)
def test_a_run_declares_no_file_that_was_not_handed_in(declared, kept):
    found = without_strange_files({**ANSWERS, "lesson": declared}, unit_of(ARRANGED), HELD)
    assert found == {**ANSWERS, "lesson": kept}
