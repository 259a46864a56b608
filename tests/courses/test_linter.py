"""The linter says everything at once: what a build refuses, what misleads, what could be better."""

import json
import re

import pytest
from builder import inspect
from builder.problems import CourseError, Problems
from builder.scaffold import new
from builder.scoring import ScoreError, check_scoring, score

from tests.courses.conftest import A1, COURSES, UNITS
from tests.courses.test_builder_sentences import both, edit, replace, task, write
from tests.courses.test_release import run

BOM = b"\xef\xbb\xbf"


@pytest.fixture
def fresh(tmp_path):
    """A course that ``new`` has just made."""
    new(tmp_path / "my-course")
    return tmp_path / "my-course"


def test_everything_is_said_in_one_go(course):
    edit(course / "course.yaml", lambda content: content.pop("summary"))
    edit(course / "a1/unit.yaml", lambda content: content["tasks"][0].update(points=7))
    (course / "a1/score.py").write_text("x = 1\n")
    (course / "a1/data/survey.csv").write_bytes(BOM + "学生,姓名\nS01,x\n".encode())
    replace('task("groups")', 'task("group")')(course / "a1/notebook.py")
    found = "\n".join(inspect(course).problems)
    for sentence in (
        "course.yaml 的 最外层：缺少 summary",
        "各任务的分值加起来是 99",
        "没有函数 score(answers, data)",
        "有一列叫“姓名”",
        "worksheet.task 要的 group，unit.yaml 里没有",
    ):
        assert sentence in found


def test_a_unit_that_cannot_be_read_does_not_hide_the_next(fresh):
    new(fresh, "b1")
    (fresh / "u1/unit.yaml").write_text("id: [")
    edit(fresh / "b1/unit.yaml", lambda content: content.update(minuts=5))
    found = "\n".join(inspect(fresh).problems)
    assert "u1/unit.yaml：第 1 行附近不是合法的 YAML" in found
    assert "有不认识的 minuts" in found
    assert "minuts 是不是 minutes？" in found


def order(ids):
    return {
        "type": "order",
        "unit": None,
        "decimals": None,
        "items": [{"id": one, "text": both(f"第{one}步")} for one in ids],
    }


@pytest.mark.parametrize(
    "change, sentence",
    [
        (task("right", prompt=both("看图 ![图](x.png) 回答")), "有图片，网页和笔记本都不显示它"),
        (task("right", prompt=both("写<b>粗</b>字")), "有 HTML 标记 <b>"),
        (task("right", title={"zh_CN": "数一数", "en": "请把人数数一数"}), "英文里多半还是中文"),
        (task("plan", type="file"), "有不认识的 min_chars、max_chars"),
        (
            task("right", type="file", kind="auto", unit=None, decimals=None, accept=[".pdf"], min_files=2, max_files=1, max_mb=1),
            "min_files 是 2，大于 max_files 1",
        ),
        (
            task("right", type="file", kind="auto", unit=None, decimals=None, accept=[".pdf"], min_files=0, max_files=1, max_mb=1),
            "文件题不能自动评分",
        ),
        (
            task("right", type="file", unit=None, decimals=None, accept=[".exe"], min_files=0, max_files=1, max_mb=99),
            "现在是 \".exe\"，可以填 .docx",
        ),
        (task("right", type="match", unit=None, decimals=None, left=[], right=[]), "left：只有 0 项，至少要 2 项"),
        (task("hardest", options=None), "缺少 options"),
    ],
)  # fmt: skip
def test_a_defect_of_a_new_unit(fresh, change, sentence):
    edit(fresh / "u1/unit.yaml", change)
    found = "\n".join(inspect(fresh).problems)
    assert sentence in found
    assert all(one.endswith("。") for one in inspect(fresh).problems)


