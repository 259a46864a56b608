"""Score the declared answers of unit A1 from the data itself. Hidden from learners.

Called by the grading run that holds no learner code. ``answers`` may be anything that JSON
can say: every reader below turns what it does not know into "not answered", so nothing
raises. Messages say what is right and what to look at again, never the number.
"""

import csv
import math
from pathlib import Path

ITEMS = {f"q{number}": f"第{number}题" for number in range(1, 9)}
TOPICS = {
    "meaning": ("q1", "q2"),
    "unit": ("q3", "q4"),
    "division": ("q5", "q6"),
    "compare": ("q7", "q8"),
}
# Rounding to two places may move P by half a unit in the last; one whole unit is forgiven.
TOLERANCE = 0.01 + 1e-9
UNFIT = {
    "final_place": (
        "“期末总分名次”只说明谁先谁后，看不出卡在哪个知识点，也不在这次的数据里",
        "last term's place says who is ahead, not where a pupil is stuck, and is not in these data",
    ),
    "attention": (
        "“摄像头专注度”不可靠，还会侵犯学生隐私，也不在这次的数据里",
        "attention from a camera is unreliable, intrudes on pupils, and is not in these data",
    ),
    "parents": (
        "“家长学历和职业”与会不会分数没有直接关系，也不该为此收集",
        "parents' schooling does not tell what a pupil can do, and should not be collected for this",
    ),
    "class_mean": (
        "“总分平均数”把会的和不会的混在一起，看不出卡在哪里、该帮谁",
        "a class mean mixes everything: it shows neither the topic nor the pupils",
    ),
}
FIT = {"item_p", "pupil_profile", "help_confidence"}


def score(answers: dict, data: Path) -> list[dict]:
    """Return points and a message for each of the five automatic tasks, in order."""
    given = answers if isinstance(answers, dict) else {}
    rows = read_quiz(Path(data) / "prequiz.csv")
    facts = read_facts(rows)
    return [
        score_clean(given.get("clean"), facts),
        score_p_table(given.get("p_table"), facts),
        score_chart(given.get("chart"), given.get("p_table")),
        score_groups(given.get("groups"), facts),
        score_indicators(given.get("indicators")),
    ]


def read_quiz(path: Path) -> list[dict]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_facts(rows: list[dict]) -> dict:
    """Return what is true of the class, computed from the table."""
    once = list({row["学生"]: row for row in rows}.values())
    sat = [row for row in once if row["备注"] != "缺考"]
    marks = [row[item] for row in rows for item in ITEMS.values()]
    items = {}
    for key, item in ITEMS.items():
        valid = [row[item] for row in sat if row[item] in ("0", "1")]
        items[key] = {
            "n": len(valid),
            "p": valid.count("1") / len(valid),
            "n_if_wrong": len(sat),
            "n_if_all": (len(once), len(rows)),
        }
    basic = [row for row in sat if int(row["前四题答对"]) <= 2]
    able = [row for row in sat if int(row["前四题答对"]) > 2]
    apply = [row for row in able if int(row["后四题答对"]) <= 2]
    return {
        "clean": {
            "repeated": len(rows) - len(once),
            "absent": len(once) - len(sat),
            "impossible": sum(mark not in ("0", "1", "") for mark in marks),
            "sat": len(sat),
        },
        "items": items,
        "groups": {"basic": len(basic), "apply": len(apply), "ahead": len(able) - len(apply)},
    }


