"""Orders, matches and files out of a browser's fields, and back."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yanxiu.courses.forms import check_answers, dropped, fields, read
from yanxiu.errors import Invalid

from tests.support.ordering import ANSWERS, ARRANGED, EMPTY, FIELDS, entry
from tests.unit.yanxiu.courses.forms.test_read import sentences

TASK = ARRANGED["tasks"][2]


def kept(*entries):
    return {"f.lesson.kept": [json.dumps(one) for one in entries]}


def test_a_complete_form_is_its_answers():
    filled = read(ARRANGED, {**FIELDS, **kept(entry("教案.docx"))})
    assert filled.answers == ANSWERS
    assert filled.wrong == filled.missing == []


def test_an_empty_form_misses_every_task():
    filled = read(ARRANGED, {})
    assert filled.answers == EMPTY
    assert filled.wrong == []
    assert sentences(filled.missing) == {
        "steps": "还有 3 项没有排位置。",
        "kinds": "还有 2 项没有配上。",
        "lesson": "至少放 1 个文件，现在有 0 个。",
        "why": "至少 2 字，现在 0 字。",
    }


@pytest.mark.parametrize(
    "places, answer",
    [
        ({"a": "3"}, [None, None, "a"]),
        ({"a": "1", "b": "2"}, ["a", "b", None]),
        ({"a": "2", "b": "2", "c": "1"}, ["c", None, None]),  # nobody knows which was meant
        ({"a": "2", "b": "2"}, []),
        ({"a": "0", "b": "4", "c": "1"}, ["c", None, None]),
    ],
)
def test_an_order_keeps_the_places_that_are_clear(places, answer):
    filled = read(ARRANGED, {f"a.steps.{item}": [text] for item, text in places.items()})
    assert filled.answers["steps"] == answer


def test_two_items_in_one_place_are_both_named():
    filled = read(ARRANGED, {**FIELDS, "a.steps.a": ["1"]})
    assert sentences(filled.wrong) == {
        "steps": "有 2 项都排在第 1 位。一个位置只能排一项，请改正。"
    }
    assert filled.wrong[0].fields == ("a.steps.a", "a.steps.b")


def test_one_right_item_may_go_with_several():
    filled = read(ARRANGED, {**FIELDS, "a.kinds.d": ["easy"]})
    assert filled.answers["kinds"] == {"p": "easy", "d": "easy"}


@pytest.mark.parametrize("field", ["a.steps.a", "a.kinds.p"])
def test_what_was_never_offered_is_refused(field):
    filled = read(ARRANGED, {**FIELDS, field: ["z"]})
    assert [one.message[:9] for one in filled.wrong] == ["选了不存在的选项。"]


@pytest.mark.parametrize(
    "one, sentence",
    [
        (entry("教案.exe"), "“教案.exe”不是这里收的文件，没有保存。可以交的是 .docx、.pdf。"),
        (entry("docx"), "“docx”不是这里收的文件"),
        ({**entry("大.pdf"), "size": 1_000_001}, "“大.pdf”超过 1 MB，没有保存。"),
        ({**entry("空.pdf"), "size": 0}, "“空.pdf”是空文件，没有保存。"),
        (entry("../上.pdf"), "有一个文件的名字不能用"),
        (entry(".pdf"), "有一个文件的名字不能用"),
        (entry("长" * 60 + ".pdf"), "有一个文件的名字不能用"),
        ({**entry("a.pdf"), "sha256": "../../etc"}, "有一个文件的名字不能用"),
        ({**entry("a.pdf"), "size": True}, "有一个文件的名字不能用"),
        ({"name": "a.pdf"}, "有一个文件的名字不能用"),
        (["a.pdf"], "有一个文件的名字不能用"),
    ],
)
def test_a_file_that_cannot_be_kept_has_its_sentence(one, sentence):
    filled = read(ARRANGED, {**FIELDS, **kept(one)})
    assert filled.answers["lesson"] == []
    assert sentences(filled.wrong)["lesson"].startswith(sentence)


def test_capitals_in_an_ending_are_fine():
    assert read(ARRANGED, kept(entry("教案.PDF"))).answers["lesson"] == [entry("教案.PDF")]


def test_the_newer_file_of_the_same_name_stays():
    old, new = entry("教案.docx", b"old"), entry("教案.docx", b"new")
    assert read(ARRANGED, kept(old, entry("图.pdf"), new)).answers["lesson"] == [
        entry("图.pdf"),
        new,
    ]


def test_a_file_too_many_is_named():
    filled = read(ARRANGED, kept(*(entry(f"{n}.pdf") for n in "一二三")))
    assert [one["name"] for one in filled.answers["lesson"]] == ["一.pdf", "二.pdf"]
    assert "最多放 2 个文件，多出来的没有保存：三.pdf。" in sentences(filled.wrong)["lesson"]


@pytest.mark.parametrize(
    "name, plain",
    [
        ("C:\\教案\\第一课.docx", "第一课.docx"),
        ("/etc/passwd", "passwd"),
        ("a\r\nX-Evil: 1.pdf", "a__X-Evil: 1.pdf"),
        ("e\u0301.pdf", "\u00e9.pdf"),
        ("\u202efdp.docx", "_fdp.docx"),
    ],
)
def test_names_that_browsers_send_lose_folders_and_tricks(name, plain):
    assert dropped.plain_name(name) == plain


def test_fields_show_what_was_read():
    assert read(ARRANGED, fields(ARRANGED, ANSWERS)).answers == ANSWERS
    assert check_answers(ARRANGED, ANSWERS) == ANSWERS
    assert check_answers(ARRANGED, EMPTY) == EMPTY


@pytest.mark.parametrize(
    "task, value",
    [("steps", [None, None, None]), ("steps", ["a"]), ("steps", [None, "a", None]), ("steps", [])],
)
def test_an_order_may_be_a_draft(task, value):
    check_answers(ARRANGED, {task: value})


@pytest.mark.parametrize(
    "task, value",
    [
        ("steps", ["a", "a", "b"]),
        ("steps", ["a", "z", None]),
        ("steps", ["a", "b", "c", "a"]),
        ("steps", "abc"),
        ("kinds", {"p": "easy"}),
        ("kinds", {"p": "nowhere", "d": None}),
        ("kinds", ["easy"]),
        ("lesson", [{"name": "a.pdf"}]),
        ("lesson", [{**entry("a.pdf"), "more": 1}]),
        ("lesson", [entry("a.exe")]),
        ("lesson", entry("a.pdf")),
    ],
)
def test_a_wrong_shape_is_refused(task, value):
    with pytest.raises(Invalid) as refusal:
        check_answers(ARRANGED, {task: value})
    assert refusal.value.code == "answers.shape"


words = st.sampled_from(["a", "b", "z", "easy", "name", "size", "sha256", "p", "教案.pdf", "字"])
anything = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(words, inner, max_size=4),
    max_leaves=6,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(sorted(ANSWERS)), anything))
def test_answers_out_of_anybodys_notebook_can_be_shown(answers):
    shown = fields(ARRANGED, answers)
    assert all(isinstance(text, str) for texts in shown.values() for text in texts)
    read(ARRANGED, shown)
