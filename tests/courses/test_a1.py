"""Unit A1: every answer gets what it deserves, and its data are what the prompts say."""

import csv

import pandas as pd
import pytest
from lessonkit import items

from tests.courses.conftest import A1, Unit, load

A = Unit(A1)
SOLUTION, TASKS = A.solution, A.tasks


def p_table(**cells):
    return A.changed(p_table={**SOLUTION["p_table"], **cells})


@pytest.mark.parametrize(
    "answers, task, deserves",
    [
        (p_table(q8={"n": 42, "p": 0.3472}), "p_table", 12),  # 0.35714 − 0.01
        (p_table(q8={"n": 42, "p": 0.347}), "p_table", 11),
        (p_table(q8={"n": 42, "p": 35.7}), "p_table", 11),  # percent was not asked for
        (p_table(q8={"n": 41, "p": 0.36}), "p_table", 11.5),
        (p_table(q8={"n": None, "p": None}), "p_table", 10.5),
        (A.changed(chart={**SOLUTION["chart"], "kind": "line"}), "chart", 5),
        (A.changed(chart={**SOLUTION["chart"], "x": "pupil", "y": "place"}), "chart", 4),
        (A.changed(chart={**SOLUTION["chart"], "points": {}}), "chart", 3),
        (A.changed(p_table={}), "chart", 3),  # values that agree with no table
        (A.changed(indicators=["item_p"]), "indicators", 2),
        (A.changed(indicators=["item_p", "item_p", "item_p"]), "indicators", 2),
        (A.changed(indicators=["attention", "parents", "class_mean"]), "indicators", 0),
        (A.changed(indicators=[o.id for o in TASKS["indicators"].options]), "indicators", 0),
        (A.changed(groups={"basic": {"count": 13}}), "groups", 3),
        (A.changed(groups={"basic": {"count": 13}, "apply": {"count": 18}, "ahead": {"count": 11}}), "groups", 3),
        (A.changed(clean={"sat": {"count": 42.0}}), "clean", 2),
        (A.changed(clean={"sat": {"count": True}}), "clean", 0),
    ],
)  # fmt: skip
def test_part_marks(answers, task, deserves):
    assert A.points(answers)[task] == deserves


def test_a_chart_may_follow_a_wrong_table():
    wrong = A.wrong["blank-is-wrong"]["answers"]
    assert A.points(wrong)["chart"] == 6
    assert A.points({**wrong, "chart": SOLUTION["chart"]})["chart"] < 6


def test_messages_never_tell_the_answer():
    """A number of an auto task's message is a count of what is right, never a value."""
    secrets = {"42", "13", "18", "0.36", "0.357", "16"}
    for answers in [{}, *(wrong["answers"] for wrong in A.wrong.values())]:
        for line in A.score(answers):
            for text in line["message"].values():
                assert not secrets & set(text.replace("。", " ").replace("，", " ").split())


def rows():
    with (A1 / "data/prequiz.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_script_makes_exactly_the_data_that_are_kept(tmp_path):
    load(A1 / "make_data.py").main(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in (A1 / "data").iterdir()}
    assert made == kept


def test_the_data_have_the_faults_that_the_prompts_speak_of():
    pupils = [row["学生"] for row in rows()]
    assert len(pupils) == 46
    assert set(pupils) == {f"S{number:02d}" for number in range(1, 46)}
    assert sum(row["备注"] == "缺考" for row in rows()) == 3


def test_no_blank_decides_a_group():
    made = load(A1 / "make_data.py")
    for row in rows():
        if not row["备注"]:
            assert not made.blank_decides({item: row[item] for item in made.ITEMS})


def test_the_summaries_count_the_rows_as_they_are():
    table = pd.read_csv(A1 / "data/prequiz.csv", dtype=str)
    items = pd.read_csv(A1 / "data/prequiz_items.csv")
    pairs = pd.read_csv(A1 / "data/prequiz_pairs.csv", index_col=0)
    for _, line in items.iterrows():
        assert (table[line["题目"]] == "1").sum() == line["答对（1）"]
        assert line[2:].sum() == 46
    assert pairs.to_numpy().sum() == 46


def test_lessonkit_agrees_with_the_solution():
    quiz = pd.read_csv(A1 / "data/prequiz.csv").drop_duplicates()
    marks = quiz.filter(like="第")
    found = items.difficulty(marks.where(marks <= 1))
    for number, cells in enumerate(SOLUTION["p_table"].values()):
        assert found["n"].iloc[number] == cells["n"]
        assert found["p"].iloc[number] == pytest.approx(cells["p"], abs=0.0051)


def test_the_criteria_of_the_plan_are_those_of_competence_point_a1():
    """The wording of 优秀 in the 规范 for A1, each part in the level that asks for it."""
    levels = [c.levels[0].text.zh_CN for c in TASKS["plan"].criteria]
    for part, text in zip(
        [
            "要素完整、表述清晰",
            "有效支持目的达成",
            "科学合理、操作便捷、结果易于导出使用",
            "技术支持方式富有创新性、有学习与借鉴价值",
        ],
        levels,
        strict=True,
    ):
        assert part in text
