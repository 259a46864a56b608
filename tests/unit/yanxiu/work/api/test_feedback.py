"""Feedback for programs: what the portal shows, once it is released, to its author alone."""

import io
import json
import tarfile

import pytest
from yanxiu.work.model import Attempt

from tests.support.browser import HOST, PREFIX, Browser
from tests.support.work import marked, released

API = f"{PREFIX}api/v1"
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>"


def notebook(source, *outputs):
    cell = {
        "cell_type": "code",
        "id": "c1",
        "execution_count": 1,
        "metadata": {},
        "source": source,
        "outputs": list(outputs),
    }
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def client(app, hub, site):
    def open_for(who: str) -> Browser:
        token = hub.token(site.people[who], "custom:records:learn")
        return Browser(app, base_url=HOST, headers={"authorization": f"token {token}"})

    return open_for


def receipt_of(site, one):
    with site.store.read() as session:
        return session.get_one(Attempt, one).receipt_no


def feedback(program, site):
    return program.get(f"{API}/units/{site.assignment}/feedback")


def page(program, site, one):
    answer = program.get(
        f"{API}/units/{site.assignment}/submissions/{receipt_of(site, one)}/feedback"
    )
    if answer.status_code != 200:
        return answer
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
        assert tar.getnames() == ["feedback.html"]
        return tar.extractfile("feedback.html").read().decode()


def test_points_and_sentences_come_with_the_release(site, client):
    assert feedback(client("alice"), site).json() == {"released": False}
    one = released(site)
    found = feedback(client("alice"), site).json()
    assert found["released"] is True
    assert found["receipt"] == receipt_of(site, one)
    assert (found["attempt"], found["total_points"], found["passed"]) == (1, 75, True)
    assert found["comment"] == "写得好，注意分母"
    tasks = {task["id"]: task for task in found["tasks"]}
    assert (tasks["present"]["points"], tasks["present"]["max"]) == (4, 5)
    assert "分母" in tasks["present"]["message"]["zh_CN"]
    assert (tasks["report"]["points"], tasks["report"]["comment"]) == (55, "说得清楚")
    assert [one["points"] for one in tasks["report"]["criteria"]] == [40, 15]


def test_before_the_release_nothing_is_said(site, client):
    one = marked(site)
    assert feedback(client("alice"), site).json() == {"released": False}
    answer = page(client("alice"), site, one)
    assert (answer.status_code, answer.json()["code"]) == (404, "feedback.not_released")


@pytest.mark.parametrize("who", ["charlie", "bob", "organizer1", "county"])
def test_it_is_the_authors_alone(site, client, who):
    one = released(site)
    assert page(client(who), site, one).status_code == 404
    answer = feedback(client(who), site)
    takes_the_course = who in {"charlie", "bob"}
    assert answer.status_code == (200 if takes_the_course else 404)
    assert answer.json() == {"released": False} or not takes_the_course


def test_the_page_is_whole_and_does_nothing(site, client):
    output = {"output_type": "display_data", "metadata": {}, "data": {"text/html": HOSTILE}}
    one = released(site, executed=notebook(f"print('{HOSTILE}')", output).encode())
    html = page(client("alice"), site, one)
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html
    assert "http" not in html.replace('http-equiv="Content-Security-Policy"', "")
    assert "default-src &#39;none&#39;" in html
    for text in ("各种任务", "75 / 100", "写得好，注意分母", "说得清楚", "看看分母"):
        assert text in html


def test_hidden_tests_are_taken_out_with_the_tracebacks_that_quote_them(site, client):
    source = "x = 1\n### BEGIN HIDDEN TESTS\nassert x == 42\n### END HIDDEN TESTS\ny = 2"
    error = {
        "output_type": "error",
        "ename": "AssertionError",
        "evalue": "",
        "traceback": ["----> 3 assert x == 42"],
    }
    one = released(site, executed=notebook(source, error).encode())
    html = page(client("alice"), site, one)
    assert "42" not in html.replace(receipt_of(site, one), "")
    assert "x = 1" in html
    assert "y = 2" in html


def test_a_broken_executed_notebook_leaves_the_points(site, client):
    one = released(site, executed=b"not a notebook")
    assert "75 / 100" in page(client("alice"), site, one)
