"""unit.json as a model: closed, frozen, parsed once."""

import json

import pytest
from pydantic import ValidationError
from yanxiu_formats.units import BadUnit, canonical, parse_unit, unit_json, unit_of

from tests.support.every_task import EVERY_TASK
from tests.support.ordering import ARRANGED
from tests.support.units import UNIT

CELL = {
    "id": "p1_a_00000000",
    "kind": "auto",
    "type": "cell",
    "notebook": "p1.ipynb",
    "grade_id": "a",
    "title": {"zh_CN": "p1 · a", "en": "p1 · a"},
    "prompt": {"zh_CN": "", "en": ""},
    "points": 0,
    "criteria": [
        {"id": "points", "title": {"zh_CN": "得分", "en": "Points"}, "points": 0, "levels": []}
    ],
}
PLAIN = {
    "id": "ps1",
    "kind": "nbgrader",
    "point": "",
    "assignment": "Problem Set 1",
    "title": {"zh_CN": "Problem Set 1", "en": "Problem Set 1"},
    "minutes": 0,
    "credit_hours": 0.0,
    "hours_kind": "online",
    "max_total": 13.5,
    "pass_total": 7.8,
    "notebook": "p1.ipynb",
    "notebooks": ["p1.ipynb", "p2.ipynb"],
    "files": ["图.png"],
    "tasks": [CELL],
}


@pytest.mark.parametrize("content", [EVERY_TASK, ARRANGED, UNIT, PLAIN], ids=lambda one: one["id"])
def test_a_unit_is_written_as_it_was_read(content):
    assert unit_json(unit_of(content)) == content


def test_defaults_are_filled_in():
    bare = {key: EVERY_TASK[key] for key in ("id", "point", "title", "minutes", "credit_hours")}
    unit = unit_of({**bare, "tasks": EVERY_TASK["tasks"]})
    assert (unit.hours_kind, unit.pass_total, unit.intro) == ("online", 60, "intro.md")
    assert unit.notebooks == ("every.ipynb",)
    assert unit.data == ()


def test_both_kinds_of_unit_answer_the_same_questions():
    ours, plain = unit_of(EVERY_TASK), unit_of(PLAIN)
    assert (ours.kind, ours.full_points, ours.name) == ("worksheet", 100, "every")
    assert (plain.kind, plain.full_points, plain.name) == ("nbgrader", 13.5, "Problem Set 1")
    assert plain.notebooks == ("p1.ipynb", "p2.ipynb")
    assert plain.data == ()
    assert ours.task("report").criteria[0].id == "follow"
    assert plain.task("nobody") is None


def test_the_same_text_is_parsed_once():
    text = canonical(EVERY_TASK)
    assert parse_unit(text) is parse_unit(canonical(json.loads(text)))


def test_a_unit_is_frozen():
    unit = unit_of(EVERY_TASK)
    with pytest.raises(ValidationError):
        unit.minutes = 5
    with pytest.raises(ValidationError):
        unit.tasks[0].points = 5
    assert isinstance(unit.tasks, tuple)


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "strange"},
        {"more": 1},
        {"minutes": "30"},
        {"minutes": True},
        {"tasks": []},
        {"tasks": [{**EVERY_TASK["tasks"][0], "type": "drawing"}]},
        {"tasks": [{**EVERY_TASK["tasks"][0], "points": -1}]},
        {"tasks": [CELL]},
        {"title": {"zh_CN": "只有中文"}},
    ],
)
def test_what_the_format_does_not_know_is_no_unit(change):
    with pytest.raises(BadUnit):
        unit_of({**EVERY_TASK, **change})


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_a_broken_text_is_no_unit(text):
    with pytest.raises(BadUnit):
        parse_unit(text)
