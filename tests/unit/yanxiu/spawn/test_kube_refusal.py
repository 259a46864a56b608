"""A cluster's no, as a teacher reads it: the sentences of one machine, and never an error."""

import pytest
from yanxiu.kube.problems import Kind, Problem, Shortage
from yanxiu.spawn.kube_refusal import refusal_for

MB, GB = 1 << 20, 1 << 30


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (Problem(Kind.FULL, (Shortage("pods", 30, 30),)), "县三小 30/30 台在用，没有空位再开一台 Jupyter。"),
        (Problem(Kind.FULL, (Shortage("limits.memory", 7800 * MB, 8192 * MB),)), "县三小的内存 7800/8192 MB 在用"),
        (Problem(Kind.FULL, (Shortage("requests.cpu", 1.5, 2),)), "县三小的处理器 1.5/2 核在用"),
        (Problem(Kind.FULL, (Shortage("requests.storage", 10 * GB, 10 * GB),)), "个人文件夹空间不够（10/10 GB）"),
        (Problem(Kind.FULL, (Shortage("persistentvolumeclaims", 40, 40),)), "个人文件夹空间不够（40/40）"),
        (Problem(Kind.FULL), "现在都忙"),  # an API server that says it otherwise
        (Problem(Kind.NOT_COUNTED), "刚刚建好"),
        (Problem(Kind.UNLIMITED), "没有启动成功"),
        (Problem(Kind.NO_NAMESPACE), "还没有建好"),
        (Problem(Kind.AWAY), "集群正在恢复"),
        (Problem(Kind.FORBIDDEN), "没有启动成功"),
    ],
)  # fmt: skip
def test_what_a_teacher_is_told(problem, said):
    refusal = refusal_for(problem, "县三小", "2133000001", ["柴老师"])
    assert said in str(refusal.jupyterhub_message)
    # The hub counts what is 500 and above, and would end itself for every school.
    assert 400 <= refusal.status_code < 500


def test_who_is_full_is_told_whom_to_ask():
    full = Problem(Kind.FULL, (Shortage("pods", 30, 30),))
    assert "柴老师" in str(refusal_for(full, "县三小", "2133000001", ["柴老师"]).jupyterhub_message)
