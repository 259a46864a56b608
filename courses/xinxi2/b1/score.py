"""Score the declared answers of unit B1 from the data itself. Hidden from learners.

Called by the grading run that holds no learner code. ``answers`` may be anything that JSON
can say: every reader below turns what it does not know into "not answered", so nothing
raises. Messages say what is right and what to look at again, never the number. What was
computed from the teacher's own wrong number is not punished a second time.
"""

import csv
import math
from itertools import pairwise
from pathlib import Path

KEYS = [f"q{number}" for number in range(1, 9)]
GROUP = 3  # 27 % of 12
NEAR, WIDE = 0.01 + 1e-9, 0.02 + 1e-9
S13 = {"q1", "q2", "q3", "q4", "q6", "q8"}
NEXT_STEP = {"s03": "stretch", "s05": "ask_strong", "s10": "basics", "s11": "ask_weak"}
STEPS = ["key", "numbers", "read", "pupils", "talk"]
SUSPECTS = {"q3", "q7"}
INNOCENT = {
    "q8": (
        "第8题最难，可是会的人对、不会的人错，难不等于坏",
        "item 8 is the hardest, yet it tells pupils apart: hard is not bad",
    ),
    "q6": (
        "第6题错得多，是因为退位减法真的有人不会，题目本身没有毛病",
        "item 6 is often wrong because some cannot borrow yet; the item itself is fine",
    ),
    "q1": (
        "第1题只是容易，开头放一道容易的题是好事",
        "item 1 is merely easy, and an easy beginning is a good thing",
    ),
}


def score(answers: dict, data: Path) -> list[dict]:
    """Return points and a message for each of the six automatic tasks, in order."""
    given = answers if isinstance(answers, dict) else {}
    marks = read_marks(Path(data) / "answers.csv")
    return [
        score_items(given.get("items"), marks),
        score_trust(given.get("trust"), marks),
        score_caution(given.get("caution"), marks),
        score_pupils(given.get("pupils")),
        score_steps(given.get("steps")),
        score_suspects(given.get("suspects")),
    ]


