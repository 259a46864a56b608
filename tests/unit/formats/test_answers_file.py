"""answers.json: what is one, and what is not."""

import json

import pytest
from yanxiu_formats.answers_file import MAX_BYTES, BadAnswers, read, write
from yanxiu_formats.units import unit_of

from tests.support.every_task import ANSWERS, EVERY_TASK

UNIT = unit_of(EVERY_TASK)


def test_what_is_written_is_read():
    assert read(write(UNIT, ANSWERS), UNIT) == ANSWERS
    assert read(b"\xef\xbb\xbf" + write(UNIT, ANSWERS), UNIT) == ANSWERS


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{broken",
        b"[]",
        b"\xff\xfe",
        b'{"format": 1, "unit": "every", "answers": []}',
        b'{"format": 1, "unit": "another", "answers": {}}',
        b'{"format": 2, "unit": "every", "answers": {}}',
        b'{"unit": "every", "answers": {}}',
        b"[" * 100_000,
        b'{"format": 1, "unit": "every", "answers": {"present": ' + b"9" * 5000 + b"}}",
        json.dumps({"format": 1, "unit": "every", "answers": {"report": "x" * MAX_BYTES}}).encode(),
    ],
)
def test_what_is_no_answers_file(raw):
    with pytest.raises(BadAnswers):
        read(raw, UNIT)
