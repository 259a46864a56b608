"""nbgrader's commands for instructors, from an organizer's own computer with a token for teaching."""

import json
import shutil

import pytest
from sqlalchemy import select
from yanxiu.courses.model import ReleaseUnit
from yanxiu.login import tokens
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt
from yanxiu_formats.bundle import unpack as read_files

from tests.support import nbgrader_course
from tests.support.jupyter_home import Home
from tests.support.units import notebook
from tests.support.work import marked_with_75


@pytest.fixture
def desk(service, county, tmp_path):
    """Give organizers' computers: nothing of a server, and the token in a file."""

    def make(who: str, *scopes: str) -> Home:
        folder = tmp_path / "desks" / who
        folder.mkdir(parents=True)
        token = tokens.issue(
            county.store, county.people[who], scopes or ("teach",), 1, actor="system:test"
        )
        path = folder / ".config/yanxiu/token"
        path.parent.mkdir(parents=True)
        path.write_text(token + "\n")
        path.chmod(0o600)
        return Home(folder, service.url)

    return make


def hand_in(home: Home) -> None:
    home.nbgrader("fetch_assignment", "u1")
    (home.folder / "u1/u1.ipynb").write_text(json.dumps(notebook()), encoding="utf-8")
    assert "已收到" in home.nbgrader("submit", "u1").stdout


def only_submission(county):
    with county.store.read() as session:
        return session.scalars(select(Attempt)).one()


def test_collect_and_release_feedback(service, county, home_of, desk):
    service.start()
    alice, organizer = home_of("alice"), desk("organizer1")
    hand_in(alice)
    listed = organizer.nbgrader("list").stdout + organizer.nbgrader("list", "--inbound").stdout
    assert "c1 u1　截止 2126" in listed
    assert f"c1 {county.people['alice']} u1" in listed
    assert only_submission(county).receipt_no in listed
    collected = organizer.nbgrader("collect", "u1", "--course", "c1")
    assert collected.returncode == 0, collected.stdout
    place = organizer.folder / "submitted" / county.people["alice"] / "u1"
    assert {"timestamp.txt", "u1.ipynb"} <= {path.name for path in place.iterdir()}
    assert json.loads((place / "u1.ipynb").read_text()) == notebook()
    again = organizer.nbgrader("collect", "u1", "--course", "c1", "--update")
    assert "没有动" in again.stdout

    # What generate_feedback leaves: a page and the time of the attempt.
    made = organizer.folder / "feedback" / county.people["alice"] / "u1"
    made.mkdir(parents=True)
    shutil.copy(place / "timestamp.txt", made)
    (made / "u1.html").write_text("<p>注意分母</p>")
    marked_with_75(county, only_submission(county).id)
    sent = organizer.nbgrader("release_feedback", "u1", "--course", "c1")
    assert sent.returncode == 0, sent.stdout
    assert "成绩已发布" in sent.stdout
    assert only_submission(county).state == "released"

    got = alice.nbgrader("fetch_feedback", "u1")
    assert got.returncode == 0, got.stdout
    pages = {path.name: path.read_text() for path in (alice.folder / "u1/feedback").glob("*/*")}
    assert pages["u1.html"] == "<p>注意分母</p>"
    assert "75" in pages["feedback.html"]
    with county.store.read() as session:
        verbs = {event.verb for event in session.scalars(select(AuditEvent))}
    assert {"teach.courses", "teach.list", "teach.collect", "teach.feedback"} <= verbs


def test_an_organizer_of_another_school_collects_nothing(service, county, home_of, desk):
    service.start()
    hand_in(home_of("alice"))
    for who, said in (("organizer2", "还没有您能收的提交"), ("county2", "没有作业")):
        stranger = desk(who)
        done = stranger.nbgrader("collect", "u1", "--course", "c1")
        assert said in done.stdout, done.stdout
        assert not (stranger.folder / "submitted").exists()


@pytest.mark.parametrize(
    "words", [["collect", "u1"], ["release_feedback", "u1"], ["release_assignment", "u1"]]
)
def test_a_servers_token_does_not_teach(service, home_of, words):
    """Not even an organizer's: a notebook that they open could do the same."""
    service.start()
    done = home_of("organizer1").nbgrader(*words, "--course", "c1")
    assert done.returncode == 1
    assert "教学令牌" in done.stdout


def test_a_token_that_others_can_read_is_not_used(service, county, desk):
    service.start()
    organizer = desk("organizer1")
    (organizer.folder / ".config/yanxiu/token").chmod(0o640)
    done = organizer.nbgrader("collect", "u1", "--course", "c1")
    assert done.returncode == 1
    assert "chmod 600" in done.stdout


SOURCE = nbgrader_course.notebook(
    nbgrader_course.solution("x", "x = 42"),
    nbgrader_course.test_cell("test_x", "assert x == 42", 2),
)


def test_release_assignment_makes_a_unit_without_its_solution(service, county, desk, tmp_path):
    service.start()
    organizer = desk("county")
    source = organizer.folder / "source/ps1"
    source.mkdir(parents=True)
    (source / "ps1.ipynb").write_bytes(SOURCE)
    secret = tmp_path / "elsewhere.txt"
    secret.write_text("SECRET-42")
    early = organizer.nbgrader("release_assignment", "ps1", "--course", "plain-course")
    assert "generate_assignment" in early.stdout
    made = organizer.nbgrader("generate_assignment", "ps1", "--course", "plain-course")
    assert made.returncode == 0, made.stdout
    (source / "link.txt").symlink_to(secret)
    done = organizer.nbgrader("release_assignment", "ps1", "--course", "plain-course")
    assert done.returncode == 0, done.stdout
    assert "已发布：课程 plain-course 的作业 ps1。" in done.stdout
    with county.store.read() as session:
        [unit] = session.scalars(select(ReleaseUnit).where(ReleaseUnit.unit_key == "ps1"))
    learner = county.store.blobs.read(unit.learner_blob)
    assert b"x = 42" not in learner
    assert b"SECRET-42" not in learner + county.store.blobs.read(unit.scoring_blob)


