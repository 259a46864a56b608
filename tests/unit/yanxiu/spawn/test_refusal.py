"""What somebody is told who has no place."""

import pytest
from yanxiu.i18n import translator
from yanxiu.quota.engine import Denied, Waiting
from yanxiu.quota.rules import Code, Reason, Resource
from yanxiu.spawn.refusal import no_place

SCHOOL = Reason(Code.CEILING, "县三小", "2133000001", Resource.SERVERS, 30.0, 30.0)


def test_a_refusal_says_all_that_helps():
    refused = no_place(Waiting(SCHOOL, 3, 2, 600.0), ["校管理员"])
    assert refused.status_code == 429
    assert refused.headers == {"Retry-After": "30"}
    said = refused.jupyterhub_message
    for words in (
        "县三小 30/30 台在用",
        "您排在第 3 位，前面有 2 人。",
        "大约还要等 10 分钟。",
        "请联系本校管理员：校管理员。",
        "您的文件都在，不受影响。",
        "不开 Jupyter 也可以交作业",
    ):
        assert words in said
    assert refused.waiting


def test_it_is_said_in_the_readers_language():
    said = no_place(Waiting(SCHOOL, 1, 0, None), []).jupyterhub_message.say(
        translator("en").gettext
    )
    assert "30/30" in said
    assert not any("一" <= character <= "鿿" for character in said.replace("县三小", ""))


def test_a_log_has_the_code_and_nobodys_name():
    refused = no_place(Denied(SCHOOL), ["校管理员"])
    assert refused.log_message == refused.reason == "quota.ceiling"
    assert "校管理员" not in str(refused)
    assert not refused.waiting


RUNNING = (Resource.SERVERS, Resource.APP_KERNELS, Resource.CPUS, Resource.MEMORY_MB)
CAN_BE_FULL = [
    *((code, one) for code in Code if code not in {Code.HOURS, Code.NEXT} for one in RUNNING),
    (Code.HOURS, Resource.SERVER_HOURS),
    (Code.PER_TEACHER, Resource.SERVER_HOURS),
]


@pytest.mark.parametrize(("code", "resource"), CAN_BE_FULL)
@pytest.mark.parametrize("org", ["县三小", ""])
def test_there_are_words_for_whatever_can_be_full(code, resource, org):
    reason = Reason(code, org, "", resource, 7.25, 8.0)
    said = no_place(Denied(reason), []).jupyterhub_message
    assert "7.25/8" in said
    assert said.endswith("提交。")


def test_the_month_is_not_over_in_a_minute():
    reason = Reason(Code.HOURS, "县三小", "x", Resource.SERVER_HOURS, 9.0, 9.0)
    assert int(no_place(Denied(reason), []).headers["Retry-After"]) >= 3600
