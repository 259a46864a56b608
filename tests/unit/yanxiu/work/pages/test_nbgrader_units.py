"""A unit of an nbgrader course in the portal: upload, confirm what was proposed, release."""

import io
import re
import zipfile

import pytest
from yanxiu.courses.nbgrader.units import Options
from yanxiu.courses.reads import courses
from yanxiu.courses.verbs import import_course as verbs
from yanxiu.courses.verbs.import_course import plan
from yanxiu.courses.verbs.offering import WantedOffering
from yanxiu.web.actor import at_the_command_line
from yanxiu.work.model import Attempt, CreditEntry
from yanxiu.work.reads.attempts import any_for
from yanxiu.work.rules import State
from yanxiu.work.verbs import grade
from yanxiu_formats.bundle import unpack

from tests.support import nbgrader_course as make
from tests.support import notebook_cases as cases
from tests.support.county import DUE, START

ONE = make.notebook(
    make.solution("s", "x = 1"),
    make.test_cell("t", "assert x", 1.5, hidden="assert x == 1"),
    make.manual("words", 2),
)
TWO = make.notebook(make.solution("s", "y = 1"), make.test_cell("t", "assert y", 1))
NOTICE = "由学员代码同一内核评出，需人工确认"
SAY = {"zh_CN": "测试通过。", "en": "The test passed."}


@pytest.fixture
def ps1(site, tmp_path):
    folder = make.write(tmp_path / "py", ps1={"one.ipynb": ONE, "two.ipynb": TWO, "x.csv": b"1"})
    verbs.import_course(
        site.store,
        plan(folder),
        at_the_command_line(),
        WantedOffering("py-a", "330199", "t", START, DUE),
        handed_in=any_for,
    )
    with site.store.read() as session:
        return courses.assignments(session, "py-a")["ps1"].id


def uploads(**files):
    kind = "application/x-ipynb+json"
    return [("notebook", (f"{name}.ipynb", io.BytesIO(data), kind)) for name, data in files.items()]


def hand_in(browser, ps1, **files):
    return browser.submit(f"units/{ps1}/upload", {}, form_of=f"units/{ps1}", files=uploads(**files))


def row_of(answer, site):
    one = re.search(r"receipts/([0-9a-f-]+)", answer.headers["location"])[1]
    with site.store.read() as session:
        return session.query(Attempt).filter(Attempt.id == make.uuid.UUID(one)).one()


def proposed(site, points=1.5, **more):
    """Report as the worker does; return the tasks by grade id and notebook."""
    lease = grade.lease(site.store, site.site, "w")
    auto = [task for task in lease.unit.tasks if task.kind == "auto"]
    given = [points, 1.0]
    scores = [
        {"task": task.id, "points": one, "message": SAY}
        for task, one in zip(auto, given, strict=True)
    ]
    report = {"lease": lease.lease, "in_kernel": True, "scores": scores, "answers": {}, **more}
    grade.report(site.store, lease.job_id, report, None)
    return {(task.notebook, task.grade_id): task.id for task in lease.unit.tasks}


def test_the_page_has_the_notebooks_and_no_form(browse, ps1):
    page = browse("alice").page(f"units/{ps1}").text
    for text in (
        "one.ipynb",
        "two.ipynb",
        "在 Jupyter 中打开",
        "2.7 分以上（满分 4.5）",
        "multiple",
    ):
        assert text in page
    for text in ("两种做法", "保存草稿", "约 0 分钟"):
        assert text not in page
    assert "ps1" in browse("alice").page("").text


def test_the_files_can_be_fetched_without_jupyter_and_hold_nothing_hidden(browse, ps1):
    answer = browse("alice").page(f"units/{ps1}/files.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert sorted(archive.namelist()) == ["ps1/one.ipynb", "ps1/two.ipynb", "ps1/x.csv"]
        assert b"x == 1" not in archive.read("ps1/one.ipynb")
    assert browse("county").page(f"units/{ps1}/files.zip").status_code == 404


def test_notebooks_are_handed_in_together(browse, site, ps1):
    row = row_of(hand_in(browse("alice"), ps1, one=ONE, two=TWO), site)
    assert (row.state, row.has_notebook, row.number) == (State.QUEUED, True, 1)
    again = hand_in(browse("alice"), ps1, one=ONE, two=TWO)
    assert row_of(again, site).id == row.id


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"mine": ONE}, "文件名要和发下来的一样：one.ipynb、two.ipynb"),
        (
            {"one": ONE, "mine": make.notebook(make.test_cell("t", "1"))},
            "two.ipynb 好像改了名字",
        ),
        ({"one": ONE, "two": b"{"}, "two.ipynb 不完整"),
        ({"one": b" " * 1_000_001}, "一次最多 1 MB"),
    ],
)
def test_what_cannot_be_graded_says_what_to_do(browse, ps1, files, said):
    answer = hand_in(browse("alice"), ps1, **files)
    assert answer.status_code in (413, 422)
    assert said in answer.text


