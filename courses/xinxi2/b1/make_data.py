"""Make the synthetic quiz of unit B1: twelve pupils, eight items, two of which need repair.

Writes data/*.csv beside this file; the same seed always gives the same bytes. Nobody here
is real: S01 to S12 are numbers. Run by hand after a change (``python make_data.py``), and by
the course's tests, which compare. Never released to learners: it says which items are bad.

The matrix is a worked example with known values (P, D, KR-20, caution indices), so it is
written out and not drawn; drawn are only the wrong options that pupils chose.

Planted: item 3 asks with a double negation, and its right option is by far the longest, so
that weak pupils guess it and careful ones stumble; item 7 has two right options, and more
pupils chose the one that the key does not have.
"""

import csv
import random
from pathlib import Path

SEED = 20251
ROWS = [
    "11111110",
    "11111101",
    "11111010",
    "11110100",
    "11011001",
    "11101000",
    "10110010",
    "11100000",
    "01011000",
    "11000000",
    "10000010",
    "00100000",
]
PUPILS = [f"S{number:02d}" for number in range(1, len(ROWS) + 1)]
ITEMS = [f"第{number}题" for number in range(1, 9)]
#: Each item: what it asks, its options A to D, and the key.
PAPER = [
    ("0.7 表示（　）。", ["七分之一", "十分之七", "百分之七", "七个一"], "B"),
    ("下面最大的数是（　）。", ["0.59", "0.508", "0.6", "0.095"], "C"),
    (
        "下面的说法中，不能说是不对的是（　）。",
        [
            "0.3 比 0.30 大",
            "0.05 里有 5 个 0.1",
            "小数的末尾添上 0 或去掉 0，小数的大小不变，只是计数单位变了",
            "1.2 米是 12 厘米",
        ],
        "C",
    ),
    ("3.05 + 1.5 = （　）", ["3.20", "4.10", "3.1", "4.55"], "D"),
    ("2.4 米 = （　）厘米", ["24", "240", "204", "2400"], "B"),
    ("10 − 3.27 = （　）", ["6.73", "7.27", "7.73", "6.27"], "A"),
    ("和 0.5 相等的数是（　）。", ["0.50", "5/10", "0.05", "5.0"], "A"),
    (
        "一支笔 2.6 元，一个本子 1.85 元，各买一样，付 5 元，应找回（　）元。",
        ["1.55", "4.45", "0.55", "0.65"],
        "C",
    ),
]
#: How the wrong answers of the two planted items fall; those of the others are drawn.
PLANTED = {2: {"A": 1, "B": 1, "D": 2}, 6: {"B": 7, "C": 0, "D": 1}}


def right_counts() -> list[int]:
    """Return how many pupils got each item right."""
    return [sum(row[item] == "1" for row in ROWS) for item in range(len(ITEMS))]


def choice_rows(rng: random.Random) -> list[list[str]]:
    """Return how many pupils chose each option; every pupil chose one."""
    lines = []
    for item, ((_, _, key), right) in enumerate(zip(PAPER, right_counts(), strict=True)):
        counts = dict.fromkeys("ABCD", 0) | {key: right} | PLANTED.get(item, {})
        others = [option for option in "ABCD" if option != key]
        while sum(counts.values()) < len(PUPILS):
            counts[rng.choice(others)] += 1
        lines.append([ITEMS[item], *(str(counts[option]) for option in "ABCD"), key])
    return lines


def spread_rows() -> list[list[str]]:
    """Return each pupil's total, its distance from the mean and the square of that."""
    totals = [row.count("1") for row in ROWS]
    mean = sum(totals) / len(totals)
    rows = [
        [pupil, str(total), f"{abs(total - mean):.2f}", f"{(total - mean) ** 2:.2f}"]
        for pupil, total in zip(PUPILS, totals, strict=True)
    ]
    squares = sum((total - mean) ** 2 for total in totals)
    return [*rows, ["合计", str(sum(totals)), "", f"{squares:.2f}"]]


def kr20(items: list[int]) -> float:
    """Return KR-20 of the quiz with these items only."""
    rows = [[int(row[item]) for item in items] for row in ROWS]
    totals = [sum(row) for row in rows]
    mean = sum(totals) / len(totals)
    variance = sum((total - mean) ** 2 for total in totals) / len(totals)
    shares = [sum(column) / len(rows) for column in zip(*rows, strict=True)]
    within = sum(p * (1 - p) for p in shares)
    return len(items) / (len(items) - 1) * (1 - within / variance)


def item_caution() -> list[float]:
    """Return the caution index of each item; no two pupils' places matter to it here."""
    totals = [row.count("1") for row in ROWS]
    found = []
    for item in range(len(ITEMS)):
        column = [int(row[item]) for row in ROWS]
        right = sum(column)
        missed = sum(t for t, mark in zip(totals[:right], column[:right], strict=True) if not mark)
        gained = sum(t for t, mark in zip(totals[right:], column[right:], strict=True) if mark)
        below = sum(totals[:right]) - right * sum(totals) / len(totals)
        found.append((missed - gained) / below)
    return found


def hint_rows() -> list[list[str]]:
    """Return what the system has counted of each item: its index, and KR-20 without it."""
    every = list(range(len(ITEMS)))
    return [
        [name, f"{caution:.2f}", f"{kr20([one for one in every if one != item]):.2f}"]
        for item, (name, caution) in enumerate(zip(ITEMS, item_caution(), strict=True))
    ]


def write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Write UTF-8 with BOM, which WPS and Excel open without asking."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def main(folder: Path) -> None:
    """Write the five tables into ``folder``."""
    rng = random.Random(SEED)  # noqa: S311 — reproducible data, not a secret
    paper = [[name, text, *options] for name, (text, options, _) in zip(ITEMS, PAPER, strict=True)]
    write(folder / "paper.csv", ["题目", "题干", "A", "B", "C", "D"], paper)
    marks = [[pupil, *row] for pupil, row in zip(PUPILS, ROWS, strict=True)]
    write(folder / "answers.csv", ["学生", *ITEMS], marks)
    counts = [f"选{option}的人数" for option in "ABCD"]
    write(folder / "choices.csv", ["题目", *counts, "答案"], choice_rows(rng))
    write(folder / "spread.csv", ["学生", "总分", "和平均分相差", "相差的平方"], spread_rows())
    write(folder / "hints.csv", ["题目", "题目注意系数", "去掉这道题后的 KR-20"], hint_rows())


if __name__ == "__main__":
    main(Path(__file__).parent / "data")
