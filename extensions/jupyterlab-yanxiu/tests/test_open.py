"""From the portal's button to the notebook: a real Jupyter server, a stand-in for records."""

import json
import tarfile
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

import httpx
import pytest


def test_the_first_click_makes_the_folder_and_opens_the_notebook(jupyter):
    answer = jupyter.open()
    assert answer.status_code == 302
    assert unquote(answer.headers["Location"]) == "/user/alice/lab/tree/研修/a1/a1.ipynb"
    folder = jupyter.home / "研修" / "a1"
    assert (folder / "data" / "prequiz.csv").read_text() == "pupil,points\nS01,3\n"
    mark = json.loads((folder / ".yanxiu.json").read_text())
    assert mark["assignment"] == jupyter.assignment
    assert mark["url"] == f"/services/records/units/{jupyter.assignment}"
    assert [path.name for path in (jupyter.home / "研修").iterdir()] == ["a1"]


def test_the_second_click_asks_nobody_and_keeps_the_work(jupyter, stand_in):
    jupyter.open()
    work = jupyter.home / "研修" / "a1" / "a1.ipynb"
    work.write_text("my work")
    stand_in.calls.clear()
    stand_in.status = 500
    assert jupyter.open().status_code == 302
    assert work.read_text() == "my work"
    assert stand_in.calls == []


def test_a_deleted_notebook_comes_back_and_the_rest_stays(jupyter):
    jupyter.open()
    folder = jupyter.home / "研修" / "a1"
    (folder / "a1.ipynb").unlink()
    (folder / "data" / "prequiz.csv").write_text("mine")
    assert jupyter.open().status_code == 302
    assert (folder / "a1.ipynb").exists()
    assert (folder / "data" / "prequiz.csv").read_text() == "mine"


def test_a_renamed_folder_is_found(jupyter):
    jupyter.open()
    (jupyter.home / "研修" / "a1").rename(jupyter.home / "研修" / "学情分析")
    location = unquote(jupyter.open().headers["Location"])
    assert location.endswith("/研修/学情分析/a1.ipynb")


def test_a_name_that_is_taken_is_left_alone(jupyter):
    taken = jupyter.home / "研修" / "a1"
    taken.mkdir(parents=True)
    (taken / "a1.ipynb").write_text("somebody's")
    location = unquote(jupyter.open().headers["Location"])
    assert location.endswith("/研修/a1（2）/a1.ipynb")
    assert (taken / "a1.ipynb").read_text() == "somebody's"


def test_clicking_twice_at_once_makes_one_folder(jupyter):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: jupyter.open(), range(4)))
    assert {answer.status_code for answer in answers} == {302}
    assert [path.name for path in (jupyter.home / "研修").iterdir()] == ["a1"]


def test_nobody_opens_a_unit_without_logging_in(jupyter, stand_in):
    for token in ("none", "wrong" * 8):
        answer = jupyter.open(token=token)
        assert answer.status_code in (302, 401, 403)
        assert "/lab/tree" not in answer.headers.get("Location", "")
    assert stand_in.calls == []
    assert not (jupyter.home / "研修").exists()


def test_somebody_elses_unit_is_not_there(jupyter):
    answer = jupyter.open("0198f000-0000-7000-8000-0000000000ff")
    assert answer.status_code == 404
    assert "您的研修里没有这个单元" in answer.text
    assert not (jupyter.home / "研修").exists()


@pytest.mark.parametrize(
    "status, shown, says",
    [
        (401, 403, "登录已经过期"),
        (403, 403, "这个单元还没有开放。"),
        (404, 404, "您的研修里没有这个单元"),
        (409, 403, "这个单元还没有开放。"),
        (302, 403, "没有给出这个单元的材料"),
        (429, 503, "过一分钟再试"),
        (500, 503, "过一分钟再试"),
        (503, 503, "您的文件没有受影响"),
    ],
)
def test_a_refusal_is_a_page_that_says_what_to_do(jupyter, stand_in, status, shown, says):
    stand_in.status, stand_in.message = status, "这个单元还没有开放。"
    answer = jupyter.open()
    assert answer.status_code == shown
    assert says in answer.text
    assert 'href="/services/records/"' in answer.text
    assert stand_in.token not in answer.text
    assert not (jupyter.home / "研修").exists()


def test_a_message_of_records_is_text_and_not_markup(jupyter, stand_in):
    stand_in.status, stand_in.message = 403, "<script>alert(1)</script>"
    assert "<script" not in jupyter.open().text


def test_a_browser_that_asks_for_english_gets_english(jupyter, stand_in):
    stand_in.status = 500
    assert "try again in a minute" in jupyter.open(language="en-GB,en;q=0.8").text


def link(name, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


@pytest.mark.parametrize(
    "files, members",
    [
        ({"a1/../../escape": b"x", "a1/a1.ipynb": b"{}"}, []),
        ({"/escape": b"x", "a1/a1.ipynb": b"{}"}, []),
        ({"a1/a1.ipynb": b"{}", "b1/x": b""}, []),
        ({"a1.ipynb": b"{}"}, []),
        ({"a1/readme.md": b""}, []),
        ({"a1/a1.ipynb": b"{}"}, [link("a1/data", tarfile.SYMTYPE)]),
        ({"a1/a1.ipynb": b"{}"}, [link("a1/data", tarfile.LNKTYPE)]),
        ({"a1/a1.ipynb": b"{}"}, [link("a1/data", tarfile.FIFOTYPE)]),
        ({}, []),
    ],
)
def test_a_bad_package_writes_nothing(jupyter, stand_in, files, members):
    from .conftest import tar

    stand_in.archive = tar(files, *members)
    answer = jupyter.open()
    assert answer.status_code == 502
    assert "没有写入任何文件" in answer.text
    assert not (jupyter.home / "研修").exists()


def test_what_is_no_tar_writes_nothing(jupyter, stand_in):
    stand_in.archive = b"<html>502</html>" * 100
    assert jupyter.open().status_code == 502
    assert not (jupyter.home / "研修").exists()


def test_a_home_that_cannot_be_written_is_said(jupyter):
    (jupyter.home / "研修").write_text("a file in the way")
    try:
        answer = jupyter.open()
        assert answer.status_code == 500
        assert "没能把单元写进您的文件夹" in answer.text
    finally:
        (jupyter.home / "研修").unlink()


def test_records_that_is_away_and_a_server_without_records(start_server):
    from .conftest import ASSIGNMENT

    away = start_server(
        YANXIU_RECORDS_URL="http://127.0.0.1:9/services/records", JUPYTERHUB_API_TOKEN=ASSIGNMENT
    )
    alone = start_server()
    for server, says in ((away, "暂时没有回应"), (alone, "没有连接研修平台")):
        headers = {"Authorization": f"token {server.token}"}
        answer = httpx.get(f"{server.base}/yanxiu/open/{ASSIGNMENT}", headers=headers, timeout=30)
        assert answer.status_code == 503
        assert says in answer.text
        assert server.token not in answer.text


def test_the_log_holds_no_token(jupyter, stand_in):
    jupyter.open()
    stand_in.status = 500
    (jupyter.home / "研修" / "a1").rename(jupyter.home / "研修" / "gone")
    (jupyter.home / "研修" / "gone" / ".yanxiu.json").unlink()
    jupyter.open()
    log = jupyter.log.read_text()
    assert "a unit was not opened: away" in log
    assert stand_in.token not in log
