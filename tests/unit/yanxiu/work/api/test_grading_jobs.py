"""The grading worker's interface: one token, whatever is sent in its place, and strict JSON."""

import json

import pytest
from yanxiu.grading.client import Lease, Records, RecordsRefused
from yanxiu.work.api import grading_jobs

from tests.support.every_task import ANSWERS
from tests.support.work import AUTO, SAY, handed_in


@pytest.mark.parametrize(
    "token",
    [
        "",
        "token ",
        "token é",
        "token wé",
        f"token {'w' * 63}é",
        f"token {'w' * 63}\u0101",
        f"bearer {'w' * 64}é",
    ],
    ids=ascii,
)
def test_a_wrong_token_is_refused_in_whatever_letters(anonymous, token):
    """Not all bytes of a header are ASCII, and ``compare_digest`` compares no other texts."""
    answer = anonymous.post(
        "/internal/v1/jobs/lease", json={"worker": "w"}, headers={"authorization": token.encode()}
    )
    assert (answer.status_code, answer.json()["code"]) == (401, "worker.token")


@pytest.fixture
def leased(site, anonymous):
    """A job in a worker's hands, and how it talks to records."""
    handed_in(site, "alice")
    anonymous.headers["authorization"] = f"token {'w' * 64}"
    return anonymous.post("/internal/v1/jobs/lease", json={"worker": "w"}).json()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
@pytest.mark.parametrize(
    "where",
    [
        '"answers": {"mean": %s}',
        '"run_a": {"outcome": "ok", "wall_s": %s}',
        '"run_b": {"deep": [{"figures": [%s]}]}',
        '"scores": [{"task": "mean", "points": %s}]',
    ],
)
def test_a_number_that_is_none_is_refused_at_the_door(leased, anonymous, number, where):
    report = f'{{"lease": {json.dumps(leased["lease"])}, "scores": [], {where % number}}}'
    assert json.loads(report), "Python's own reader takes it"
    job = f"/internal/v1/jobs/{leased['job']}"
    answer = anonymous.post(f"{job}/report", files={"report": ("report.json", report)})
    assert (answer.status_code, answer.json()["code"]) == (422, "report.number")
    assert answer.json()["message"].endswith("。")
    # The job is still the worker's, which may give it back.
    again = anonymous.post(f"{job}/heartbeat", json={"lease": leased["lease"]})
    assert again.status_code == 200


@pytest.mark.parametrize("report", ["", "[]", "{", "[" * 100_000, '{"a": ' * 50_000])
def test_what_is_no_report_is_refused_with_a_sentence(leased, anonymous, report):
    where = f"/internal/v1/jobs/{leased['job']}/report"
    answer = anonymous.post(where, files={"report": ("report.json", report)})
    assert answer.status_code == 422
    assert answer.json()["message"].endswith("。")


def hand_in(leased, anonymous, size: int) -> None:
    """Report as a worker does: its own client, which speaks to the real application."""
    anonymous.base_url = f"{anonymous.base_url}/internal/v1/"
    lease = Lease(leased["job"], leased["lease"], None, has_notebook=False, limits={}, seconds=60)
    scores = [{"task": task, "points": 0, "message": SAY} for task in AUTO]
    left = {"failed_cells": ["x" * 1000] * (size // 1000)}
    run = {"outcome": "ok", "wall_s": 1.0, "cpu_s": 1.0, "peak_bytes": 1, "reason": None, **left}
    report = {"run_a": None, "run_b": run, "answers": ANSWERS, "scores": scores}
    Records(anonymous, patience_s=0).report(lease, report, b"{}", b"<p>")


@pytest.mark.parametrize("size", [1000, 1_100_000, 3_900_000])
def test_a_report_may_have_all_that_is_promised(leased, anonymous, size):
    hand_in(leased, anonymous, size)


def test_a_longer_report_is_refused_with_a_sentence(leased, anonymous):
    with pytest.raises(RecordsRefused) as refusal:
        hand_in(leased, anonymous, grading_jobs.MAX_REPORT_BYTES)
    assert refusal.value.status == 413
