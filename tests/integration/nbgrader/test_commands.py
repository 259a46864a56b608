"""nbgrader's own commands in a teacher's terminal: list, fetch, submit, fetch feedback."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select
from yanxiu.work.model import Attempt
from yanxiu.work.verbs.release import release

from tests.support.units import notebook
from tests.support.work import marked_with_75


def submitted(county):
    with county.store.read() as session:
        return list(session.scalars(select(Attempt).order_by(Attempt.received_at)))


def release_all(county):
    for row in submitted(county):
        marked_with_75(county, row.id, "写得好，注意分母")
        release(county.store, county.actor("organizer1"), row.id)


def work(folder):
    (folder / "u1.ipynb").write_text(json.dumps(notebook()), encoding="utf-8")


def test_the_whole_loop_as_the_person_whose_server_it_is(service, county, home_of):
    service.start()
    alice = home_of("alice")
    listed = alice.nbgrader("list")
    assert listed.returncode == 0, listed.stdout
    assert "c1 u1　截止 2126" in listed.stdout

    fetched = alice.nbgrader("fetch_assignment", "u1", "--course", "c1")
    assert fetched.returncode == 0, fetched.stdout
    assert sorted(path.name for path in (alice.folder / "u1").iterdir()) == [
        ".yanxiu.json",
        "data",
        "u1.ipynb",
    ]
    assert "already downloaded" in alice.nbgrader("list").stdout

    work(alice.folder / "u1")
    sent = alice.nbgrader("submit", "u1", "--course", "c1")
    assert sent.returncode == 0, sent.stdout
    [row] = submitted(county)
    assert (row.person_id, row.via, row.number) == (county.people["alice"], "jupyter", 1)
    assert f"已收到。回执编号 {row.receipt_no}，第 1 次提交" in sent.stdout
    assert row.receipt_no in alice.nbgrader("list", "--inbound").stdout
    assert "还没有可以取的评语" in alice.nbgrader("fetch_feedback", "u1", "--course", "c1").stdout

    release_all(county)
    assert "可以取评语" in alice.nbgrader("list", "--cached").stdout
    got = alice.nbgrader("fetch_feedback", "u1", "--course", "c1")
    assert got.returncode == 0, got.stdout
    [page] = (alice.folder / "u1/feedback").glob("*/*.html")
    assert "写得好，注意分母" in page.read_text(encoding="utf-8")
    assert "评语已取到本地" in alice.nbgrader("list", "--inbound").stdout


def test_the_same_work_again_is_the_same_attempt_and_changed_work_a_new_one(
    service, county, home_of
):
    service.start()
    alice = home_of("alice")
    alice.nbgrader("fetch_assignment", "u1")  # the only course: it need not be said
    work(alice.folder / "u1")
    for _ in range(2):
        assert "第 1 次提交" in alice.nbgrader("submit", "u1").stdout
    (alice.folder / "u1/more.txt").write_text("x")
    assert "第 2 次提交" in alice.nbgrader("submit", "u1").stdout
    (alice.folder / "u1/more.txt").unlink()
    # Back to the first version: what counts is the last one that was handed in.
    assert "第 3 次提交" in alice.nbgrader("submit", "u1").stdout
    assert [row.number for row in submitted(county)] == [1, 2, 3]


def test_a_folder_of_the_lab_panel_is_submitted_too(service, county, home_of):
    service.start()
    alice = home_of("alice")
    alice.nbgrader("fetch_assignment", "u1")
    (alice.folder / "研修").mkdir()
    shutil.move(alice.folder / "u1", alice.folder / "研修/技术支持（2）")
    work(alice.folder / "研修/技术支持（2）")
    sent = alice.nbgrader("submit", "u1", "--course", "c1")
    assert "第 1 次提交" in sent.stdout, sent.stdout
    assert len(submitted(county)) == 1


def test_without_a_passwd_entry_it_works_as_well(service, county, home_of):
    """Stock nbgrader's submit ends with ``KeyError: getpwuid`` there."""
    service.start()
    alice = home_of("alice")
    for words in (["list"], ["fetch_assignment", "u1"]):
        done = alice.nbgrader(*words, unknown_user=True)
        assert done.returncode == 0, done.stdout
    work(alice.folder / "u1")
    done = alice.nbgrader("submit", "u1", unknown_user=True)
    assert "第 1 次提交" in done.stdout, done.stdout
    assert submitted(county)[0].person_id == county.people["alice"]


@pytest.mark.parametrize(
    "words, sentence",
    [
        (["fetch_assignment", "u9", "--course", "c1"], "课程 c1 里没有作业“u9”。有的是：u1。"),
        (["fetch_assignment", "u1", "--course", "c9"], "课程 c9 里没有作业“u1”"),
        (["submit", "u1"], "这里没有文件夹 u1"),
        (["list", "--remove"], "这里不能删除"),
    ],
)
def test_what_cannot_be_done_is_said(service, county, home_of, words, sentence):
    service.start()
    done = home_of("alice").nbgrader(*words)
    assert done.returncode == 1
    assert sentence in done.stdout
    assert "Traceback" not in done.stdout


