"""Unit B1: lessonkit agrees with its golden numbers, and its data have the faults it speaks of."""

import csv

import pandas as pd
import pytest
from lessonkit import items, reliability, sp

from tests.courses.conftest import B1, Unit, load

B = Unit(B1)
MARKS = pd.read_csv(B1 / "data/answers.csv", index_col=0)
ITEMS = [f"q{number}" for number in range(1, 9)]


def cells_of(**cells):
    return B.changed(items={**B.solution["items"], **cells})


def values(task, **changes):
    return B.changed(
        **{task: {**B.solution[task], **{key: {"value": v} for key, v in changes.items()}}}
    )


@pytest.mark.parametrize(
    "answers, task, deserves",
    [
        (cells_of(q1={"p": 0.8433, "d": 0.33}), "items", 12),  # 0.8333 + 0.01
        (cells_of(q1={"p": 0.8434, "d": 0.33}), "items", 11.25),
        (cells_of(q1={"p": 83, "d": 0.33}), "items", 11.25),  # percent was not asked for
        (cells_of(q4={"p": 0.58, "d": None}), "items", 11.25),
        (values("trust", within=1.61), "trust", 6),
        (values("trust", within=1.62), "trust", 4),
        (values("trust", within=1.8, kr20=0.57), "trust", 4),  # follows from its own 1.8
        (values("trust", within=1.8, variance=1.8, kr20=0.0), "trust", 0),
        (values("caution", missed=8, index=0.41), "caution", 4.5),  # (8 - 5) / 7.25
        (values("caution", missed=8), "caution", 4.5),
        (values("caution", missed=0, gained=0, most=0, index=0), "caution", 0),
        (B.changed(pupils={"s03": "stretch"}), "pupils", 1.5),
        (B.changed(pupils=dict.fromkeys(B.solution["pupils"], "basics")), "pupils", 1.5),
        (B.changed(steps=["key", None, "read", None, None]), "steps", 0),
        (B.changed(steps=["key", "numbers", None, None, None]), "steps", 1),
        (B.changed(steps=[*B.solution["steps"], "key"]), "steps", 0),
        (B.changed(suspects=["q7"]), "suspects", 3),
        (B.changed(suspects=["q3", "q3", "q7"]), "suspects", 6),
        (B.changed(suspects=ITEMS), "suspects", 0),
    ],
)
def test_part_marks(answers, task, deserves):
    assert B.points(answers)[task] == deserves


def test_lessonkit_gives_what_the_solution_says():
    p = items.difficulty(MARKS)["p"]
    d, size = items.discrimination(MARKS)
    assert size == 3
    for number, cells in enumerate(B.solution["items"].values()):
        assert cells["p"] == pytest.approx(p.iloc[number], abs=0.0051)
        assert cells["d"] == pytest.approx(d.iloc[number], abs=0.0051)
    trust = {key: cell["value"] for key, cell in B.solution["trust"].items()}
    assert trust["within"] == pytest.approx((p * (1 - p)).sum(), abs=0.0051)
    assert trust["variance"] == pytest.approx(MARKS.sum(axis=1).var(ddof=0), abs=0.0051)
    assert trust["kr20"] == pytest.approx(reliability.kr20(MARKS), abs=0.0051)


def test_the_caution_of_the_late_pupil_is_lessonkits():
    """The index uses the chart's counts: so S13 is looked at, and not put into the table."""
    table = sp.arrange(MARKS)
    row = table.columns.isin([f"第{n}题" for n in (1, 2, 3, 4, 6, 8)]).astype(int)
    weights, right = table.sum().to_numpy(), 6
    missed = ((1 - row[:right]) * weights[:right]).sum()
    gained = (row[right:] * weights[right:]).sum()
    most = weights[:right].sum() - right * weights.mean()
    solution = {key: cell["value"] for key, cell in B.solution["caution"].items()}
    assert solution == {
        "missed": missed,
        "gained": gained,
        "most": most,
        "index": pytest.approx((missed - gained) / most, abs=0.0051),
    }


def test_the_pupils_of_the_matching_task_have_the_indices_that_it_prints():
    found = sp.chart(MARKS).cs
    totals = MARKS.sum(axis=1)
    for item in B.tasks["pupils"].left:
        name = item.id.upper()
        assert item.text.zh_CN == f"{name}：对 {totals[name]} 题，注意系数 {found[name]:.2f}"


def test_the_two_suspects_are_those_that_stand_in_the_way():
    without = {item: reliability.kr20(MARKS.drop(columns=f"第{item[1]}题")) for item in ITEMS}
    now = reliability.kr20(MARKS)
    assert {item for item, value in without.items() if value > now} == set(B.solution["suspects"])
    with (B1 / "data/hints.csv").open(encoding="utf-8-sig", newline="") as file:
        hints = list(csv.reader(file))[1:]
    index = sp.chart(MARKS).cp
    for (name, caution, kr20), value in zip(hints, without.values(), strict=True):
        assert caution == f"{index[name]:.2f}"
        assert kr20 == f"{value:.2f}"
    # The rule must work with the two decimals that are printed.
    assert {f"q{n}" for n, row in enumerate(hints, 1) if float(row[2]) > 0.63} == {"q3", "q7"}


def test_the_options_add_up_to_the_pupils_and_the_key_to_those_who_are_right():
    with (B1 / "data/choices.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    for name, *counts, key in rows:
        assert sum(map(int, counts)) == 12
        assert int(counts["ABCD".index(key)]) == MARKS[name].sum()
    chosen = {name: dict(zip("ABCD", map(int, counts), strict=True)) for name, *counts, _ in rows}
    assert chosen["第7题"]["B"] > chosen["第7题"]["A"], "more took the other right option"


def test_the_spread_is_the_variance_before_it_is_divided():
    with (B1 / "data/spread.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert float(rows[-1][3]) / 12 == pytest.approx(MARKS.sum(axis=1).var(ddof=0), abs=0.001)
    assert [int(row[1]) for row in rows[:-1]] == MARKS.sum(axis=1).tolist()


def test_the_example_of_the_introduction_is_computed_right():
    marks = pd.DataFrame(
        [[1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1]],
        columns=list("甲乙丙丁"),
    )
    assert items.difficulty(marks)["p"].tolist() == [0.8, 0.6, 0.4, 0.4]
    d, size = items.discrimination(marks)
    assert (size, d["丙"], d["丁"]) == (1, 1, 0)
    assert round(reliability.kr20(marks), 2) == 0.47
    assert round(reliability.kr20(marks.drop(columns="丁")), 2) == 0.79
    for name in ("intro.md", "intro.en.md"):
        text = (B1 / name).read_text("utf-8")
        assert "0.47" in text
        assert "0.79" in text


def test_the_script_makes_exactly_the_data_that_are_kept(tmp_path):
    load(B1 / "make_data.py").main(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_bytes() for path in (B1 / "data").iterdir()}
    assert made == kept
