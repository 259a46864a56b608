"""Settings of a course: taken exactly as nbgrader takes them, or refused with their name and line."""

import os
import subprocess
import sys

import pytest
from yanxiu.courses.nbgrader import config, leaving_out

PY, JSON = "nbgrader_config.py", "nbgrader_config.json"
HIDDEN = "ClearHiddenTests.begin_test_delimeter"


def read(source="", **files):
    named = {name.replace("__", "."): data.encode() for name, data in files.items()}
    return config.read({**({PY: source.encode()} if source else {}), **named})


def told(settings):
    return "\n".join(one.text() for one in settings.problems)


#: A configuration, and what nbgrader has of it for some setting.
UNDERSTOOD = [
    ("c.{} = '### GEHEIM'", "### GEHEIM"),
    ("c = get_config()\nc.{} = '### A'\nc.{} = '### B'", "### B"),
    ("cfg = get_config()\ncfg.{} = 'X'", "X"),
    ("c.{} = ('### '\n  'LANG')", "### LANG"),
    ("c['ClearHiddenTests'].begin_test_delimeter = 'Y'", "Y"),
    ("c['ClearHiddenTests']['begin_test_delimeter'] = 'Z'", "Z"),
    ("c.{} = c.ClearHiddenTests.end_test_delimeter = 'both'", "both"),
    ("import os\nX = os.environ.get('X')\nc.{} = 'after a variable'", "after a variable"),
    ("import os, sys\nsys.path.append(os.path.dirname(__file__))\nc.{} = 'Q'", "Q"),
    ("def hook(**kw):\n    return 1\nc.{} = 'after a function'", "after a function"),
    (
        "class Late:\n    'x'\n    n = 1\n    def go(self): pass\nc.{} = 'after a class'",
        "after a class",
    ),
    ("if True:\n    c.Exchange.root = '/srv/x'\nc.{} = 'after an if'", "after an if"),
    ("c.Exchange.root = '/srv/' + str(1)\nc.{} = 'fine'", "fine"),
    ("# -*- coding: latin-1 -*-\nc.{} = 'R\u00e9'", "R\u00c3\u00a9"),
]


@pytest.mark.parametrize(("source", "value"), UNDERSTOOD)
def test_what_is_written_out_is_taken(source, value):
    found = read(source.replace("{}", HIDDEN))
    assert not found.problems, told(found)
    assert found.get(HIDDEN) == value


@pytest.mark.parametrize(("source", "value"), UNDERSTOOD)
def test_nbgrader_takes_the_same(source, value, tmp_path):
    (tmp_path / PY).write_text(source.replace("{}", HIDDEN), "utf-8")
    assert stock(tmp_path) == value


