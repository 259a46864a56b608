"""给示例单元的七个系统评分任务打分。学员看不到这个文件。

写法值得照着用：先把数据读成“事实”，再让每个任务各有一个小函数，把读不懂的当作没有填。
提示先说对了几个，再说错的可能是哪一种，最后才是笼统的建议；从不说答案。
"""

import csv
import math
from pathlib import Path

ITEMS = {"q1": "第1题", "q2": "第2题", "q3": "第3题"}
TALK = {"s03", "s05"}
STEPS = ["key", "items", "talk"]
MEANING = {"p": "easy", "d": "same", "c": "odd"}
NEAR = 0.01 + 1e-9  # 四舍五入到两位，再宽一点


def score(answers: dict, data: Path) -> list[dict]:
    given = answers if isinstance(answers, dict) else {}
    with (Path(data) / "quiz.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    right = {key: sum(row[item] == "1" for row in rows) for key, item in ITEMS.items()}
    return [
        score_pupils(given.get("pupils"), len(rows)),
        score_hardest(given.get("hardest"), right),
        score_talk(given.get("talk")),
        score_rates(given.get("rates"), right, len(rows)),
        score_picture(given.get("picture"), given.get("rates")),
        score_steps(given.get("steps")),
        score_meaning(given.get("meaning")),
    ]


def number(value: object) -> float | None:
    """JSON 里可能是任何东西：只认普通的数。

    写在这里而不引用平台的 ``yanxiu_formats``：发布出去的课程不管平台以后怎么改，打出的分都一样。
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        finite = float(value)
    except OverflowError:  # JSON 的整数可以任意长
        return None
    return finite if math.isfinite(finite) else None


def part(value: object, key: str) -> object:
    return value.get(key) if isinstance(value, dict) else None


def result(task: str, points: float, zh: str, en: str) -> dict:
    return {"task": task, "points": points, "message": {"zh_CN": zh, "en": en}}


def score_pupils(value: object, truth: int) -> dict:
    if number(value) == truth:
        return result("pupils", 4, "数对了。", "Counted right.")
    if number(value) == truth + 1:
        return result("pupils", 0, "表头那一行不是学生。", "The heading is no pupil.")
    return result("pupils", 0, "再数一遍，一名学生一行。", "Count again: one pupil a row.")


def score_hardest(value: object, right: dict) -> dict:
    if isinstance(value, str) and right.get(value) == min(right.values()):
        return result("hardest", 4, "对，答对它的人最少。", "Yes, the fewest got it right.")
    return result("hardest", 0, "比一比每道题答对的人数。", "Compare the counts of the items.")


def score_talk(chosen: object) -> dict:
    names = {one for one in chosen if isinstance(one, str)} if isinstance(chosen, list) else set()
    if len(names) > len(TALK):
        return result("talk", 0, "只能选两名，请重新选。", "Choose two only.")
    good = len(names & TALK)
    zh = f"选对了 {good} 名。" + ("" if good == 2 else "看图上哪两行的注意系数带 !。")
    en = f"{good} right." + ("" if good == 2 else " See which two rows have “!” in the chart.")
    return result("talk", 3 * good, zh, en)


def score_rates(table: object, right: dict, pupils: int) -> dict:
    good = shares = 0
    for key, count in right.items():
        line = part(table, key)
        good += number(part(line, "right")) == count
        p = number(part(line, "p"))
        good += p is not None and abs(p - count / pupils) <= NEAR
        shares += p is not None and abs(p - 100 * count / pupils) <= 1
    zh, en = f"6 个数里对了 {good} 个。", f"{good} of 6 numbers are right."
    if shares:
        zh += "通过率填小数，不是百分数。"
        en += " Give a decimal, not a percentage."
    elif good < 6:
        zh += "通过率是答对人数除以全部学生。"
        en += " The rate is pupils right over all pupils."
    return result("rates", round(8 * good / 6, 2), zh, en)


def score_picture(chart: object, table: object) -> dict:
    good = 0
    for key in ITEMS:
        value, own = number(part(part(chart, "points"), key)), number(part(part(table, key), "p"))
        good += None not in (value, own) and abs(value - own) <= NEAR
    kind = part(chart, "kind") == "bar"
    axes = part(chart, "x") == "item" and part(chart, "y") == "p"
    zh, en = f"三个数里有 {good} 个和您的表一致。", f"{good} of 3 values agree with your table."
    if not kind:
        zh += "比较高低用柱形图；饼图是看各占多少。"
        en += " Compare with bars; a pie shows shares of a whole."
    if not axes:
        zh += "横轴是要比较的题目，纵轴是比较的数。"
        en += " The x axis has the items, the y axis the number compared."
    return result("picture", good + 1.5 * kind + 1.5 * axes, zh, en)


def score_steps(order: object) -> dict:
    given = order if isinstance(order, list) else []
    good = sum(one == wanted for one, wanted in zip(given, STEPS, strict=False))
    if len(given) > len(STEPS):
        good = 0
    zh, en = f"三个位置里对了 {good} 个。", f"{good} of 3 places are right."
    if good < 3:
        zh += "先排除答案和题目的毛病，再去找学生。"
        en += " Rule out the key and the items before you turn to pupils."
    return result("steps", 2 * good, zh, en)


def score_meaning(pairs: object) -> dict:
    good = sum(part(pairs, key) == value for key, value in MEANING.items())
    zh, en = f"三个里配对了 {good} 个。", f"{good} of 3 are matched."
    if part(pairs, "p") == "hard":
        zh += "通过率越大，题目越容易。"
        en += " A higher pass rate is an easier item."
    elif good < 3:
        zh += "想一想每个数是看题还是看人。"
        en += " Ask of each number whether it looks at items or at pupils."
    return result("meaning", 2 * good, zh, en)
