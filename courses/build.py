"""Build a course release: ``python courses/build.py courses/xinxi2 --out build/courses/xinxi2``.

Decides only what the terminal shows. The work is in ``builder``; ``make`` and continuous
integration call this, ``yanxiu apply`` stores what it wrote.
"""

import argparse
import sys
from pathlib import Path

from builder import CourseError, build


def main(arguments: list[str] | None = None) -> int:
    """Build and return the exit code: 0 built, 1 the course has problems, 2 wrong usage."""
    parser = argparse.ArgumentParser(
        prog="build.py",
        description="检查一门课程，生成可以发布的版本。Check a course and build its release.",
    )
    parser.add_argument("course", type=Path, help="课程文件夹 course folder, e.g. courses/xinxi2")
    parser.add_argument("--out", type=Path, required=True, help="写到哪里 output folder")
    options = parser.parse_args(arguments)
    try:
        release = build(options.course, options.out)
    except CourseError as error:
        print(f"课程没有生成，发现 {len(error.problems)} 个问题：", file=sys.stderr)
        for problem in error.problems:
            print(f"- {problem}", file=sys.stderr)
        return 1
    print(f"课程 {release.course} 已生成：{len(release.files)} 个文件，摘要 {release.digest}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
