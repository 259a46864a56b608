"""The authors' one entry: make, check, build and look at a course.

    python courses/build.py courses/xinxi2 --out build/courses/xinxi2
    python courses/build.py new courses/my-course [unit]
    python courses/build.py lint courses/my-course
    python courses/build.py preview courses/my-course [unit]

Decides only what the terminal shows. The work is in ``builder``; ``make`` and continuous
integration call this, ``yanxiu course`` runs it in a process of its own (a course's score.py
and notebook are its author's code), and ``yanxiu apply`` stores what it wrote.
"""

import argparse
import json
import sys
from pathlib import Path

from builder import CourseError, build, inspect, write
from builder.problems import Problems
from builder.running import RunError, execute
from builder.scaffold import new
from builder.scoring import ScoreError, check_scoring, score

COMMANDS = ("build", "new", "lint", "run", "score", "preview")
COURSE_HELP = "课程文件夹 course folder, e.g. courses/xinxi2"


def main(arguments: list[str] | None = None) -> int:
    """Do it and return the exit code: 0 good, 1 the course has problems, 2 wrong usage."""
    given = sys.argv[1:] if arguments is None else arguments
    # The oldest form, without a word for the command, is in Makefiles and how-tos.
    if given and given[0] not in (*COMMANDS, "-h", "--help"):
        given = ["build", *given]
    options = _parser().parse_args(given)
    try:
        return int(options.do(options))
    except CourseError as error:
        head = "没有生成" if options.do is _build else "没有做"
        print(f"{head}，发现 {len(error.problems)} 个问题：", file=sys.stderr)
        _say(error.problems)
    except (RunError, ScoreError) as error:
        print(f"运行出错：{error}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="build.py",
        description="新建、检查、生成和预览一门课程。Make, check, build and preview a course.",
    )
    commands = parser.add_subparsers(required=True, metavar="命令")

    def command(name: str, do: object, text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text)
        made.set_defaults(do=do)
        return made

    one = command("build", _build, "检查，没有问题就生成可以发布的版本 check and build a release")
    one.add_argument("course", type=Path, help=COURSE_HELP)
    one.add_argument("--out", type=Path, required=True, help="写到哪里 output folder")
    one = command("new", _new, "新建一门课程，或给它加一个单元 begin a course or a unit")
    one.add_argument("course", type=Path, help=COURSE_HELP)
    one.add_argument("unit", nargs="?", help="单元编号，不写就是 u1、u2…… unit id")
    one = command("lint", _lint, "一次说清所有问题和建议 all problems and advice at once")
    one.add_argument("course", type=Path, help=COURSE_HELP)
    one.add_argument("--json", action="store_true", help="给程序看 for programs")
    one.add_argument("--out", type=Path, help="没有问题就写到这里（预览用）build here if good")
    one = command("preview", _preview, "边改边看：表单和笔记本 live preview on this machine")
    one.add_argument("course", type=Path, help=COURSE_HELP)
    one.add_argument("rest", nargs=argparse.REMAINDER, help="yanxiu course preview 的其他参数")
    one = command("run", _run, "执行一份笔记本（预览用）execute a learner's notebook")
    one.add_argument("folder", type=Path, help="学员的文件夹 learner's folder")
    one.add_argument("--out", type=Path, required=True, help="执行后的笔记本 executed notebook")
    one = command("score", _score, "给一份答案打分（预览用）score answers")
    one.add_argument("folder", type=Path, help="评分文件夹 scoring folder")
    one.add_argument("answers", type=Path, help="answers.json 里的 answers")
    return parser


def _say(sentences: list[str]) -> None:
    for sentence in sentences:
        print(f"- {sentence}", file=sys.stderr)


def _build(options: argparse.Namespace) -> int:
    release = build(options.course, options.out)
    print(f"课程 {release.course} 已生成：{len(release.files)} 个文件，摘要 {release.digest}")
    return 0


def _new(options: argparse.Namespace) -> int:
    made = new(options.course, options.unit)
    print(f"已新建 {len(made)} 个文件：")
    for path in made:
        print(f"  {path}")
    print(f"接下来：改 unit.yaml 和 intro.md，再运行 yanxiu course lint {options.course}")
    return 0


def _lint(options: argparse.Namespace) -> int:
    found = inspect(options.course)
    problems = Problems(found.problems)
    for unit in found.units:
        check_scoring(options.course / unit.id, unit, problems)
    if options.out and not problems.found:
        write(found, options.out)
    if options.json:
        print(json.dumps({"problems": problems.found, "advice": found.advice}, ensure_ascii=False))
        return int(bool(problems.found))
    if problems.found:
        print(f"要改的 {len(problems.found)} 处：", file=sys.stderr)
        _say(problems.found)
    if found.advice:
        print(f"建议 {len(found.advice)} 条（不改也能生成）：", file=sys.stderr)
        _say(found.advice)
    if not problems.found:
        print(
            f"课程 {found.course.id if found.course else ''} 没有问题，{len(found.units)} 个单元。"
        )
    return int(bool(problems.found))


def _run(options: argparse.Namespace) -> int:
    execute(options.folder, options.out)
    return 0


def _score(options: argparse.Namespace) -> int:
    answers = json.loads(options.answers.read_text("utf-8"))
    print(json.dumps(score(options.folder, [answers])[0], ensure_ascii=False))
    return 0


def _preview(options: argparse.Namespace) -> int:
    # The portal's own rendering is the hub's: this entry only knows how to call it.
    import subprocess

    command = [sys.executable, "-c", "from yanxiu.cli import main; main()", "course", "preview"]
    return subprocess.run([*command, str(options.course), *options.rest], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
