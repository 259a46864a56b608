"""Handing in, against a web server that answers as told."""

import json

import pytest
from nbgrader_yanxiu.records import Records
from worksheet.submitting import SubmitView

from tests.support.records_stand_in import ASSIGNMENT, RECEIPT, TOKEN, standing_in

#: The client's first try and all that follow.
TRIES = 5


@pytest.fixture
def service():
    with standing_in() as service:
        yield service


def connect():
    return Records(Records.from_environment("zh_CN").wire, sleep=lambda _: None)


@pytest.fixture
def view(sheet, folder, service, monkeypatch):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
    monkeypatch.setenv("YANXIU_RECORDS_URL", service.url)
    (folder / ".yanxiu.json").write_text(json.dumps({"assignment": ASSIGNMENT}))
    for name, value in {
        "number": 1,
        "choice": "a",
        "choices": ["a"],
        "table": {"r1": {"n": 1, "p": 1}, "r2": {"n": 1, "p": 1}},
        "text": "五个字正好",
        "chart": {"kind": "bar", "x": "topic", "y": "p", "points": {"one": 1, "two": 1}},
    }.items():
        sheet.save(name, value)
    return SubmitView(sheet, connect)


def test_the_receipt_is_shown(view, service):
    service.answers = [(201, RECEIPT)]
    view.button.click()
    assert "回执编号 2026-000123，第 1 次提交，时间 2026-11-21 22:05:09" in view.status.value
    assert 'href="/services/records/r/1"' in view.status.value
    path, headers, body = service.calls[0]
    assert path == f"/services/records/api/v1/units/{ASSIGNMENT}/submissions"
    assert headers["Authorization"] == f"token {TOKEN}"
    assert headers["Content-Type"] == "application/x-tar"
    assert b"answers.json" in body


def test_the_token_is_neither_shown_nor_saved_nor_sent(view, service, folder):
    service.answers = [*[(500, b"oops")] * TRIES, (403, {"message": "no"}), (201, RECEIPT)]
    for _ in range(3):
        view.button.click()
        assert TOKEN not in view.status.value
    assert not any(TOKEN.encode() in p.read_bytes() for p in folder.rglob("*") if p.is_file())
    assert not any(TOKEN.encode() in body for _, _, body in service.calls)
    assert TOKEN not in repr(vars(view))


@pytest.mark.parametrize(
    "trouble, sentence",
    [
        ((500, b"oops"), "平台暂时出了问题"),
        ((503, {"message": "busy"}), "平台暂时出了问题"),
        ((429, b"later"), "平台暂时出了问题"),
        ((None, b""), "现在连不上平台"),
        ((200, b"<html>"), "现在连不上平台"),
    ],
)
def test_after_trouble_the_work_is_safe_and_the_same_key_is_sent_again(
    view, service, trouble, sentence
):
    service.answers = [*[trouble] * TRIES, (201, RECEIPT)]
    view.button.click()
    assert sentence in view.status.value
    assert "没有丢" in view.status.value
    view.button.click()
    assert "已收到" in view.status.value
    assert len(set(service.keys())) == 1
    assert len(service.calls) == TRIES + 1


def test_changed_work_gets_a_new_key(view, service, sheet):
    service.answers = [*[(500, b"")] * TRIES, (201, RECEIPT), (201, RECEIPT)]
    view.button.click()
    sheet.save("number", 2)
    view.button.click()
    view.button.click()  # the same again after a receipt: the service decides, by digest
    assert len(set(service.keys())) == 3


@pytest.mark.parametrize(
    "answer, sentence",
    [
        (
            (409, {"code": "closed", "message": "已经截止，<b>不能</b>再交。"}),
            "没有收：已经截止，&lt;b&gt;",
        ),
        ((401, b""), "登录已经过期"),
        ((403, [1]), "登录已经过期"),
        ((302, b""), "登录已经过期"),
    ],
)
def test_a_refusal_is_said_and_a_redirect_is_not_followed(view, service, answer, sentence):
    service.answers = [answer]
    view.button.click()
    assert sentence in view.status.value
    assert len(service.calls) == 1
    assert view.button.disabled is False


def test_a_strange_link_is_not_shown(view, service):
    service.answers = [(201, {**RECEIPT, "url": "javascript:alert(1)"})]
    view.button.click()
    assert "javascript" not in view.status.value


def test_unfinished_work_asks_once_more(view, service, sheet):
    sheet.save("number", None)
    service.answers = [(201, RECEIPT)]
    view.button.click()
    assert "还有 1 项没有做完：任务number" in view.status.value
    assert service.calls == []
    view.button.click()
    assert "已收到" in view.status.value


@pytest.mark.parametrize(
    "content", [None, "{", "[]", '{"assignment": "../x"}', '{"assignment": 1}']
)
def test_without_an_assignment_nothing_is_sent(view, service, folder, content):
    (folder / ".yanxiu.json").unlink()
    if content is not None:
        (folder / ".yanxiu.json").write_text(content)
    view.button.click()
    assert "找不到要交到哪里" in view.status.value
    assert service.calls == []


@pytest.mark.parametrize("name", ["JUPYTERHUB_API_TOKEN", "YANXIU_RECORDS_URL"])
def test_outside_the_platform_nothing_is_sent(view, service, monkeypatch, name):
    monkeypatch.delenv(name)
    view.button.click()
    assert "这里没有连接平台" in view.status.value


def test_nobody_listens(view, service, monkeypatch):
    monkeypatch.setenv("YANXIU_RECORDS_URL", "http://127.0.0.1:9")
    view.button.click()
    assert "现在连不上平台" in view.status.value