def stock(folder):
    """Return the delimiter that nbgrader itself goes by in a course's folder."""
    code = (
        "from nbgrader.apps import GenerateAssignmentApp as App\n"
        "from nbgrader.preprocessors import ClearHiddenTests\n"
        "app = App(); app.initialize(['ps1'])\n"
        "print(ascii(ClearHiddenTests(parent=app).begin_test_delimeter))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "JUPYTER_NO_CONFIG": "1"},
    )
    assert done.returncode == 0, done.stderr
    return eval(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("names", [(PY, JSON), (PY,), (JSON,), ("jupyter_config.json", PY)])
def test_of_several_files_the_same_one_wins_as_in_nbgrader(names, tmp_path):
    files = {
        name: f"c.{HIDDEN} = '{name}'"
        if name.endswith("py")
        else f'{{"ClearHiddenTests": {{"begin_test_delimeter": "{name}"}}}}'
        for name in names
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    found = config.read({name: text.encode() for name, text in files.items()})
    assert found.get(HIDDEN) == names[-1] == stock(tmp_path)


#: What no one can know without running it: the source, the line, and what the sentence names.
OPEN = [
    ("BEGIN = '### X'\nc.{} = BEGIN", 2, "{}"),
    ("c.{} = '### ' + 'X'", 1, "{}"),
    ("c.{} = '### {0}'.format('X')", 1, "{}"),
    ("c.{} = f'### {1}'", 1, "{}"),
    ("c.{} = '### %s' % 'X'", 1, "{}"),
    ("import os\nc.{} = os.environ['BEGIN']", 2, "{}"),
    ("import os\nc.{} = os.environ.get('B', '### X')", 2, "{}"),
    ("c.{} += 'X'", 1, "{}"),
    ("c.{}: str = 'X'", 1, "{}"),
    ("if True:\n    c.{} = 'X'", 2, "{}"),
    ("try:\n    c.{} = 'X'\nexcept Exception:\n    pass", 2, "{}"),
    ("for x in 'ab':\n    c.{} = x", 1, "{}"),
    ("while True:\n    c.{} = 'X'\n    break", 1, "{}"),
    ("with open('x') as f:\n    c.{} = f.read()", 1, "{}"),
    ("c.ClearHiddenTests.update({'begin_test_delimeter': 'X'})", 1, "ClearHiddenTests"),
    ("c.ClearHiddenTests = {'begin_test_delimeter': 'X'}", 1, "ClearHiddenTests"),
    ("c.merge({'ClearHiddenTests': {'begin_test_delimeter': 'X'}})", 1, ""),
    ("c.update({'ClearHiddenTests': {'begin_test_delimeter': 'X'}})", 1, ""),
    ("load_subconfig('more.py')", 1, ""),
    ("exec(open('more.py').read())", 1, ""),
    ("from mysettings import *", 1, ""),
    ("import mysettings", 1, ""),
    ("from .mysettings import x", 1, ""),
    ("setattr(c.ClearHiddenTests, 'begin_test_delimeter', 'X')", 1, "ClearHiddenTests"),
    ("cc = c\ncc.{} = 'X'", 1, ""),
    ("h = c.ClearHiddenTests\nh.begin_test_delimeter = 'X'", 1, "ClearHiddenTests"),
    ("def go():\n    c.{} = 'X'\ngo()", 1, "{}"),
    ("def go(x): x.ClearHiddenTests.begin_test_delimeter = 'X'\ngo(get_config())", 2, ""),
    ("[setattr(x, 'y', 1) for x in [c]]", 1, ""),
    ("c.{}, x = 'X', 1", 1, "{}"),
    ("del c.{}", 1, "{}"),
    ("(lambda x: x)(c).{} = 'X'", 1, ""),
    ("globals()['c'].ClearHiddenTests.x = 1", 1, ""),
    ("import sys as c\nc.{} = 'X'", 1, ""),
    ("c = object()\nc.{} = 'X'", 1, ""),
    ("c.NbGrader.{} = 'X'", 1, "NbGrader.{}"),
    ("c.GenerateAssignmentApp.ClearSolutions.text_stub = 'X'", 1, "GenerateAssignmentApp.Clear"),
    ("c.CourseDirectory.ignore.append('private')", 1, "CourseDirectory.ignore"),
    ("c.ClearSolutions.code_stub.update(python='x')", 1, "ClearSolutions.code_stub"),
    ("c.ClearSolutions.code_stub['python'] = 'x'", 1, "ClearSolutions.code_stub"),
    ("c.CourseDirectory.ignore = list({'a'})", 1, "CourseDirectory.ignore"),
]


@pytest.mark.parametrize(("source", "line", "name"), OPEN)
def test_what_is_not_written_out_is_refused_with_its_name_and_line(source, line, name):
    found = read(source.replace("{}", HIDDEN))
    assert f"{PY}:{line}: " in told(found)
    assert name.replace("{}", HIDDEN) in told(found)
    assert all("请" in one.text() for one in found.problems)


#: Settings that change what learners get in ways that are not followed.
REFUSED = [
    ("c.GenerateAssignment.preprocessors = ['nbgrader.preprocessors.ClearOutput']", "删去这一行"),
    ("from nbgrader.preprocessors import *\nc.Execute.timeout = 1", "这一句可能"),
    ("c.GenerateAssignment.preprocessors = []", "GenerateAssignment.preprocessors"),
    ("c.ClearHiddenTests.enabled = False", "只有 True"),
    ("c.ClearHiddenTests.enabled = 1", "只有 True"),
    ("c.NbGraderPreprocessor.enabled = False", "只有 True"),
    ("c.GenerateAssignment.post_convert_hook = 'my.hook'", "只有 None"),
    ("c.BaseConverter.exporter_class = 'my.Exporter'", "BaseConverter.exporter_class"),
    ("c.Exporter.preprocessors = ['my.Thing']", "Exporter.preprocessors"),
    ("c.FilesWriter.files = ['private/answers.txt']", "FilesWriter.files"),
    ("c.JupyterApp.config_file = 'other'", "config_file"),
    ("c.CourseDirectory.directory_structure = '{assignment_id}'", "{nbgrader_step}"),
    ("c.CourseDirectory.notebook_id = 'p*'", "只有 '*'"),
    ("c.ExchangeFactory.release_assignment = 'my.Release'", "ExchangeFactory.release_assignment"),
    ("c.InstantiateTests.sanitizers = {'python3': 'f'}", "InstantiateTests.sanitizers"),
    ("c.InstantiateTests.autotest_delimiter = ''", "不是 nbgrader 能用的"),
    ("c.ClearHiddenTests.begin_test_delimiter = '### X'", "是不是 ClearHiddenTests.begin_test_del"),
    ("c.ClearHiddenTest.begin_test_delimeter = '### X'", "是不是 ClearHiddenTests.begin_test_del"),
    ("c.Something.else_ = 1", "不认识设置 Something.else_"),
    ("c.ClearHiddenTests.begin_test_delimeter = 3", "值 3 不是"),
    ("c.CourseDirectory.ignore = 'private'", "值 'private' 不是"),
    ("c.CourseDirectory.max_file_size = True", "值 True 不是"),
    ("c.ClearSolutions.code_stub = {'python': None}", "不是 nbgrader 能用的"),
    ("c.(", "读不懂"),
    ("return", "nbgrader_config.py:1"),
    ("x" * 1_000_001, "读不懂"),
    ("(" * 5000, "读不懂"),
]


@pytest.mark.parametrize(("source", "said"), REFUSED)
def test_what_would_change_the_learners_version_is_refused(source, said):
    assert said in told(read(source))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"GenerateAssignment": {\n "preprocessors": []}}', "nbgrader_config.json:2: "),
        ('{"ClearHiddenTests": {"enabled": false}}', "nbgrader_config.json:1: "),
        ('{"NbGrader": {"ClearSolutions": {"text_stub": "x"}}}', "NbGrader.ClearSolutions"),
        ('{"ClearSolutions": 1}', "不认识设置 ClearSolutions"),
        ('{"CourseDirectory": {"ignore": {"append": ["x"]}}}', "CourseDirectory.ignore"),
        ('{"version": 2}', "读不懂"),
        ("[]", "读不懂"),
        ("{", "读不懂"),
        ("[" * 100_000, "读不懂"),
        ("\ufeff{}", "读不懂"),
    ],
)
def test_json_that_is_not_understood_is_refused(text, said):
    assert said in told(read(nbgrader_config__json=text))