def test_an_order_or_a_match_that_shows_its_answer(fresh):
    edit(fresh / "u1/unit.yaml", task("right", **order("abc")))
    sides = {side: [{"id": f"{side[0]}{n}", "text": both(f"{side}{n}")} for n in (1, 2)] for side in ("left", "right")}  # fmt: skip
    edit(fresh / "u1/unit.yaml", task("hardest", type="match", options=None, **sides))
    path = fresh / "u1/solution/answers.json"
    content = json.loads(path.read_text("utf-8"))
    content["answers"] |= {"right": ["a", "b", "c"], "hardest": {"l1": "r1", "l2": "r2"}}
    path.write_text(json.dumps(content), encoding="utf-8")
    found = "\n".join(inspect(fresh).problems)
    assert "任务 right：items 写的先后就是答案。请打乱 items 的先后。" in found
    assert "任务 hardest：right 写的先后就是答案" in found
    content["answers"] |= {"right": ["c", "a", "b"], "hardest": {"l1": "r2", "l2": "r2"}}
    path.write_text(json.dumps(content), encoding="utf-8")
    assert "就是答案" not in "\n".join(inspect(fresh).problems)


@pytest.mark.parametrize(
    "table, sentence",
    [
        ("学生,第1题\n艾小明,1\n", "“学生”一列里有像姓名的内容"),
        ("编号,备注\nS01,330106199001011234\n", "有一格像是身份证号"),
        ("编号,备注\nS01,33010619900101123X\n", "有一格像是身份证号"),
        ("编号,备注\nS01,电话 13800001234\n", "有一格像是手机号"),
        ("学生,第1题\nS01,1\n合计,1\n", None),
        ("编号,计数\nS01,123456789012345678901\n", None),
    ],
)
def test_people_in_the_data(fresh, table, sentence):
    (fresh / "u1/data/quiz.csv").write_bytes(BOM + table.encode())
    found = "\n".join(inspect(fresh).problems)
    assert (sentence in found) if sentence else ("像" not in found)


def test_a_table_that_is_drawn_as_a_chart_holds_marks_only(fresh):
    edit(fresh / "u1/unit.yaml", lambda unit: unit["data"][0].update(chart="sp"))
    assert "第 6 行有 0 和 1 以外的内容，画不出 S-P 图" in "\n".join(inspect(fresh).problems)


@pytest.mark.parametrize(
    "change, sentence",
    [
        (task("right", prompt={"zh_CN": "长" * 701, "en": "long"}), "题目有 701 字，手机上要翻好几屏"),
        (task("right", prompt={"zh_CN": "看红色的那格。", "en": "Look."}), "题目靠颜色指东西"),
        (lambda u: u["tasks"][2]["criteria"][0]["levels"][0].update(text=both("很好")), "没有用《规范》的说法"),
        (lambda u: u, "还是模板里的文字"),
    ],
)  # fmt: skip
def test_advice(fresh, change, sentence):
    edit(fresh / "u1/unit.yaml", change)
    found = inspect(fresh)
    assert sentence in "\n".join(found.advice)
    assert found.problems == []


def test_advice_about_what_is_missing(fresh):
    replace('worksheet.show_data("data/quiz.csv")', "pass")(fresh / "u1/notebook.py")
    (fresh / "u1/wrong/easiest.json").unlink()
    found = "\n".join(inspect(fresh).advice)
    assert "u1/data/quiz.csv：笔记本里没有用到这张表" in found
    assert "只有 2 份典型的错误答案" in found


def scored(folder):
    problems = Problems()
    unit = next(one for one in inspect(folder.parent).units if one.id == folder.name)
    check_scoring(folder, unit, problems)
    return "\n".join(problems.found)


@pytest.mark.parametrize(
    "change, sentence",
    [
        (replace('result("right", 20, "数对了。"', 'result("right", 19, "数对了。"'), "“solution/answers.json”里的任务 right 得了 19 分，应得 20 分"),
        (replace('result("right", 0, ', 'result("right", 1, '), "“空白的答案”里的任务 right 得了 1 分，应得 0 分"),
        (replace('"Counted right."', '""'), "有一条提示是空的"),
        (replace("given = answers", 'raise ValueError("坏了")\n    given = answers'), "运行出错：ValueError: 坏了"),
        (replace("return [", "return [None] or ["), "结果格式不对"),
        (replace("return [", "import os; os._exit(3)\n    return ["), "运行出错：没有写出结果"),
    ],
)  # fmt: skip
def test_scoring_that_does_not_give_what_is_deserved(fresh, change, sentence):
    change(fresh / "u1/score.py")
    assert sentence in scored(fresh / "u1")


