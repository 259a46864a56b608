"""What is true of every unit of every course: its answers get what they deserve, and any JSON is scored."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yanxiu_formats import answers

from tests.courses.conftest import UNITS, Unit, texts

EVERY = [Unit(folder) for folder in UNITS]
each = pytest.mark.parametrize("unit", EVERY, ids=lambda unit: unit.name)
each_wrong = pytest.mark.parametrize(
    "unit, name",
    [(unit, name) for unit in EVERY for name in unit.wrong],
    ids=lambda value: getattr(value, "name", value),
)


@each
def test_the_reference_solution_gets_full_marks(unit):
    assert unit.points(unit.solution) == unit.auto
    assert sum(unit.auto.values()) <= 40
    assert sum(task.points for task in unit.tasks.values()) == 100


@each
def test_the_reference_solution_can_be_handed_in(unit):
    for name, task in unit.tasks.items():
        assert answers.clean(task, unit.solution[name]) == (unit.solution[name], ())
        assert answers.missing(task, unit.solution[name]) is None


@each
def test_blank_gets_nothing(unit):
    empty = {name: answers.empty(task) for name, task in unit.tasks.items()}
    for blank in ({}, empty, None, [], "x"):
        assert unit.points(blank) == dict.fromkeys(unit.auto, 0)


@each_wrong
def test_a_typical_wrong_answer_gets_what_it_deserves(unit, name):
    wrong = unit.wrong[name]
    assert unit.points(wrong["answers"]) == wrong["deserves"]
    assert sum(wrong["deserves"].values()) < sum(unit.auto.values())
    for task, value in wrong["answers"].items():  # a person could have typed it
        assert answers.clean(unit.tasks[task], value) == (value, ())


@each
def test_every_unit_for_people_has_three_typical_wrong_answers(unit):
    if not unit.name.startswith("test-course"):
        assert len(unit.wrong) >= 3


@each
def test_no_two_typical_wrong_answers_are_told_the_same(unit):
    told = [
        [line["message"]["zh_CN"] for line in unit.score(wrong["answers"])]
        for wrong in unit.wrong.values()
    ]
    assert len(told) == len({json.dumps(one) for one in told})


def ids_of(part):
    """Return every id in a unit, so that any JSON meets the names that scoring looks for."""
    if isinstance(part, dict):
        if isinstance(part.get("id"), str):
            yield part["id"]
        for value in part.values():
            yield from ids_of(value)
    elif isinstance(part, list):
        for value in part:
            yield from ids_of(value)


@each
@settings(deadline=None, max_examples=60)  # the machine may be busy
@given(data=st.data())
def test_scoring_never_raises_and_never_gives_more_than_there_is(unit, data):
    words = st.sampled_from(sorted({*ids_of(unit.unit), "points", "x", "y"}))
    any_json = st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-50, 50)
        | st.just(10**400)
        | st.floats()
        | st.text(max_size=5)
        | words,
        lambda inner: st.lists(inner, max_size=5) | st.dictionaries(words, inner, max_size=5),
        max_leaves=15,
    )
    tasks = st.sampled_from(sorted(unit.tasks))
    some = data.draw(any_json | st.dictionaries(tasks, any_json))
    lines = unit.score(some)
    assert [line["task"] for line in lines] == list(unit.auto)
    for line in lines:
        assert 0 <= line["points"] <= unit.auto[line["task"]]
        assert all(line["message"][language] for language in ("zh_CN", "en"))
    json.dumps(lines, allow_nan=False)


@each
def test_messages_have_both_languages_and_end_as_sentences(unit):
    for some in ({}, unit.solution, *(wrong["answers"] for wrong in unit.wrong.values())):
        for line in unit.score(some):
            assert line["message"]["zh_CN"].endswith(("。", "？", "！"))
            assert line["message"]["en"].endswith((".", "?", "!"))


@each
def test_every_level_is_named(unit):
    for task in unit.tasks.values():
        for criterion in task.criteria:
            for level in criterion.levels:
                assert level.text.zh_CN.startswith(("优秀", "合格", "不合格"))
                assert level.text.en.startswith(("Excellent", "Pass", "Fail"))


@each
def test_english_texts_are_english(unit):
    for _, text in texts(unit.unit):
        letters = sum(character.isascii() for character in text)
        assert letters / len(text) > 0.85, text


@each
def test_pupils_are_numbers(unit):
    for path in (unit.folder / "data").glob("*.csv"):
        for line in path.read_text("utf-8-sig").split("\n")[1:]:
            first = line.split(",")[0]
            if re.match("S[0-9]", first):
                assert re.fullmatch("S[0-9]{2}", first), first


def test_there_is_a_unit_in_every_course():
    courses = {unit.name.split("/")[0] for unit in EVERY}
    assert courses == {"xinxi2", "example-course", "test-course"}
    types = {task.type for unit in EVERY for task in unit.tasks.values()}
    assert types == set(answers.TYPES) - {"cell"}
