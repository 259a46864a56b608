"""What a value may be, when it is complete, and what is said otherwise."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yanxiu_formats import answers
from yanxiu_formats.sentences import SENTENCES
from yanxiu_formats.units import tasks_by_id, unit_of

from tests.support.every_task import ANSWERS, EMPTY, EVERY_TASK
from tests.support.ordering import ANSWERS as ARRANGED_ANSWERS
from tests.support.ordering import ARRANGED, entry
from tests.support.ordering import EMPTY as ARRANGED_EMPTY

TASKS = tasks_by_id(unit_of(EVERY_TASK)) | tasks_by_id(unit_of(ARRANGED))
COMPLETE = ANSWERS | ARRANGED_ANSWERS
UNTOUCHED = EMPTY | ARRANGED_EMPTY
BLANK = {"n": None, "p": None}
CHART = ANSWERS["chart"]
POINTS = CHART["points"]


def sentences(problems):
    return [one.text("zh_CN") for one in problems]


def test_complete_answers_are_kept_as_they_are():
    for name, task in TASKS.items():
        assert answers.clean(task, COMPLETE[name]) == (COMPLETE[name], ())
        assert answers.missing(task, COMPLETE[name]) is None


def test_nothing_is_the_empty_value():
    for name, task in TASKS.items():
        assert answers.empty(task) == UNTOUCHED[name]
        assert answers.clean(task, None) == (UNTOUCHED[name], ())
        assert not answers.touched(UNTOUCHED[name])


@pytest.mark.parametrize(
    "name, raw, value",
    [
        ("present", "42", 42),
        ("present", "４２ 人", 42),
        ("present", "42 pupils", 42),
        ("present", "1e3", 1000),
        ("present", 42.0, 42),
        ("present", "4\x002", 42),
        ("hardest", "q2", "q2"),
        ("hardest", "", None),
        ("indicators", ["c", "a"], ["a", "c"]),  # in the options' order
        ("indicators", ("a", "a"), ["a"]),
        ("rates", {"q1": {"n": "4"}}, {"q1": {"n": 4, "p": None}, "q2": BLANK}),
        ("rates", {"q2": None}, {"q1": BLANK, "q2": BLANK}),
        ("report", "一\r\n二\r三", "一\n二\n三"),
        ("report", " \u3000一\0二\ud800 \n", "一二?"),
        ("chart", {"kind": None, "points": {}}, None),  # nothing chosen is no answer
        (
            "chart",
            {"points": {"one": "0。5"}},
            {
                "kind": None,
                "x": None,
                "y": None,
                "points": {"one": 0.5, "two": None, "three": None},
            },
        ),
        ("steps", ["c"], ["c", None, None]),
        ("steps", (None, "a"), [None, "a", None]),
        ("steps", [None, None, None], []),
        ("steps", {"a": "3"}, [None, None, "a"]),
        ("steps", {"a": 1, "b": "２", "c": None}, ["a", "b", None]),
        ("kinds", {"p": "easy"}, {"p": "easy", "d": None}),
        ("kinds", {"p": "", "d": "apart"}, {"p": None, "d": "apart"}),
        ("kinds", {"p": "easy", "d": "easy"}, {"p": "easy", "d": "easy"}),
        ("lesson", [entry("教案.PDF")], [entry("教案.PDF")]),
        ("lesson", [json.dumps(entry("a.pdf"))], [entry("a.pdf")]),  # as a form carries it
    ],
)
def test_values_are_kept_in_one_form(name, raw, value):
    assert answers.clean(TASKS[name], raw) == (value, ())


def test_the_newer_file_of_the_same_name_stays():
    old, new = entry("教案.docx", b"old"), entry("教案.docx", b"new")
    found = answers.clean(TASKS["lesson"], [old, entry("图.pdf"), new])
    assert found == ([entry("图.pdf"), new], ())


@pytest.mark.parametrize(
    "name, raw, kept, sentence",
    [
        ("present", "四十二", None, "“四十二”不是数字。请只填数字，如 12 或 0.6。"),
        ("present", "nan", None, "“nan”不是数字。"),
        ("present", True, None, "“True”不是数字。"),
        ("present", [], None, "“[]”不是数字。"),
        ("present", 10**400, None, "这个数太大，没有保存。"),
        ("present", "9" * 400, None, "这个数太大，没有保存。"),
        ("present", float("inf"), None, "这个数太大，没有保存。"),
        ("hardest", "q9", None, "没有“q9”这个选项。可以选：q1、q2。"),
        ("hardest", 1, None, "没有“1”这个选项。"),
        ("indicators", ["a", "z"], ["a"], "没有“z”这个选项。可以选：a、b、c、d。"),
        ("indicators", [["a"]], [], "没有“['a']”这个选项。"),
        ("indicators", "a", [], "任务“indicators”的答案格式不对，没有保存。这里应该是由选项编号组成的列表。"),
        ("rates", [1], EMPTY["rates"], "这里应该是{行: {列: 数}}。"),
        ("rates", {"q9": {}}, EMPTY["rates"], "没有“q9”这个选项。可以选：q1、q2。"),
        ("rates", {"q1": {"z": 1}}, EMPTY["rates"], "没有“z”这个选项。可以选：n、p。"),
        (
            "rates",
            {"q1": {"n": "4", "p": "八成"}},
            {"q1": {"n": 4, "p": None}, "q2": BLANK},
            "“第1题·通过率”里的“八成”不是数字。",
        ),
        (
            "rates",
            {"q1": {"n": "4", "p": 10**400}},
            {"q1": {"n": 4, "p": None}, "q2": BLANK},
            "“第1题·通过率”里的数太大",
        ),
        ("report", 3, "", "这里应该是一段文字。"),
        ("report", "长" * 20_001, "", "文字太长，没有保存。请先删减。"),
        ("chart", {**CHART, "kind": "map"}, {**CHART, "kind": None}, "可以选：bar、line、pie。"),
        ("chart", {"points": {"four": 1}}, None, "可以选：one、two、three。"),
        ("chart", {"points": [1]}, None, "格式不对"),
        ("steps", ["a", "a"], [], "没有重复"),
        ("steps", ["z"], [], "没有“z”这个选项。可以选：a、b、c。"),
        ("steps", ["a", "b", "c", None], [], "没有重复"),
        ("steps", "abc", [], "没有重复"),
        (
            "steps",
            {"a": "2", "b": "2", "c": "1"},
            ["c", None, None],  # nobody knows which was meant
            "“核对”、“看题”都排在第 2 位。一个位置只能排一项，请改正。",
        ),
        ("steps", {"a": "0", "c": 1}, ["c", None, None], "没有“0”这个选项。可以选：1、2、3。"),
        ("steps", {"a": "头", "c": 1}, ["c", None, None], "没有“头”这个选项。可以选：1、2、3。"),
        ("kinds", {"q": "easy"}, ARRANGED_EMPTY["kinds"], "可以选：p、d。"),
        ("kinds", {"p": "no"}, ARRANGED_EMPTY["kinds"], "可以选：easy、apart、else_。"),
        ("kinds", [], ARRANGED_EMPTY["kinds"], "格式不对"),
        ("lesson", [entry("教案.exe")], [], "“教案.exe”不是这里收的文件，没有保存。可以交的是 .docx、.pdf。"),
        ("lesson", [entry("docx")], [], "“docx”不是这里收的文件"),
        ("lesson", [{**entry("大.pdf"), "size": 1_000_001}], [], "“大.pdf”超过 1 MB，没有保存。"),
        ("lesson", [entry("空.pdf", b"")], [], "“空.pdf”是空文件"),
        ("lesson", [entry("../上.pdf")], [], "“../上.pdf”这个文件名不能用"),
        ("lesson", [entry(".pdf")], [], "这个文件名不能用"),
        ("lesson", [entry("长" * 60 + ".pdf")], [], "这个文件名不能用"),
        ("lesson", [{**entry("a.pdf"), "sha256": "../../etc"}], [], "由文件组成的列表"),
        ("lesson", [{**entry("a.pdf"), "size": True}], [], "由文件组成的列表"),
        ("lesson", [{**entry("a.pdf"), "size": 10**400}], [], "由文件组成的列表"),
        ("lesson", [{**entry("a.pdf"), "more": 1}], [], "由文件组成的列表"),
        ("lesson", ["a.pdf"], [], "由文件组成的列表"),
        ("lesson", entry("a.pdf"), [], "由文件组成的列表"),
        (
            "lesson",
            [entry(f"{n}.pdf") for n in "一二三"],
            [entry("一.pdf"), entry("二.pdf")],
            "最多放 2 个文件，多出来的没有保存：三.pdf。",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_has_its_sentence_and_the_rest_stays(name, raw, kept, sentence):
    found = answers.clean(TASKS[name], raw)
    assert found.value == kept
    assert sentence in "\n".join(sentences(found.wrong))


@pytest.mark.parametrize(
    "name, value, sentence",
    [
        ("present", None, "还没有填写。"),
        ("present", 0, None),  # zero is an answer
        ("hardest", None, "还没有选择。"),
        ("indicators", [], "请至少选 2 项，现在选了 0 项。"),
        ("indicators", ["a", "b"], None),
        ("indicators", ["a", "b", "c"], "最多选 2 项，现在选了 3 项。"),
        ("rates", EMPTY["rates"], "表格里还有 4 格没有填。"),
        ("rates", {"q1": {"n": 0, "p": None}, "q2": BLANK}, "表格里还有 3 格没有填。"),
        ("report", "字" * 9, "至少 10 字，现在 9 字。"),
        ("report", "字" * 10, None),
        ("report", "字" * 50, None),
        ("report", "字" * 51, "最多 50 字，现在 51 字。请删去 1 字。"),
        ("chart", None, "图表还有 6 处没有填（类型、坐标或数值）。"),
        ("chart", {**CHART, "x": None}, "图表还有 1 处没有填（类型、坐标或数值）。"),
        ("chart", {**CHART, "points": dict.fromkeys(POINTS, 0)}, None),
        ("steps", [None, "a", None], "还有 2 项没有排位置。"),
        ("kinds", {"p": "easy", "d": None}, "还有 1 项没有配上。"),
        ("lesson", [], "至少放 1 个文件，现在有 0 个。"),
    ],
)
def test_what_is_still_missing(name, value, sentence):
    found = answers.missing(TASKS[name], value)
    assert (found and found.text("zh_CN")) == sentence


def test_a_problem_names_its_places():
    table = answers.clean(TASKS["rates"], {"q1": {"p": "?"}})
    assert table.wrong[0].at == (("q1", "p"),)
    assert answers.missing(TASKS["chart"], {**CHART, "x": None}).at == (("x",),)
    order = answers.clean(TASKS["steps"], {"a": 1, "b": 1})
    assert order.wrong[0].at == (("a",), ("b",))


def test_texts_show_an_answer_and_give_it_back():
    for name, task in TASKS.items():
        texts = answers.flatten(task, COMPLETE[name])
        assert answers.clean(task, answers.gather(task, texts)) == (COMPLETE[name], ())


@pytest.mark.parametrize("number", [1e-7, 1 / 3, 1e15, -0.0, 123456789012345.0, 5e-324])
def test_every_number_that_is_shown_can_be_read_again(number):
    task = TASKS["present"]
    shown = answers.gather(task, answers.flatten(task, number))
    assert answers.clean(task, shown) == (number, ())


def test_all_answers_of_a_unit_at_once():
    kept, wrong = answers.clean_all(unit_of(EVERY_TASK), {"present": "四", "nobody": 1})
    assert kept == EMPTY
    assert sentences(wrong) == ["“四”不是数字。请只填数字，如 12 或 0.6。"]


WORDS = st.sampled_from(
    [
        "",
        "a",
        "c",
        "q1",
        "n",
        "p",
        "d",
        "easy",
        "kind",
        "bar",
        "points",
        "one",
        "name",
        "size",
        "sha256",
        "a.pdf",
        "42人",
        "1e3",
        "１．５",
        "\0",
        "字\r\n",
        chr(0xD800),
        json.dumps(entry("a.pdf")),
    ]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.just(10**400) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(raw=ANYTHING)
def test_anything_is_kept_in_one_form_or_said_in_a_sentence(raw):
    for task in TASKS.values():
        found = answers.clean(task, raw)
        assert all(one.code in SENTENCES and one.text("en") for one in found.wrong)
        assert all(sentence.endswith("。") for sentence in sentences(found.wrong))
        # What was kept is kept again, fits into a file, and can be shown and read back.
        assert answers.clean(task, found.value) == (found.value, ())
        json.dumps(found.value, allow_nan=False).encode()
        answers.missing(task, found.value)
        texts = answers.flatten(task, raw)
        assert answers.clean(task, answers.gather(task, texts)) == (found.value, ())