@pytest.mark.parametrize(
    "names",
    [
        ("one.ipynb.json", "two.ipynb.txt"),
        ("one (1).ipynb", "two.IPYNB"),
        ("one - 副本.ipynb.json", "two-Copy1.ipynb"),
    ],
)
def test_what_browsers_and_people_make_of_a_name_is_understood(browse, site, ps1, names):
    kind = "application/json"
    files = [
        ("notebook", (name, io.BytesIO(data), kind))
        for name, data in zip(names, (ONE, TWO), strict=True)
    ]
    answer = browse("alice").submit(f"units/{ps1}/upload", {}, form_of=f"units/{ps1}", files=files)
    assert row_of(answer, site).state == State.QUEUED
    bundle = site.store.blobs.read(row_of(answer, site).bundle_blob)
    assert unpack(bundle) == {"one.ipynb": ONE, "two.ipynb": TWO}


@pytest.mark.parametrize("name", ["cut off", "the page of a login", "a source that is a number"])
def test_a_notebook_that_cannot_be_graded_is_refused_in_the_portal_too(browse, site, ps1, name):
    make_it, _, word = cases.REFUSED[name]
    answer = hand_in(browse("alice"), ps1, one=make_it(), two=TWO)
    assert answer.status_code == 422
    assert word in answer.text and "one.ipynb" in answer.text
    with site.store.read() as session:
        assert session.query(Attempt).count() == 0


def test_two_files_of_one_name_are_named(browse, ps1):
    files = [("notebook", (f"{folder}/one.ipynb", io.BytesIO(ONE), "")) for folder in "ab"]
    answer = browse("alice").submit(f"units/{ps1}/upload", {}, form_of=f"units/{ps1}", files=files)
    assert answer.status_code == 422
    assert "两个文件都叫“one.ipynb”" in answer.text


def test_other_files_and_none_are_refused(browse, ps1):
    word = [("notebook", ("a.docx", io.BytesIO(b"x"), "application/msword"))]
    path = f"units/{ps1}/upload"
    assert (
        "只能上传笔记本"
        in browse("alice").submit(path, {}, form_of=f"units/{ps1}", files=word).text
    )
    assert "没有选择文件" in browse("alice").submit(path, {}, form_of=f"units/{ps1}").text


def test_a_posted_form_is_not_an_answer(browse, ps1):
    answer = browse("alice").submit(f"units/{ps1}", {"do": "submit"})
    assert answer.status_code == 422
    assert "没有这个作业的笔记本" in answer.text


def test_a_person_confirms_every_point(browse, site, ps1):
    row = row_of(hand_in(browse("alice"), ps1, one=ONE, two=TWO), site)
    tasks = proposed(site)
    page = browse("county").page(f"organize/submissions/{row.id}").text
    assert NOTICE in page and "自动建议 1.5 分" in page
    field = f"m.{tasks['one.ipynb', 't']}.points"
    assert re.search(rf'name="{re.escape(field)}" value="1.5"', page)
    by_hand = f"m.{tasks['one.ipynb', 'words']}.points"
    assert re.search(rf'name="{re.escape(by_hand)}" value=""', page)
    with site.store.read() as session:
        assert session.get_one(Attempt, row.id).total_points is None
    # Corrected, confirmed, and by hand.
    data = {field: "0", f"m.{tasks['two.ipynb', 't']}.points": "1", by_hand: "2"}
    where = f"organize/submissions/{row.id}"
    browse("county").submit(f"{where}/mark", {**data, "do": "release"}, form_of=where)
    with site.store.read() as session:
        kept = session.get_one(Attempt, row.id)
        assert (kept.total_points, kept.auto_points, kept.passed) == (3, 2.5, True)
        assert kept.state == State.RELEASED
    page = browse("alice").page(f"units/{ps1}").text
    assert "/ 4.5 分" in page and "通过" in page
    assert "3 / 4.5" in re.sub(r"<[^>]+>", "", browse("alice").page(f"submissions/{row.id}").text)


