"""编出本单元的数据。不给学员；改了以后运行一次：python make_data.py

数据都是编的，学生只有编号 S01、S02……。固定 SEED，同样的程序每次编出同样的数据。
"""

import csv
import random
from pathlib import Path

SEED = 1
PUPILS = [f"S{number:02d}" for number in range(1, 13)]
EASE = {"第1题": 0.8, "第2题": 0.6, "第3题": 0.35}


def main(folder: Path) -> None:
    rng = random.Random(SEED)  # noqa: S311 — 编数据，不是密码
    rows = [[pupil, *(str(int(rng.random() < ease)) for ease in EASE.values())] for pupil in PUPILS]
    rows[4][2] = ""  # 一处没有收到的作答
    # utf-8-sig：带 BOM，WPS 和 Excel 打开不会乱码
    with (folder / "quiz.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([["学生", *EASE], *rows])


if __name__ == "__main__":
    main(Path(__file__).parent / "data")
