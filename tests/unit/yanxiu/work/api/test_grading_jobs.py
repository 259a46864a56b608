"""The grading worker's interface: one token, whatever is sent in its place, and strict JSON."""

import json

import pytest

from tests.support.work import handed_in


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
    answer = anonymous.post(f"{job}/report", data={"report": report})
    assert (answer.status_code, answer.json()["code"]) == (422, "report.number")
    assert answer.json()["message"].endswith("。")
    # The job is still the worker's, which may give it back.
    again = anonymous.post(f"{job}/heartbeat", json={"lease": leased["lease"]})
    assert again.status_code == 200


@pytest.mark.parametrize("report", ["", "[]", "{", "[" * 100_000, '{"a": ' * 50_000])
def test_what_is_no_report_is_refused_with_a_sentence(leased, anonymous, report):
    where = f"/internal/v1/jobs/{leased['job']}/report"
    answer = anonymous.post(where, data={"report": report})
    assert answer.status_code == 422
    assert answer.json()["message"].endswith("。")