def test_json_wins_over_a_variable_in_python_as_it_does_in_nbgrader():
    text = '{"ClearHiddenTests": {"begin_test_delimeter": "### J"}}'
    found = read(f"X = 'a'\nc.{HIDDEN} = X", nbgrader_config__json=text)
    assert not found.problems and found.get(HIDDEN) == "### J"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("NbGrader.ignore = ['private']", "CourseDirectory.ignore"),
        ("NbGrader.course_id = ' phys '", "CourseDirectory.course_id"),
        ("Exchange.course_id = 'phys'", "CourseDirectory.course_id"),
    ],
)
def test_names_of_old_versions_mean_what_nbgrader_makes_of_them(old, new):
    found = read(f"c.{old}")
    assert not found.problems and found.get(new)
    assert found.course_id in ("phys", None)


def test_what_has_no_effect_is_named_and_where_the_course_lay_is_not():
    found = read(
        "c.Exchange.root = '/x'\nc.Exchange.timezone = 'UTC'\nc.Execute.execute_retries = 3"
    )
    assert not found.problems
    assert "没有采用：Exchange.timezone、Execute.execute_retries。" in found.notes()[0].text()
    assert read().notes() == [] == read('# nothing\n"""doc"""\npass').notes()


@pytest.mark.parametrize("pattern", ["private/*", "private/", "/private", "*/private", " "])
@pytest.mark.parametrize("option", ["ignore", "include"])
def test_a_pattern_that_nbgrader_never_matches_is_refused(option, pattern):
    (problem,) = leaving_out.problems(read(f"c.CourseDirectory.{option} = [{pattern!r}]"))
    assert f"CourseDirectory.{option} 里的“{pattern}”" in problem.text()
    assert leaving_out.problems(read(f"c.CourseDirectory.{option} = ['private', '*.key']")) == []