def test_scoring_sees_nothing_of_the_environment(fresh, monkeypatch):
    monkeypatch.setenv("YANXIU_SECRET", "s3cret")
    replace(
        "given = answers",
        "import os\n    assert 'YANXIU_SECRET' not in os.environ\n    given = answers",
    )(fresh / "u1/score.py")
    assert scored(fresh / "u1") == ""


def test_scoring_that_never_ends(fresh, monkeypatch):
    monkeypatch.setattr("builder.scoring.SECONDS", 1)
    replace("given = answers", "while True: pass\n    given = answers")(fresh / "u1/score.py")
    with pytest.raises(ScoreError, match="超过 1 秒"):
        score(fresh / "u1", [{}])


def test_our_own_courses_need_no_advice():
    for folder in {path.parent for path in UNITS}:
        found = inspect(folder)
        assert (found.problems, found.advice) == ([], []), folder


def test_a_new_course_builds_and_its_own_answers_fit(fresh):
    assert inspect(fresh).problems == []
    assert scored(fresh / "u1") == ""
    new(fresh)
    assert [one.id for one in inspect(fresh).units] == ["u1", "u2"]
    assert "# 编号 id 要和文件夹同名" in (fresh / "course.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    "name, unit, sentence",
    [
        ("Meine", None, "“Meine”不能做编号。课程编号：小写字母开头"),
        ("my-course", "第一", "“第一”不能做编号。单元编号"),
        ("my-course", "../u9", "不能做编号"),
        ("my-course", "u1", "已经有了。请换一个单元编号"),
    ],
)
def test_new_refuses_what_it_would_spoil(fresh, name, unit, sentence):
    with pytest.raises(CourseError, match=sentence.replace(".", r"\.")):
        new(fresh.parent / name, unit)


def test_new_never_writes_into_another_folder(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters/mine.txt").write_text("x")
    with pytest.raises(CourseError, match="里面有别的文件"):
        new(tmp_path / "letters")
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["mine.txt"]


def test_the_commands(tmp_path):
    made = run("new", tmp_path / "my-course")
    assert made.returncode == 0
    assert "接下来：改 unit.yaml" in made.stdout
    good = run("lint", tmp_path / "my-course")
    assert (good.returncode, good.stdout) == (0, "课程 my-course 没有问题，1 个单元。\n")
    assert "建议" in good.stderr
    (tmp_path / "my-course/u1/score.py").write_text("x = 1\n")
    bad = run("lint", tmp_path / "my-course")
    assert bad.returncode == 1
    assert "要改的" in bad.stderr
    assert "Traceback" not in bad.stderr
    found = json.loads(run("lint", tmp_path / "my-course", "--json").stdout)
    assert set(found) == {"problems", "advice"}


def test_run_and_score_are_for_the_preview(tmp_path):
    run("build", COURSES / "xinxi2", "--out", tmp_path / "out")
    answers = tmp_path / "answers.json"
    solution = json.loads((A1 / "solution/answers.json").read_text("utf-8"))["answers"]
    answers.write_text(json.dumps(solution), encoding="utf-8")
    lines = json.loads(run("score", tmp_path / "out/scoring/a1", answers).stdout)
    assert sum(line["points"] for line in lines) == 40
    lost = run("run", tmp_path, "--out", tmp_path / "x.ipynb")
    assert lost.returncode == 1
    assert "里没有笔记本" in lost.stderr


def test_what_courses_and_hub_know_of_each_other():
    """Content has no privileges: it imports no hub, and the hub runs it in other processes."""
    imports, hub = ("import ", "from "), re.compile(r"\byanxiu\b")
    for path in COURSES.rglob("*.py"):
        lines = path.read_text("utf-8").split("\n")
        assert not [one for one in lines if one.startswith(imports) and hub.search(one)], path
    for path in (COURSES.parent / "hub").rglob("*.py"):
        lines = [one.strip() for one in path.read_text("utf-8").split("\n")]
        assert not [one for one in lines if one.startswith(imports) and " builder" in one], path


def test_a_data_file_nobody_asked_for_is_named(fresh):
    write(b"x")(fresh / "u1/data/other.csv")
    assert "u1/data/other.csv：unit.yaml 的 data 里没有写它" in "\n".join(inspect(fresh).problems)
