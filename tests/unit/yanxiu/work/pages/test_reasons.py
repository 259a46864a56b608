"""Why the machine gave what it gave: on the learner's page and on the marking page, in their words."""

import pytest
from yanxiu.i18n import translator
from yanxiu.work.pages import reasons
from yanxiu.work.pages.words import failure

from tests.support import work

RUN = {"outcome": "ok", "failed_cells": 0, "reason": None, "answers_from": "run"}
REASONS = ["timeout", "memory", "output", "kernel_died", "processes", "disk"]


def shown(browse, who, path):
    page = browse(who).page(path)
    assert page.status_code == 200
    return page.text


@pytest.mark.parametrize("reason", REASONS)
def test_a_run_that_was_cut_short_is_said_on_both_pages(browse, site, reason):
    one = work.graded(site, run_a={**RUN, "reason": reason, "answers_from": "bundle"})
    what = reasons._WHAT[reason]
    learner = shown(browse, "alice", f"submissions/{one}")
    staff = shown(browse, "county", f"organize/submissions/{one}")
    assert what in learner and "再交一次" in learner
    assert what in staff and "这不一定是答错" in staff
    assert "再交一次" not in staff and "请看作答" not in learner


def test_two_points_of_nine_have_a_reason(browse, site):
    one = work.graded(site, run_a={**RUN, "failed_cells": 3, "answers_from": "nowhere"})
    learner = shown(browse, "alice", f"submissions/{one}")
    staff = shown(browse, "county", f"organize/submissions/{one}")
    assert "有 3 格运行时报错" in learner and "没有得到答案，旁边也没有答案文件" in learner
    assert "有 3 格运行时报错" in staff and "没有得到答案：运行笔记本没有留下" in staff


def test_a_run_without_trouble_says_nothing(browse, site):
    one = work.graded(site, run_a=RUN)
    for who, path in (("alice", "submissions"), ("county", "organize/submissions")):
        text = shown(browse, who, f"{path}/{one}")
        assert "报错" not in text and "没有作答计分" not in text


def test_a_grading_that_failed_is_said_to_its_author_without_worry_and_to_staff_with_the_cause(
    browse, site
):
    one = work.failed(site, code="score_failed")
    learner = shown(browse, "alice", f"submissions/{one}")
    assert "自动批改没有完成。这不是您答错" in learner and "评分程序出错" not in learner
    assert "本单元的评分程序出错" in shown(browse, "county", f"organize/submissions/{one}")


def test_charlie_is_told_nothing_of_alices(browse, site):
    one = work.graded(site, run_a={**RUN, "reason": "memory"})
    for path in ("submissions", "organize/submissions"):
        assert browse("charlie").page(f"{path}/{one}").status_code in (403, 404)


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
def test_what_nbgrader_gave_up_for_is_told_to_staff_alone(lang):
    tr = translator(lang)
    run = {
        "reason": "refused",
        "refused_by": "ValidationError",
        "in_kernel": True,
        "failed_cells": 4,
    }
    [staff], [learner] = reasons.for_staff(run, tr), reasons.for_author(run, tr)
    assert "ValidationError" in staff and "ValidationError" not in learner
    assert staff != learner


@pytest.mark.parametrize(
    "run", [None, {}, {"reason": "<b>"}, {"reason": 7, "failed_cells": "9"}, {"failed_cells": -1}]
)
def test_what_no_run_of_ours_says_is_not_repeated(run):
    tr = translator("zh_CN")
    assert reasons.for_author(run, tr) == reasons.for_staff(run, tr) == []


@pytest.mark.parametrize(
    "code",
    [
        *("score_failed", "score_timeout", "score_memory", "scores_invalid", "run_stopped"),
        *("release_without_notebook", "launcher_away", "report_refused", "worker_error"),
        *("lease_expired", "bundle_too_large", "bundle_broken", "learner_broken", "scoring_broken"),
    ],
)
def test_every_code_of_the_worker_has_words(code):
    assert code not in failure(code, translator("zh_CN"))
