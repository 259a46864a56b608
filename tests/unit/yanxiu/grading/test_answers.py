"""Which bytes are answers, and what of them reaches the scoring run."""

import json

import pytest
from yanxiu.grading.answers import (
    UnreadableAnswers,
    read_answers,
    without_strange_files,
    write_answers,
)

from tests.support.ordering import ANSWERS, ARRANGED, LESSON, entry


def declared(answers, **changes):
    return json.dumps({"format": 1, "unit": "a1", "answers": answers} | changes).encode()


def test_answers_of_the_units_tasks_come_through(unit):
    answers = {"missing": 3, "weak": "b", "plan": "先看缺考"}
    assert read_answers(declared(answers), unit) == answers


def test_what_is_written_is_read_again(unit):
    answers = {"missing": 3.5, "plan": "第一步\n第二步"}
    assert read_answers(write_answers(answers, unit), unit) == answers


def test_unknown_tasks_are_left_out(unit):
    assert read_answers(declared({"missing": 3, "bonus": 100, "scores": []}), unit) == {
        "missing": 3
    }


@pytest.mark.parametrize(
    "written, read",
    [
        ("NaN", None),
        ("Infinity", None),
        ("1e999", None),
        ("1e15", 1e15),
        ("-1000000000000001", None),
        ("true", True),
        ('"a\\u0000b"', "ab"),
        ('"\\ud800"', "?"),
        ("[1, [2]]", [1, [2]]),
        ('{"s1": {"rate": 0.5}}', {"s1": {"rate": 0.5}}),
        ("[[[[[[[1]]]]]]]", [[[[[[None]]]]]]),
    ],
)
def test_values_that_not_every_reader_can_hold_are_none(unit, written, read):
    raw = b'{"format": 1, "unit": "a1", "answers": {"missing": %s}}' % written.encode()
    assert read_answers(raw, unit) == {"missing": read}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"5",
        b"[]",
        b"{",
        b"\x80\x04K\x01.",  # a pickle
        b"[" * 100_000,
        b"9" * 5000,
        declared([1]),
        declared({}, format=2),
        declared({}, unit="a2"),
        declared({"plan": "x" * 1024 * 1024}),
    ],
)
def test_what_is_no_answer_file_is_refused(unit, raw):
    with pytest.raises(UnreadableAnswers):
        read_answers(raw, unit)


HELD = {"files/lesson/教案.docx": LESSON}


@pytest.mark.parametrize(
    "declared, kept",
    [
        ([entry("教案.docx")], [entry("教案.docx")]),
        ([entry("教案.docx", b"other bytes")], []),
        ([entry("别的.docx"), entry("教案.docx")], [entry("教案.docx")]),
        ([{**entry("教案.docx"), "size": 1}], []),
        ([{**entry("教案.docx"), "href": "javascript:"}], []),
        ([{"name": ["教案.docx"], "size": 1, "sha256": ""}], []),
        (["教案.docx"], []),
        ("教案.docx", []),
        (None, []),
    ],
)
def test_a_run_declares_no_file_that_was_not_handed_in(declared, kept):
    found = without_strange_files({**ANSWERS, "lesson": declared}, ARRANGED, HELD)
    assert found == {**ANSWERS, "lesson": kept}