def test_learners_get_the_release_folder_and_nothing_that_is_ignored(service, county, desk):
    """The fault: files of the source folder, ``private/answers.txt`` too, went to learners."""
    service.start()
    organizer = desk("county")
    make_course(organizer)
    organizer.nbgrader("generate_assignment", "ps1", "--course", "plain-course")
    (organizer.folder / "release/ps1/late.key").write_text("SECRET-4")
    done = organizer.nbgrader("release_assignment", "ps1", "--course", "plain-course")
    assert done.returncode == 0, done.stdout
    assert "有 1 个文件或文件夹没有发布" in done.stdout and "late.key" in done.stdout
    with county.store.read() as session:
        [unit] = session.scalars(select(ReleaseUnit).where(ReleaseUnit.unit_key == "ps1"))
    learner = read_files(county.store.blobs.read(unit.learner_blob))
    assert learner.keys() == {"ps1.ipynb", "data.csv"}
    assert b"SECRET" not in b"".join(learner.values())
    assert "谢谢" in learner["ps1.ipynb"].decode()
    scoring = county.store.blobs.read(unit.scoring_blob)
    assert b"assert x == 42" in scoring and b"SECRET" not in scoring


def test_a_release_that_still_has_hidden_tests_is_refused_with_its_cell(service, county, desk):
    service.start()
    organizer = desk("county")
    make_course(organizer)
    shutil.copytree(organizer.folder / "source/ps1", organizer.folder / "release/ps1")
    done = organizer.nbgrader("release_assignment", "ps1", "--course", "plain-course")
    assert done.returncode == 1
    assert "第 2 格里有隐藏测试" in done.stdout, done.stdout
    with county.store.read() as session:
        assert not list(session.scalars(select(ReleaseUnit).where(ReleaseUnit.unit_key == "ps1")))


def make_course(organizer: Home) -> None:
    """Write a course whose settings are a program: nbgrader runs it, the platform need not."""
    place = organizer.folder / "source/ps1"
    (place / "private").mkdir(parents=True)
    (place / "private/answers.txt").write_text("SECRET-1")
    (place / "data.csv").write_text("1")
    (place / "ps1.ipynb").write_bytes(
        nbgrader_course.notebook(
            nbgrader_course.solution("x", "x = 42"),
            nbgrader_course.cell(
                "assert x\n# TEACHER\nassert x == 42\n# LEARNER",
                grade=True,
                locked=True,
                grade_id="t",
                points=2,
            ),
        )
    )
    footer = nbgrader_course.notebook(nbgrader_course.cell("谢谢", "markdown"))
    (organizer.folder / "source/end.ipynb").write_bytes(footer)
    with (organizer.folder / "nbgrader_config.py").open("a") as file:
        file.write(
            "\nc = get_config()\nWORD = 'TEACHER'\n"
            "c.ClearHiddenTests.begin_test_delimeter = WORD\n"
            "c.ClearHiddenTests.end_test_delimeter = WORD.replace('TEACH', 'LEARN')\n"
            "c.CourseDirectory.ignore.extend(['private', '*.key'])\n"
            "c.IncludeHeaderFooter.footer = 'source/end.ipynb'\n"
        )


def test_autotest_is_released_with_the_tests_that_nbgrader_made(service, county, desk):
    """The platform runs nothing of the course: the teacher's own nbgrader has."""
    service.start()
    organizer = desk("county")
    place = organizer.folder / "source/ps1"
    place.mkdir(parents=True)
    (place / "ps1.ipynb").write_bytes(
        nbgrader_course.notebook(
            nbgrader_course.solution("x", "x = base + 2"),
            nbgrader_course.test_cell("t", "# AUTOTEST x", 2),
            nbgrader_course.test_cell("h", "# HASHED AUTOTEST x"),
        )
    )
    header = nbgrader_course.notebook(nbgrader_course.cell("base = 40"))
    (organizer.folder / "source/head.ipynb").write_bytes(header)
    shutil.copy(nbgrader_course.EXAMPLE.parent / "autotests.yml", organizer.folder)
    with (organizer.folder / "nbgrader_config.py").open("a") as file:
        file.write("\nc = get_config()\nc.IncludeHeaderFooter.header = 'source/head.ipynb'\n")
    made = organizer.nbgrader("generate_assignment", "ps1", "--course", "plain-course")
    assert made.returncode == 0, made.stdout
    done = organizer.nbgrader("release_assignment", "ps1", "--course", "plain-course")
    assert done.returncode == 0, done.stdout
    with county.store.read() as session:
        [unit] = session.scalars(select(ReleaseUnit).where(ReleaseUnit.unit_key == "ps1"))
    learner = read_files(county.store.blobs.read(unit.learner_blob))["ps1.ipynb"]
    grading = read_files(county.store.blobs.read(unit.scoring_blob))["grading/ps1.ipynb"]

    def tests(data):
        cells = json.loads(data)["cells"]
        return [
            "".join(one["source"])
            for one in cells
            if one["metadata"].get("nbgrader", {}).get("grade_id") in ("t", "h")
        ]

    assert tests(grading) == tests(learner)
    assert "assert str(x) ==" in tests(learner)[0] and "AUTOTEST" not in "".join(tests(learner))
    assert "base = 40" in learner.decode() and "base = 40" in grading.decode()
