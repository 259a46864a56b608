"""Every defect of a course has its sentence: file, place, what was possible, what to do."""

import json

import pytest
from builder import CourseError, build
from ruamel.yaml import YAML

yaml = YAML()
yaml.width = 4096


def problems(course, tmp_path):
    with pytest.raises(CourseError) as caught:
        build(course, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    for sentence in caught.value.problems:
        assert sentence.endswith("。")
    return "\n".join(caught.value.problems)


def edit(path, change):
    content = yaml.load(path.read_text("utf-8"))
    change(content)
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(content, file)


def task(name, **values):
    def change(unit):
        found = next(task for task in unit["tasks"] if task["id"] == name)
        for key, value in values.items():
            if value is None:
                del found[key]
            else:
                found[key] = value

    return change


def unit(**values):
    return lambda content: content.update(values)


def level(points):
    def change(content):
        content["tasks"][5]["criteria"][1]["levels"][1]["points"] = points

    return change


def both(text):
    return {"zh_CN": text, "en": text}


@pytest.mark.parametrize(
    "change, sentence",
    [
        # schema, one for each rule it uses
        (lambda u: u.pop("minutes"), "a1/unit.yaml 的 最外层：缺少 minutes。请补上。"),
        (unit(minuts=5), "有不认识的 minuts，可以用的是 id、point、title"),
        (unit(minutes="四十五"), 'minutes：现在是 "四十五"，这里要填整数（大约要多少分钟）。请改正。'),
        (unit(minutes=4), "minutes：现在是 4，不能小于 5"),
        (unit(minutes=999), "不能大于 240"),
        (unit(credit_hours=0), "credit_hours：现在是 0，必须大于 0"),
        (unit(credit_hours=float("nan")), "有一个数是 nan 或 inf"),
        (unit(point="A14"), "能力点编号，A1 到 C7"),
        (unit(hours_kind="home"), '现在是 "home"，可以填 online、practice。请选一个。'),
        (unit(intro="read.md"), "可以填 intro.md"),
        (unit(title="中文"), "title：现在是 \"中文\"，这里要填“键: 值”（中英文两份文字：zh_CN 和 en）"),
        (unit(title={"zh_CN": "只有中文"}), "title：缺少 en"),
        (unit(title={"zh_CN": " ", "en": "x"}), "title.zh_CN：现在是 \" \"，这里要填：不能是空的"),
        (unit(tasks=[]), "tasks：只有 0 项，至少要 1 项"),
        (unit(tasks=["x"]), "tasks[1]：现在是 \"x\"，这里要填“键: 值”"),
        (unit(data=[{"file": "../x.csv", "title": both("x")}]), "数据文件的位置，例如 data/quiz.csv"),
        (task("chart", type="drawing"), "tasks[3]（chart）.type：现在是 \"drawing\"，可以填 number、choice"),
        (task("chart", labels=None), "tasks[3]（chart）：缺少 labels"),
        (task("clean", points=-1), "tasks[1]（clean）.points：现在是 -1，必须大于 0"),
        (task("clean", id="Clean"), "编号：小写字母开头"),
        (task("plan", max_chars=99999), "不能大于 20000"),
        # what a schema cannot say
        (unit(id="a2"), "id 是 a2，文件夹却叫 a1"),
        (task("clean", points=7), "各任务的分值加起来是 99。请调整到 100。"),
        (task("plan", kind="auto"), "文字题不能自动评分"),
        (task("chart", kind="rubric"), "kind 是 rubric，却没有 criteria"),
        (task("plan", criteria=None), "kind 是 rubric，却没有 criteria"),
        (task("indicators", min=4), "min 是 4，max 是 3，选项有 7 个"),
        (task("indicators", max=8), "min 是 3，max 是 8，选项有 7 个"),
        (task("plan", min_chars=1501), "min_chars 是 1501，大于 max_chars 1500"),
        (task("groups", id="clean"), "编号 clean 用了 2 次"),
        (lambda u: u["tasks"][0]["rows"][0].update(id="sat"), "任务 clean 的 rows：编号 sat 用了 2 次"),
        (lambda u: u["tasks"][5]["criteria"][0].update(points=5), "各项标准加起来是 29 分，任务是 30 分"),
        (level(9), "各等级的分是 [8, 9, 0]。请从高到低排"),
        (level(8), "各等级的分是 [8, 8, 0]"),
        (lambda u: u["data"].pop(), "a1/data/survey.csv：unit.yaml 的 data 里没有写它"),
        (
            lambda u: u["data"].append({"file": "data/none.csv", "title": both("x")}),
            "a1/data/none.csv：没有这个文件",
        ),
    ],
)  # fmt: skip
def test_a_defect_of_unit_yaml(course, tmp_path, change, sentence):
    edit(course / "a1/unit.yaml", change)
    assert sentence in problems(course, tmp_path)


def test_too_many_points_for_the_machine(course, tmp_path):
    def change(content):
        task("clean", points=9)(content)
        content["tasks"][5]["points"] = 29

    edit(course / "a1/unit.yaml", change)
    assert "自动评分的任务加起来是 41 分，最多 40 分" in problems(course, tmp_path)


def test_all_problems_of_one_step_come_at_once(course, tmp_path):
    def change(content):
        content["minutes"], content["point"] = 0, "Z"

    edit(course / "a1/unit.yaml", change)
    found = problems(course, tmp_path)
    assert "minutes" in found
    assert "point" in found


@pytest.mark.parametrize(
    "change, sentence",
    [
        (lambda c: c.update(id="other"), "id 是 other，文件夹却叫 xinxi2"),
        (lambda c: c.update(id="信息"), "课程编号：小写字母开头"),
        (lambda c: c.update(units=["a1", "a9"]), "没有单元 a9。已有的单元：a1。"),
        (lambda c: c.update(units=["a1", "a1"]), "有单元写了两次"),
        (lambda c: c.update(units=["b1"]), "没有写上单元 a1"),
        (lambda c: c.pop("summary"), "course.yaml 的 最外层：缺少 summary"),
    ],
)
def test_a_defect_of_course_yaml(course, tmp_path, change, sentence):
    edit(course / "course.yaml", change)
    assert sentence in problems(course, tmp_path)


def replace(old, new):
    def change(path):
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def write(content):
    return lambda path: path.write_bytes(content)


def remove(path):
    path.unlink()


def link(path):
    path.unlink()
    path.symlink_to("/etc/hostname")


NBGRADER = (
    'nbgrader={"grade_id": "clean", "grade": false, "locked": true, "solution": false, '
    '"task": false, "schema_version": 3}'
)
BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    "file, change, sentence",
    [
        # files
        ("course.yaml", write(b"id: [\n"), "course.yaml：第 2 行附近不是合法的 YAML"),
        ("course.yaml", write(b"id: a\nid: b\n"), "第 2 行附近同一个键写了两次"),
        ("course.yaml", write(b"- a\n"), "里面不是“键: 值”"),
        ("a1/unit.yaml", write(b"id: \xb0\xa1\n"), "第 4 个字节不是 UTF-8"),
        ("a1/intro.md", remove, "a1/intro.md：没有这个文件"),
        ("a1/intro.en.md", remove, "a1/intro.en.md：没有这个文件"),
        ("a1/intro.md", link, "没有这个文件，或者它是链接"),
        ("a1/notebook.py", remove, "a1/notebook.py：没有这个文件"),
        ("a1/note.txt", write(b"x"), "a1/note.txt：不认识这个文件"),
        # data
        ("a1/data/survey.csv", write("学生\nS01\n".encode()), "没有 BOM，WPS 打开会是乱码"),
        ("a1/data/survey.csv", write(BOM + "学生,姓名\nS01,某\n".encode()), "有一列叫“姓名”，像是个人信息"),
        ("a1/data/survey.csv", write(BOM + "学生,家长电话\nS01,1\n".encode()), "有一列叫“家长电话”"),
        ("a1/data/survey.csv", write(BOM + b"a,b\n1\n"), "第 2 行有 1 格，列名有 2 个"),
        ("a1/data/survey.csv", write(BOM + b"a,a\n1,1\n"), "不重复、不空的列名"),
        ("a1/data/survey.csv", write(BOM + b"a\n"), "下面至少一行数据"),
        ("a1/data/survey.csv", write(BOM + b"a\n=1+1\n"), "第 2 行的“=1+1”会被表格软件当作公式"),
        ("a1/data/survey.csv", write(BOM + b"a\n-cmd\n"), "会被表格软件当作公式"),
        # scoring
        ("a1/score.py", remove, "a1/score.py：没有这个文件"),
        ("a1/score.py", write(b"def score(:\n"), "a1/score.py：第 1 行不是合法的 Python"),
        ("a1/score.py", write(b"x = 1\n"), "没有函数 score(answers, data)"),
        ("a1/solution/answers.json", remove, "a1/solution/answers.json：没有这个文件"),
        ("a1/solution/answers.json", write(b"{\n,"), "第 2 行不是合法的 JSON"),
        ("a1/solution/answers.json", write(b'{"unit": "b1"}'), "不是本单元的答案文件"),
        (
            "a1/solution/answers.json",
            write(b'{"unit": "a1", "answers": {}}'),
            "没有任务 clean、p_table、chart、groups、indicators、plan、report 的参考答案",
        ),
        ("a1/solution/answers.json", write(b'{"unit": "a1", "answers": []}'), "不是本单元的答案文件"),
        ("a1/wrong/all-45.json", write(b"[]"), "a1/wrong/all-45.json：要有 answers 和 deserves"),
        ("a1/wrong/all-45.json", write(b'{"answers": [], "deserves": {}}'), "要有 answers 和 deserves"),
        # the notebook
        ("a1/notebook.py", replace(NBGRADER, ""), "没有任务 clean 的格子"),
        ("a1/notebook.py", replace('"grade_id": "p_table"', '"grade_id": "clean"'), "grade_id clean 用了不止一次"),
        ("a1/notebook.py", replace('task("clean")', 'task("groups")'), '请写 worksheet.task("clean")'),
        ("a1/notebook.py", replace('jupyter={"source_hidden": true} ' + NBGRADER, NBGRADER), "代码没有折叠"),
        (
            "a1/notebook.py",
            replace(NBGRADER, NBGRADER.replace('"locked": true', '"locked": false')),
            "nbgrader 的 locked 不对",
        ),
        ("a1/notebook.py", replace("quiz.head()", "quiz.head("), "不是合法的 Python"),
        (
            "a1/notebook.py",
            replace("# 您的代码", "### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n# 您的代码"),
            "有答案或隐藏测试的标记",
        ),
        (
            "a1/notebook.py",
            replace("# 您的代码", "### BEGIN HIDDEN TESTS\nx = 1\n### END HIDDEN TESTS\n# 您的代码"),
            "有答案或隐藏测试的标记",
        ),
        # hidden things on their way to learners
        ("a1/notebook.py", replace("# 您的代码", "TOLERANCE = 0.01 + 1e-9\n#"), "评分或答案里的内容“TOLERANCE"),
        (
            "a1/notebook.py",
            replace("# 您的代码", "x = {'basic': {'count': 13}, 'apply': {'count': 11}, 'ahead': {'count': 18}}\n#"),
            "学员会拿到的 a1.ipynb：里有评分或答案里的内容",
        ),
        ("a1/intro.en.md", replace("## 5. Submit", "def score(answers):\n\n## 5. Submit"), "里有“def score(”"),
    ],
)  # fmt: skip
def test_a_defect_of_a_file(course, tmp_path, file, change, sentence):
    change(course / file)
    assert sentence in problems(course, tmp_path)


def test_a_whole_line_of_a_model_text_is_a_leak(course, tmp_path):
    answers = json.loads((course / "a1/solution/answers.json").read_text("utf-8"))["answers"]
    line = answers["report"].split("\n")[2]
    intro = course / "a1/intro.md"
    intro.write_text(f"{intro.read_text('utf-8')}\n{line}\n", encoding="utf-8")
    assert "学员会拿到的 intro.md：里有评分或答案里的内容" in problems(course, tmp_path)


def test_tasks_in_another_order_than_the_unit(course, tmp_path):
    path = course / "a1/notebook.py"
    text = path.read_text("utf-8").replace("groups", "swap").replace("chart", "groups")
    path.write_text(text.replace("swap", "chart"), encoding="utf-8")
    assert "请照 unit.yaml 排成 clean、p_table、chart、groups" in problems(course, tmp_path)