def read_marks(path: Path) -> list[dict]:
    """Return one ``{item: 0 or 1}`` for each pupil, best totals first as the table has them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [dict(zip(KEYS, map(int, row[1:]), strict=True)) for row in rows]


def counts_of(marks: list[dict]) -> dict:
    return {key: sum(row[key] for row in marks) for key in KEYS}


def facts_of_items(marks: list[dict]) -> dict:
    """Return P and D of each item, and D with other groups that people take by mistake."""
    counts = counts_of(marks)
    facts = {}
    for key in KEYS:
        d = {
            size: sum(row[key] for row in marks[:size]) - sum(row[key] for row in marks[-size:])
            for size in (GROUP, len(marks) // 2)
        }
        facts[key] = {
            "p": counts[key] / len(marks),
            "d": d[GROUP] / GROUP,
            "halves": d[len(marks) // 2] / (len(marks) // 2),
        }
    return facts


def facts_of_trust(marks: list[dict]) -> dict:
    totals = [sum(row.values()) for row in marks]
    mean = sum(totals) / len(totals)
    squares = sum((total - mean) ** 2 for total in totals)
    shares = [count / len(marks) for count in counts_of(marks).values()]
    within, variance = sum(p * (1 - p) for p in shares), squares / len(totals)
    return {
        "within": within,
        "variance": variance,
        "kr20": reliability(within, variance),
        "sample": squares / (len(totals) - 1),
    }


def reliability(within: float, variance: float) -> float:
    return len(KEYS) / (len(KEYS) - 1) * (1 - within / variance)


def facts_of_caution(marks: list[dict]) -> dict:
    counts = counts_of(marks)
    order = sorted(KEYS, key=lambda key: -counts[key])
    easy, hard = order[: len(S13)], order[len(S13) :]
    missed = sum(counts[key] for key in easy if key not in S13)
    gained = sum(counts[key] for key in hard if key in S13)
    most = sum(counts[key] for key in easy) - len(S13) * sum(counts.values()) / len(KEYS)
    return {"missed": missed, "gained": gained, "most": most, "index": (missed - gained) / most}


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


def near(value: float | None, truth: float, tolerance: float) -> bool:
    return value is not None and abs(value - truth) <= tolerance


def result(task: str, points: float, zh: list[str], en: list[str]) -> dict:
    message = {"zh_CN": "".join(zh), "en": " ".join(en)}
    return {"task": task, "points": round(points, 2), "message": message}


def score_items(table: object, marks: list[dict]) -> dict:
    facts = facts_of_items(marks)
    p = {key: cell(table, key, "p") for key in KEYS}
    d = {key: cell(table, key, "d") for key in KEYS}
    p_right = sum(near(p[key], facts[key]["p"], NEAR) for key in KEYS)
    d_right = sum(near(d[key], facts[key]["d"], NEAR) for key in KEYS)
    zh = [f"P 对了 {p_right} 题，D 对了 {d_right} 题（各 8 题）。"]
    en = [f"Of 8 items, P is right for {p_right} and D for {d_right}."]
    swapped = near(p["q6"], facts["q7"]["p"], NEAR) and near(p["q7"], facts["q6"]["p"], NEAR)
    failing = sum(near(p[key], 1 - facts[key]["p"], NEAR) for key in KEYS) > 5
    halves = sum(near(d[key], facts[key]["halves"], NEAR) for key in KEYS) > 5 > d_right
    if swapped:
        zh.append("第6题和第7题的 P 填反了：S-P 图里题目是按难易排的，不是按题号。")
        en.append("P of items 6 and 7 changed places: the S-P chart is in order of difficulty.")
    if failing:
        zh.append("您填的像是答错的比例：P 是答对人数除以全部人数。")
        en.append("These look like the shares of wrong answers: P counts the right ones.")
    if halves:
        zh.append("D 像是把全班分成了两半：这里只比最高的 3 人和最低的 3 人。")
        en.append("D seems to compare two halves: take the top three and the bottom three only.")
    elif d_right < 8:
        zh.append("D 是高分组 3 人的通过率减去低分组 3 人的通过率，可以再数一遍。")
        en.append("D is P of the top three less P of the bottom three; count again.")
    return result("items", 0.75 * (p_right + d_right), zh, en)


def score_trust(table: object, marks: list[dict]) -> dict:
    facts = facts_of_trust(marks)
    within, variance, kr20 = (cell(table, row, "value") for row in ("within", "variance", "kr20"))
    right = {
        "within": near(within, facts["within"], WIDE),
        "variance": near(variance, facts["variance"], WIDE),
        "kr20": near(kr20, facts["kr20"], NEAR),
    }
    follows = False
    if not right["kr20"] and None not in (within, variance) and 0 < within < variance < 100:
        follows = near(kr20, reliability(within, variance), NEAR)
    good = sum(right.values()) + follows
    zh, en = [f"三个数里对了 {good} 个。"], [f"{good} of 3 numbers are right."]
    if follows:
        zh.append("KR-20 和您自己的前两个数一致，算对；前面的数请再看看。")
        en.append("KR-20 follows from your own numbers and counts; look at those again.")
    if near(variance, facts["sample"], WIDE):
        zh.append("方差除以了 11：这里要除以全部 12 人。")
        en.append("The variance was divided by 11; divide by all 12 pupils.")
    elif not right["variance"]:
        zh.append("方差是“相差的平方”的合计除以人数。")
        en.append("The variance is the sum of the squares over the number of pupils.")
    if not right["within"]:
        zh.append("第一个数是 8 道题的 P×(1−P) 相加，一道都不能少。")
        en.append("The first is P × (1 − P) of all eight items, added.")
    if not right["kr20"] and not follows:
        zh.append("KR-20 里别忘了 8/7，也别忘了用 1 去减。")
        en.append("In KR-20 mind the 8/7, and the 1 from which you subtract.")
    return result("trust", 2 * good, zh, en)


def score_caution(table: object, marks: list[dict]) -> dict:
    facts = facts_of_caution(marks)
    given = {key: cell(table, key, "value") for key in facts}
    right = {key: near(given[key], truth, NEAR) for key, truth in facts.items()}
    follows = False
    if not right["index"] and None not in given.values() and abs(given["most"]) > NEAR:
        own = (given["missed"] - given["gained"]) / given["most"]
        # Only with parts that could be counts: any three numbers have some quotient.
        parts = (given["missed"], given["gained"], given["most"])
        plausible = all(0 <= part < 50 for part in parts)
        follows = plausible and near(given["index"], own, NEAR)
    good = sum(right.values()) + follows
    zh, en = [f"四个数里对了 {good} 个。"], [f"{good} of 4 numbers are right."]
    if follows:
        zh.append("注意系数和您自己的前三个数一致，算对；前面的数请再看看。")
        en.append("The index follows from your own numbers and counts; look at those again.")
    if not right["missed"] or not right["gained"]:
        zh.append(
            "请照 S-P 图里从易到难的先后找“最容易的六道”，不是照题号；加的是那些题的答对人数，不是几道题。"
        )
        en.append(
            "Take the six easiest in the chart's order, and add how many pupils were right, not how many items."
        )
    if not right["most"]:
        zh.append("第三个数是最容易六道题的答对人数之和，减去 6 个平均数。")
        en.append("The third is the six easiest counts added, less six times the mean count.")
    return result("caution", 1.5 * good, zh, en)


def score_pupils(pairs: object) -> dict:
    given = pairs if isinstance(pairs, dict) else {}
    good = sum(given.get(pupil) == step for pupil, step in NEXT_STEP.items())
    zh, en = [f"四名学生里配对了 {good} 名。"], [f"{good} of 4 pupils are matched."]
    if "cheat" in [value for value in given.values() if isinstance(value, str)]:
        zh.append("S-P 图看不出谁抄了谁：注意系数只说“和规律不一样”，不能当证据。")
        en.append(
            "The chart cannot show copying: the index says “unlike the others”, it is no proof."
        )
    if any(given.get(pupil) != NEXT_STEP[pupil] for pupil in ("s03", "s05")):
        zh.append("总分高的两名，看有没有 !：有 ! 的错得蹊跷，没有 ! 的只是最难的还不会。")
        en.append(
            "Of the two with high totals, “!” means odd mistakes; without it only the hardest are missing."
        )
    if any(given.get(pupil) != NEXT_STEP[pupil] for pupil in ("s10", "s11")):
        zh.append("总分低的两名，看有没有 !：有 ! 的对得蹊跷，没有 ! 的是会的还不多。")
        en.append(
            "Of the two with low totals, “!” means odd right answers; without it little is known yet."
        )
    return result("pupils", 1.5 * good, zh, en)


def score_steps(order: object) -> dict:
    given = [one for one in order if isinstance(one, str)] if isinstance(order, list) else []
    place = {one: given.index(one) for one in STEPS if one in given}
    pairs = list(pairwise(STEPS))
    good = sum(a in place and b in place and place[a] < place[b] for a, b in pairs)
    if len(given) > len(STEPS):
        good = 0
    zh, en = (
        [f"相邻的四对先后里对了 {good} 对。"],
        [f"{good} of 4 neighbouring pairs are in order."],
    )
    if place.get("key") != 0:
        zh.append("录入错了，后面都白算，所以有一件事要最先做。")
        en.append("With wrong data all else is in vain: one step comes before everything.")
    if place.get("pupils", 0) < place.get("read", 1):
        zh.append("一道坏题会让好几名学生显得不正常，所以题要看完了再看人。")
        en.append("One bad item makes several pupils look odd: finish the items before the pupils.")
    return result("steps", good, zh, en)


def score_suspects(chosen: object) -> dict:
    names = {one for one in chosen if isinstance(one, str)} if isinstance(chosen, list) else set()
    if len(names) > len(SUSPECTS):
        zh, en = ["只能选两道题，请重新选。"], ["Choose two items only."]
        return result("suspects", 0, zh, en)
    good = len(names & SUSPECTS)
    zh, en = [f"选的两道里有 {good} 道确实要修。"], [f"{good} of your items do need repair."]
    for name, (zh_why, en_why) in INNOCENT.items():
        if name in names:
            zh.append(f"{zh_why}。")
            en.append(f"But {en_why}.")
    if good < len(SUSPECTS):
        zh.append("看看“题目提示”里去掉哪道题以后 KR-20 会升高，再读一读那道题的题干和每个选项。")
        en.append("See without which item KR-20 would rise, then read its text and every option.")
    else:
        zh.append("它们一道绕弯子、一眼能猜，一道不止一个对的选项，数据和写法都对得上。")
        en.append(
            "One is twisted and easy to guess, one has more than one right option: data and wording agree."
        )
    return result("suspects", 3 * good, zh, en)