def number(value: object) -> float | None:
    """Return a finite number, or None for anything else a JSON file could hold.

    Written out and not taken from ``yanxiu_formats``: a release is pinned by its digest, and
    scores the same whatever becomes of the platform's own readers.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        finite = float(value)
    except OverflowError:  # JSON has integers of any length
        return None
    return finite if math.isfinite(finite) else None


def cell(table: object, row: str, column: str) -> float | None:
    line = table.get(row) if isinstance(table, dict) else None
    return number(line.get(column)) if isinstance(line, dict) else None


def word(value: object) -> str:
    return value if isinstance(value, str) else ""


def result(task: str, points: float, zh: str, en: str) -> dict:
    return {"task": task, "points": round(points, 2), "message": {"zh_CN": zh, "en": en}}


def score_clean(table: object, facts: dict) -> dict:
    truth = facts["clean"]
    right = {key: cell(table, key, "count") == value for key, value in truth.items()}
    hints = {
        "repeated": (
            "按学生编号找一找，谁出现了不止一次",
            "look for a pupil number that appears more than once",
        ),
        "absent": ("再数一数“备注”这一列", "count the last column again"),
        "impossible": (
            "看看有没有 0 和 1 以外的得分；空白不算",
            "look for marks other than 0 and 1; blanks do not count",
        ),
        "sat": (
            "名单人数减去缺考的，重复的行不算新的学生",
            "the class list without the absent; a repeated row is no new pupil",
        ),
    }
    zh = [f"4 个数里对了 {sum(right.values())} 个。"]
    en = [f"{sum(right.values())} of 4 numbers are right."]
    for key, good in right.items():
        if not good:
            zh.append(f"{hints[key][0]}。")
            en.append(f"{hints[key][1].capitalize()}.")
    return result("clean", 2 * sum(right.values()), "".join(zh), " ".join(en))


def score_p_table(table: object, facts: dict) -> dict:
    n_right = p_right = seen_wrong = seen_all = 0
    for key, truth in facts["items"].items():
        n, p = cell(table, key, "n"), cell(table, key, "p")
        n_right += n == truth["n"]
        p_right += p is not None and abs(p - truth["p"]) <= TOLERANCE
        seen_wrong += n == truth["n_if_wrong"] != truth["n"]
        seen_all += n in truth["n_if_all"]
    zh = [f"有效作答人数对了 {n_right} 题，P 对了 {p_right} 题（各 8 题）。"]
    en = [f"Of 8 items, {n_right} numbers of valid marks and {p_right} values of P are right."]
    if seen_all:
        zh.append("有的题把缺考的学生或重复的行也算进了分母，请再想想分母是谁。")
        en.append("Some denominators count absent pupils or the repeated row.")
    elif seen_wrong:
        zh.append("有的题把空白当作了答错：没有收到的作答不计入人数。")
        en.append("Some blanks were taken as wrong: what did not arrive is not counted.")
    elif n_right + p_right < 16:
        zh.append("请看看重复的那一行有没有减去，P 是不是答对人数除以有效作答人数。")
        en.append("Check that the repeated row is off, and that P is right ÷ valid marks.")
    return result("p_table", 0.5 * n_right + p_right, "".join(zh), " ".join(en))


def score_chart(chart: object, table: object) -> dict:
    chart = chart if isinstance(chart, dict) else {}
    good_kind = word(chart.get("kind")) == "bar"
    good_x, good_y = word(chart.get("x")) == "topic", word(chart.get("y")) == "p"
    given = chart.get("points")
    given = given if isinstance(given, dict) else {}
    matched = 0
    for label, (first, second) in TOPICS.items():
        value, a, b = number(given.get(label)), cell(table, first, "p"), cell(table, second, "p")
        if None in (value, a, b) or not (0 <= a <= 1 and 0 <= b <= 1):
            continue
        matched += abs(value - (a + b) / 2) <= TOLERANCE
    zh = [f"四个值里有 {matched} 个与您自己的通过率表一致。"]
    en = [f"{matched} of 4 values agree with your own table of P."]
    if matched < 4:
        zh.append("每个值应是同一知识点两道题 P 的平均数，先把上一题的 P 填好。")
        en.append("Each is the mean of the two P of its topic; fill in that table first.")
    if not good_kind:
        zh.append("图的种类再想想：这里是比较几个知识点的高低，不是看变化，也不是看各占多少。")
        en.append(
            "Think of the kind again: several topics are compared; it is no change over time and no whole with shares."
        )
    if not (good_x and good_y):
        zh.append("横轴应是要比较的对象，纵轴应是您比较的数。")
        en.append("The x axis has what is compared, the y axis the number compared.")
    points = 0.75 * matched + good_kind + good_x + good_y
    return result("chart", points, "".join(zh), " ".join(en))


def score_groups(table: object, facts: dict) -> dict:
    truth, worth = facts["groups"], {"basic": 3, "apply": 3, "ahead": 2}
    given = {key: cell(table, key, "count") for key in truth}
    right = {key: given[key] == value for key, value in truth.items()}
    total = sum(value for value in given.values() if value is not None)
    zh = [f"三组里对了 {sum(right.values())} 组。"]
    en = [f"{sum(right.values())} of 3 groups are right."]
    if None in given.values():
        zh.append("还有没填的组。")
        en.append("A group is still empty.")
    elif total > facts["clean"]["sat"]:
        zh.append("三组相加比参加小测的人数多：有没有人同时算进了两组？缺考的和重复的行减去了吗？")
        en.append(
            "The groups add up to more than the pupils who sat: is someone in two groups, or the absent or the repeated row in one?"
        )
    elif total < facts["clean"]["sat"]:
        zh.append("三组相加比参加小测的人数少，有学生还没有分到组里。")
        en.append("The groups add up to fewer than the pupils who sat.")
    elif not all(right.values()):
        zh.append("总数对了，请再照着每组的条件数一遍。")
        en.append("The total is right; count again by each group's rule.")
    points = sum(worth[key] for key, good in right.items() if good)
    return result("groups", points, "".join(zh), " ".join(en))


def score_indicators(chosen: object) -> dict:
    names = (
        {name for name in chosen if isinstance(name, str)} if isinstance(chosen, list) else set()
    )
    if len(names) > 3:
        return result(
            "indicators", 0, "只能选三个指标，请重新选。", "Choose only three indicators."
        )
    fit = len(names & FIT)
    zh = [f"选的指标里有 {fit} 个能直接回答目的。"]
    en = [f"{fit} of your indicators answer the purpose directly."]
    for name in UNFIT:
        if name in names:
            zh.append(f"{UNFIT[name][0]}。")
            en.append(f"But {UNFIT[name][1]}.")
    if fit == 3:
        zh.append("它们都来自这次的数据，一个看题、一个看人、一个看怎样帮，合起来正好支持分组。")
        en.append(
            "All come from these data: one looks at items, one at pupils, one at how to help."
        )
    return result("indicators", 2 * fit, "".join(zh), " ".join(en))
