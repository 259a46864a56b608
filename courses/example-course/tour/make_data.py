"""编出示例单元的数据：6 名学生、4 道题。数据是写定的，因为题目里的注意系数要正好。

改了以后运行一次：python make_data.py
"""

import csv
from pathlib import Path

ROWS = ["1111", "1110", "1001", "1100", "0110", "1000"]


def main(folder: Path) -> None:
    pupils = [[f"S{number:02d}", *row] for number, row in enumerate(ROWS, start=1)]
    header = ["学生", *(f"第{number}题" for number in range(1, 5))]
    with (folder / "quiz.csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *pupils])


if __name__ == "__main__":
    main(Path(__file__).parent / "data")
