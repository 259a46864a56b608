"""What the client says and sends, against a service that answers as told."""

import string
import subprocess
import sys

import pytest
from nbgrader_yanxiu.bundle import Bundle
from nbgrader_yanxiu.errors import NotConnected, Refused, TryAgain
from nbgrader_yanxiu.records import Records
from nbgrader_yanxiu.upload import PAUSES_S, SMALL_BYTES
from nbgrader_yanxiu.words import MESSAGES

from tests.support.records_stand_in import ASSIGNMENT, RECEIPT, TOKEN, standing_in

TRIES = len(PAUSES_S) + 1
SMALL = Bundle(b"x" * 100, "d" * 64, 1, ())
BIG = Bundle(b"x" * (SMALL_BYTES + 1), "d" * 64, 1, ())


@pytest.fixture
def service():
    with standing_in() as service:
        yield service


@pytest.fixture
def records(service):
    environ = {"YANXIU_RECORDS_URL": service.url, "JUPYTERHUB_API_TOKEN": TOKEN}
    waited = []
    return Records(Records.from_environment("zh_CN", environ).wire, sleep=waited.append)


def test_a_receipt_is_read(records, service):
    service.answers = [(201, RECEIPT)]
    receipt = records.submit(ASSIGNMENT, SMALL, "key")
    assert (receipt.receipt, receipt.attempt) == ("2026-000123", 1)
    assert receipt.local_time == "2026-11-21 22:05:09"
    path, headers, body = service.calls[0]
    assert path == f"/services/records/api/v1/units/{ASSIGNMENT}/submissions"
    assert headers["Authorization"] == f"token {TOKEN}"
    assert headers["Accept-Language"] == "zh-CN"
    assert (headers["X-Client-Key"], body) == ("key", SMALL.body)


@pytest.mark.parametrize(
    "trouble, sentence",
    [
        ((500, b"oops"), "平台暂时出了问题"),
        ((503, {"message": "busy"}), "平台暂时出了问题"),
        ((408, {"message": "slow"}), "平台暂时出了问题"),
        ((404, b"404 page not found"), "平台暂时出了问题"),  # the proxy, while records restarts
        ((429, b"later"), "平台暂时出了问题"),
        ((None, b""), "现在连不上平台"),
        ((200, b"<html>"), "现在连不上平台"),
    ],
)
def test_trouble_is_tried_again_with_the_same_key_and_then_said(
    records, service, trouble, sentence
):
    service.answers = [trouble] * TRIES
    with pytest.raises(TryAgain, match=sentence) as caught:
        records.submit(ASSIGNMENT, SMALL, "key")
    assert caught.value.percent is None
    assert len(service.calls) == TRIES
    assert set(service.keys()) == {"key"}


@pytest.mark.parametrize("answer", [{"receipt": "1"}, [1], {**RECEIPT, "received_at": "soon"}])
def test_half_a_receipt_is_none(records, service, answer):
    service.answers = [(201, answer)]
    with pytest.raises(TryAgain, match="现在连不上平台"):
        records.submit(ASSIGNMENT, SMALL, "key")


def test_what_has_arrived_is_said(records, service):
    opened = (201, {"upload": "u", "offset": SMALL_BYTES // 2, "chunk_bytes": 1000})
    service.answers = [opened, (503, b"")] * TRIES
    seen = []
    with pytest.raises(TryAgain, match=r"可能没有收到。.*已传 49%，再试会接着传。") as caught:
        records.submit(ASSIGNMENT, BIG, "key", lambda *step: seen.append(step))
    assert caught.value.percent == 49
    assert "49% has arrived" in caught.value.text("en")
    assert seen[:2] == [(0, SMALL_BYTES + 1), (SMALL_BYTES // 2, SMALL_BYTES + 1)]


def test_a_receipt_whose_answer_was_lost_is_found(records, service):
    service.answers = [(None, b""), (200, {"receipt": RECEIPT})]
    assert records.submit(ASSIGNMENT, SMALL, "key").receipt == "2026-000123"
    assert len(service.calls) == 2


@pytest.mark.parametrize(
    "answer, sentence",
    [
        ((409, {"code": "submit.closed", "message": "已经截止。"}), "没有收：已经截止。"),
        ((507, {"code": "storage.full", "message": "存储空间满了。"}), "没有收：存储空间满了。"),
        ((401, b""), "登录已经过期"),
        ((403, [1]), "登录已经过期"),
        ((302, b""), "登录已经过期"),
        ((307, b""), "登录已经过期"),
    ],
)
def test_a_refusal_is_said_once_and_no_redirect_is_followed(records, service, answer, sentence):
    service.answers = [answer]
    with pytest.raises(Refused, match=sentence) as caught:
        records.submit(ASSIGNMENT, SMALL, "key")
    assert len(service.calls) == 1
    assert caught.value.status == answer[0]
    assert TOKEN not in repr(caught.value) + str(vars(caught.value)) + repr(records)


@pytest.mark.parametrize("name", ["JUPYTERHUB_API_TOKEN", "YANXIU_RECORDS_URL"])
@pytest.mark.parametrize("value", [None, ""])
def test_outside_the_platform_nothing_is_sent(records, service, name, value):
    environ = {**records.wire.environ, name: value or ""}
    if value is None:
        del environ[name]
    with pytest.raises(NotConnected, match="这里没有连接平台"):
        Records.from_environment("zh_CN", environ).units()
    assert service.calls == []


def test_a_strange_address_is_not_asked(records):
    environ = {**records.wire.environ, "YANXIU_RECORDS_URL": "file:///etc/passwd"}
    with pytest.raises(NotConnected):
        Records.from_environment("zh_CN", environ).units()


def test_a_token_that_is_replaced_is_the_one_used(records, service):
    service.answers = [(200, [])] * 2
    records.units()
    records.wire.environ["JUPYTERHUB_API_TOKEN"] = "another"
    records.units()
    assert [call[1]["Authorization"] for call in service.calls] == [
        f"token {TOKEN}",
        "token another",
    ]


@pytest.mark.parametrize(
    "answer, found",
    [({"released": False}, None), ({"released": True, "comment": "好"}, "好")],
)
def test_feedback_is_none_until_it_is_released(records, service, answer, found):
    service.answers = [(200, answer)]
    feedback = records.feedback(ASSIGNMENT)
    assert (feedback and feedback["comment"]) == found


def test_every_sentence_has_two_languages_with_the_same_blanks():
    for name, texts in MESSAGES.items():
        blanks = [{field for _, field, _, _ in string.Formatter().parse(t) if field} for t in texts]
        assert all(texts), name
        assert blanks[0] == blanks[1], name


def test_the_client_does_not_import_nbgrader():
    program = (
        "import sys, nbgrader_yanxiu, nbgrader_yanxiu.records, nbgrader_yanxiu.bundle;"
        "print(*(n for n in ('nbgrader', 'jupyter_core', 'IPython') if n in sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
