"""Make the synthetic class of unit A1: a pre-quiz with the faults of real ones, and a survey.

Writes data/*.csv beside this file; the same seed always gives the same bytes. Nobody here
is real: S01 to S45 are numbers. Run by hand after a change (``python make_data.py``), and by
the course's tests, which compare. Never released to learners: it says where the faults are.

Planted: three absent pupils, one row uploaded twice, one mark outside 0/1, and blanks where
a tablet lost its connection. No blank decides to which group of need a pupil belongs, so the
group sizes have one right answer.
"""

import csv
import random
from collections import Counter
from pathlib import Path

SEED = 20244
PUPILS = [f"S{number:02d}" for number in range(1, 46)]
ITEMS = [f"第{number}题" for number in range(1, 9)]
POINTS = ["分数的意义"] * 2 + ["分数单位"] * 2 + ["分数与除法"] * 2 + ["分数比大小"] * 2
EASE = [1.5, 0.9, 0.4, 0.3, 0.4, -0.3, 0.5, -0.6]
ABSENT = {"S08", "S23", "S40"}
TWICE = "S17"
ODD_MARK = ("S31", "第6题", "11")
BLANKS = 13
BASIC, APPLIED = ITEMS[:4], ITEMS[4:]
SURVEY = {
    "三年级学的分数还记得多少": ["记得清楚", "记得一些", "基本忘了"],
    "遇到不会的题怎么办": ["问同学", "问老师", "看书或微课", "先空着"],
    "最喜欢的学习方式": ["动手操作", "看图或视频", "听老师讲", "小组讨论"],
    "家里有能上网的设备": ["有", "有时有", "没有"],
    "每天能用来预习的时间": ["不到10分钟", "10到20分钟", "20分钟以上"],
    "学好分数的信心（1到5）": ["1", "2", "3", "4", "5"],
}

Marks = dict[str, str]


def right(marks: Marks, items: list[str]) -> int:
    """Return how many of ``items`` have the mark 1; blanks and odd marks are not 1."""
    return sum(marks[item] == "1" for item in items)


def group(marks: Marks) -> str:
    """Return the group of need: 甲 basic, 乙 applied, 丙 the rest."""
    if right(marks, BASIC) <= 2:
        return "甲"
    return "乙" if right(marks, APPLIED) <= 2 else "丙"


def blank_decides(marks: Marks) -> bool:
    """Whether the pupil's group would change if what is not recorded had been right."""
    known = {item: "1" if mark not in ("0", "1") else mark for item, mark in marks.items()}
    return group(known) != group(marks)


def make_class(rng: random.Random) -> tuple[dict[str, Marks], dict[str, float]]:
    """Return the marks and the ability of every pupil; an absent pupil has blanks only."""
    ability = {pupil: rng.gauss(0.25, 1.0) for pupil in PUPILS}
    marks = {
        pupil: {
            item: str(int(rng.gauss(ability[pupil] + ease, 0.7) > 0))
            for item, ease in zip(ITEMS, EASE, strict=True)
        }
        for pupil in PUPILS
    }
    places = [(p, item) for p in PUPILS for item in ITEMS if p not in ABSENT | {TWICE}]
    rng.shuffle(places)
    left = BLANKS
    for pupil, item in [ODD_MARK[:2], *places]:
        value = ODD_MARK[2] if (pupil, item) == ODD_MARK[:2] else ""
        changed = {**marks[pupil], item: value}
        if left >= 0 and "" not in marks[pupil].values() and not blank_decides(changed):
            marks[pupil] = changed
            left -= 1
    for pupil in ABSENT:
        marks[pupil] = dict.fromkeys(ITEMS, "")
    return marks, ability


def quiz_rows(marks: dict[str, Marks]) -> list[list[str]]:
    """Return the rows as the quiz system exports them, the repeated one five rows later."""
    order = PUPILS.copy()
    order.insert(order.index(TWICE) + 5, TWICE)
    return [
        [
            pupil,
            *marks[pupil].values(),
            str(right(marks[pupil], BASIC)),
            str(right(marks[pupil], APPLIED)),
            "缺考" if pupil in ABSENT else "",
        ]
        for pupil in order
    ]


def item_summary(rows: list[list[str]]) -> list[list[str]]:
    """Return the system's counts of each item, faults and all."""
    lines = []
    for column, (item, point) in enumerate(zip(ITEMS, POINTS, strict=True), start=1):
        seen = Counter(row[column] for row in rows)
        other = len(rows) - seen["1"] - seen["0"] - seen[""]
        lines.append([item, point, *map(str, (seen["1"], seen["0"], seen[""], other))])
    return lines


def group_summary(rows: list[list[str]]) -> list[list[str]]:
    """Return how many rows have each pair of 前四题答对 and 后四题答对, faults and all."""
    seen = Counter((row[9], row[10]) for row in rows)
    return [
        [f"前四题对 {basic} 题", *(str(seen[str(basic), str(applied)]) for applied in range(5))]
        for basic in range(5)
    ]


def survey_rows(rng: random.Random, ability: dict[str, float]) -> list[list[str]]:
    """Return the survey: two pupils were away that day, and a few questions were skipped."""
    rows = []
    away = set(rng.sample(PUPILS, 2))
    for pupil in PUPILS:
        strong = ability[pupil] > 0.25
        weights = [
            [5, 4, 1] if strong else [1, 4, 3],
            [4, 2, 3, 1] if strong else [3, 2, 1, 5],
            [5, 4, 2, 3],
            [6, 2, 2],
            [3, 4, 2],
            [1, 1, 3, 5, 4] if strong else [2, 4, 4, 2, 1],
        ]
        answers = [
            rng.choices(options, weights=weight)[0]
            for options, weight in zip(SURVEY.values(), weights, strict=True)
        ]
        answers = ["" if rng.random() < 0.02 else answer for answer in answers]
        rows.append([pupil, *([""] * 6 if pupil in away else answers)])
    return rows


def survey_summary(rows: list[list[str]]) -> list[list[str]]:
    """Return how many pupils gave each answer, and how many gave none."""
    lines = []
    for column, (question, options) in enumerate(SURVEY.items(), start=1):
        seen = Counter(row[column] for row in rows)
        lines += [[question, option, str(seen[option])] for option in options]
        lines.append([question, "（没有回答）", str(seen[""])])
    return lines


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Write UTF-8 with BOM, which WPS and Excel open without asking."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main(folder: Path) -> None:
    """Write the five tables into ``folder``."""
    rng = random.Random(SEED)  # noqa: S311 — reproducible data, not a secret
    marks, ability = make_class(rng)
    quiz, survey = quiz_rows(marks), survey_rows(rng, ability)
    counts = ["答对（1）", "答错（0）", "空白", "其他"]
    pairs = [f"后四题对 {applied} 题" for applied in range(5)]
    write(folder / "prequiz.csv", ["学生", *ITEMS, "前四题答对", "后四题答对", "备注"], quiz)
    write(folder / "prequiz_items.csv", ["题目", "知识点", *counts], item_summary(quiz))
    write(folder / "prequiz_pairs.csv", ["有几行", *pairs], group_summary(quiz))
    write(folder / "survey.csv", ["学生", *SURVEY], survey)
    write(folder / "survey_counts.csv", ["问题", "回答", "人数"], survey_summary(survey))


if __name__ == "__main__":
    main(Path(__file__).parent / "data")