def test_nothing_is_marked_or_released_by_the_machine_alone(browse, site, ps1):
    row = row_of(hand_in(browse("alice"), ps1, one=ONE, two=TWO), site)
    proposed(site)
    where = f"organize/submissions/{row.id}"
    answer = browse("county").submit(f"{where}/release", {}, form_of=where)
    assert answer.status_code == 409
    with site.store.read() as session:
        assert session.get_one(Attempt, row.id).state == State.WAITING


@pytest.mark.parametrize("points", [1.6, -1, "1", None, float("inf")])
def test_a_report_beyond_a_cells_points_is_refused_whole(browse, site, ps1, points):
    hand_in(browse("alice"), ps1, one=ONE, two=TWO)
    with pytest.raises(grade.Invalid):
        proposed(site, points)


@pytest.mark.parametrize("more", [{"in_kernel": False}, {"in_kernel": None}, {"scores": []}])
def test_a_report_that_hides_what_it_is_is_refused(browse, site, ps1, more):
    hand_in(browse("alice"), ps1, one=ONE, two=TWO)
    with pytest.raises(grade.Invalid):
        proposed(site, **more)


def test_our_own_units_are_not_reported_as_in_kernel(site):
    from tests.support.work import AUTO, handed_in

    handed_in(site)
    lease = grade.lease(site.store, site.site, "w")
    scores = [{"task": task, "points": 4, "message": SAY} for task in AUTO]
    report = {"lease": lease.lease, "in_kernel": True, "answers": {}, "scores": scores}
    with pytest.raises(grade.Invalid):
        grade.report(site.store, lease.job_id, report, None)


@pytest.fixture
def practice(site, tmp_path):
    """A course whose hours are 2, with an assignment that has no points."""
    cells = make.test_cell("t", "assert x", 0), make.manual("words", 0)
    folder = make.write(tmp_path / "free", free={"one.ipynb": make.notebook(*cells)})
    verbs.import_course(
        site.store,
        plan(folder, options=Options(credit_hours=2.0)),
        at_the_command_line(),
        WantedOffering("free-a", "330199", "t", START, DUE),
        handed_in=any_for,
    )
    with site.store.read() as session:
        return courses.assignments(session, "free-a")["free"].id


def test_what_has_no_points_gives_no_credit_and_says_so_before_the_receipt(browse, site, practice):
    page = browse("alice").page(f"units/{practice}").text
    assert "只供练习" in page and "不记学时" in page
    one = make.notebook(make.test_cell("t", "assert x", 0), make.manual("words", 0))
    row = row_of(hand_in(browse("alice"), practice, one=one), site)
    lease = grade.lease(site.store, site.site, "w")
    tasks = {task.grade_id: task.id for task in lease.unit.tasks}
    scores = [{"task": tasks["t"], "points": 0.0, "message": SAY}]
    report = {"lease": lease.lease, "in_kernel": True, "scores": scores, "answers": {}}
    grade.report(site.store, lease.job_id, report, None)
    where = f"organize/submissions/{row.id}"
    data = {f"m.{one}.points": "0" for one in tasks.values()} | {"comment": "谢谢"}
    browse("county").submit(f"{where}/mark", {**data, "do": "release"}, form_of=where)
    with site.store.read() as session:
        assert session.get_one(Attempt, row.id).state == State.RELEASED
        assert session.query(CreditEntry).count() == 0


def test_charlie_sees_nothing_of_alices(browse, site, ps1):
    row = row_of(hand_in(browse("alice"), ps1, one=ONE, two=TWO), site)
    proposed(site)
    for path in (
        "submissions/{}",
        "receipts/{}",
        "submissions/{}/executed",
        "organize/submissions/{}",
    ):
        assert browse("charlie").page(path.format(row.id)).status_code in (403, 404)
    assert browse("organizer2").page(f"organize/submissions/{row.id}").status_code == 404


def test_exact_points_stay_exact(browse, site, ps1):
    row = row_of(hand_in(browse("alice"), ps1, one=ONE, two=TWO), site)
    tasks = proposed(site, 1 / 3)
    where = f"organize/submissions/{row.id}"
    page = browse("county").page(where).text
    shown = {
        name: re.search(rf'name="m\.{tasks[name]}\.points" value="([^"]*)"', page)[1]
        for name in tasks
    }
    data = {f"m.{tasks[name]}.points": value or "0" for name, value in shown.items()}
    browse("county").submit(f"{where}/mark", {**data, "do": "save"}, form_of=where)
    with site.store.read() as session:
        assert session.get_one(Attempt, row.id).total_points == 1 / 3 + 1