def test_work_that_is_there_is_never_written_over(service, county, home_of):
    service.start()
    alice = home_of("alice")
    alice.nbgrader("fetch_assignment", "u1")
    work(alice.folder / "u1")
    before = (alice.folder / "u1/u1.ipynb").read_bytes()
    again = alice.nbgrader("fetch_assignment", "u1")
    assert again.returncode == 1
    assert "没有动它" in again.stdout
    (alice.folder / "u1/data/quiz.csv").unlink()
    replaced = alice.nbgrader("fetch_assignment", "u1", "--replace")
    assert "补上了 data/quiz.csv" in replaced.stdout
    assert (alice.folder / "u1/u1.ipynb").read_bytes() == before


def test_strangers_to_the_course_get_nothing(service, county, home_of):
    service.start()
    alice, organizer = home_of("alice"), home_of("organizer2")
    alice.nbgrader("fetch_assignment", "u1")
    work(alice.folder / "u1")
    alice.nbgrader("submit", "u1")
    release_all(county)
    for words in (["fetch_assignment", "u1"], ["fetch_feedback", "u1"], ["submit", "u1"]):
        done = organizer.nbgrader(*words, "--course", "c1")
        assert done.returncode == 1, done.stdout
        assert "没有作业" in done.stdout
    charlie = home_of("charlie")
    assert submitted(county)[0].receipt_no not in charlie.nbgrader("list", "--inbound").stdout
    assert "还没有可以取的评语" in charlie.nbgrader("fetch_feedback", "u1").stdout
    assert not (charlie.folder / "u1").exists()


def test_outside_the_platform_it_says_so(home_of, service):
    done = home_of("alice").nbgrader("list", JUPYTERHUB_API_TOKEN="")
    assert done.returncode == 1
    assert "这里没有连接平台" in done.stdout


STOCK = """
c = get_config()
c.Exchange.root = {root!r}
c.Exchange.cache = {cache!r}
"""


def stock(folder: Path, *words: str) -> str:
    """Run a command of nbgrader with its own exchange, a shared folder."""
    (folder / "nbgrader_config.py").write_text(
        STOCK.format(root=str(folder / "exchange"), cache=str(folder / "cache"))
    )
    done = subprocess.run(
        [Path(sys.executable).with_name("nbgrader"), *words],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "JUPYTER_CONFIG_DIR": str(folder)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.stdout


@pytest.fixture
def stock_course(tmp_path):
    """A released assignment in nbgrader's own exchange."""
    folder = tmp_path / "stock"
    outbound = folder / "exchange/c1/outbound/u1"
    outbound.mkdir(parents=True)
    (folder / "exchange").chmod(0o777)
    inbound = folder / "exchange/c1/inbound"
    inbound.mkdir()
    inbound.chmod(0o2733)
    work(outbound)
    stock(folder, "fetch_assignment", "u1", "--course", "c1")
    return folder


def test_nobody_submits_as_somebody_else(service, county, home_of, stock_course):
    # Stock: whoever types a name hands in under it.
    said = stock(stock_course, "submit", "u1", "--course", "c1", "--student", "bob")
    assert "Submitted as" in said, said
    assert any((stock_course / "exchange/c1/inbound").glob("bob+u1+*"))

    service.start()
    alice, bob = home_of("alice"), county.people["bob"]
    alice.nbgrader("fetch_assignment", "u1")
    work(alice.folder / "u1")
    refused = alice.nbgrader("submit", "u1", "--course", "c1", "--student", bob)
    assert refused.returncode == 1
    assert "总是以您自己的名义" in refused.stdout
    assert submitted(county) == []
    # Nor by saying that the server is somebody else's: the token says whose it is.
    alice.nbgrader("submit", "u1", JUPYTERHUB_USER=bob)
    assert [row.person_id for row in submitted(county)] == [county.people["alice"]]


def test_a_link_does_not_carry_anything_else_away(service, county, home_of, stock_course, tmp_path):
    secret = tmp_path / "source.ipynb"
    secret.write_text(json.dumps({**notebook(), "metadata": {"answer": "SECRET-42"}}))
    # Stock: a link in the submitted folder is followed.
    (stock_course / "u1/extra.ipynb").symlink_to(secret)
    stock(stock_course, "submit", "u1", "--course", "c1")
    [copied] = (stock_course / "exchange/c1/inbound").glob("*+u1+*")
    assert "SECRET-42" in (copied / "extra.ipynb").read_text()

    service.start()
    alice = home_of("alice")
    alice.nbgrader("fetch_assignment", "u1")
    work(alice.folder / "u1")
    (alice.folder / "u1/extra.ipynb").symlink_to(secret)
    (alice.folder / "u1/all").symlink_to(tmp_path)
    sent = alice.nbgrader("submit", "u1")
    assert (
        "没有放进去的（链接、特殊文件、读不出来的，或名字太长、太深）：all、extra.ipynb"
        in sent.stdout
    )
    [row] = submitted(county)
    assert b"SECRET-42" not in county.store.blobs.read(row.bundle_blob)
