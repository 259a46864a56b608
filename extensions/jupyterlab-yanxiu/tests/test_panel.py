"""What the panel asks: a real Jupyter server, a stand-in for records."""

import json
import time
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from .conftest import ASSIGNMENT, FEEDBACK, OTHERS, tar

ONE = f"units/{ASSIGNMENT}"
ANSWERS = {"format": 1, "unit": "a1", "answers": {"mean": 6.5, "plan": "先看再想"}}


@pytest.fixture
def folder(jupyter):
    jupyter.open()
    return jupyter.home / "研修" / "a1"


def answer(folder, content=ANSWERS):
    (folder / "answers.json").write_text(json.dumps(content), encoding="utf-8")


def handed_in(panel, body=None):
    """Hand in and wait; return the job."""
    job = panel("POST", f"{ONE}/submit", {"confirmed": True} if body is None else body, status=202)
    deadline = time.monotonic() + 30
    while job["state"] in ("packing", "sending"):
        assert time.monotonic() < deadline, job
        time.sleep(0.05)
        job = panel("GET", f"{ONE}/submit")
    return job


def test_units_come_with_what_lies_in_the_home(panel, jupyter):
    [unit] = panel("GET", "units")["units"]
    assert unit["folder"] is None
    assert "secret" not in unit
    jupyter.open()
    found = panel("GET", "units")
    [unit] = found["units"]
    assert (unit["folder"]["path"], unit["folder"]["notebook"]) == ("研修/a1", "a1.ipynb")
    assert [task["done"] for task in unit["folder"]["tasks"]] == [False, False]
    assert unit["submit"]["state"] == "none"
    assert found["portal"] == "/services/records/"


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ([], []),  # an older records service has none
        ([{"id": "stop-1", "text": "停", "more": 1}], [{"id": "stop-1", "text": "停"}]),
        ([{"id": "stop-1"}, "x", 1], []),
        ({"id": "no list"}, []),
    ],
)
def test_what_is_to_be_told_comes_with_the_units(panel, stand_in, said, shown):
    stand_in.notices = said
    assert panel("GET", "units")["notices"] == shown


@pytest.mark.parametrize(
    "content, done",
    [
        (ANSWERS, [True, True]),
        ({**ANSWERS, "answers": {"mean": 0}}, [True, False]),  # nought is an answer
        ({**ANSWERS, "answers": {"plan": " 二 "}}, [False, False]),  # a draft
        ({**ANSWERS, "answers": {"mean": "six", "plan": ["x"]}}, [False, False]),
        ({**ANSWERS, "unit": "b1"}, [False, False]),  # another unit's file
        ({"format": 1, "unit": "a1", "answers": []}, [False, False]),
        ([], [False, False]),
    ],
)
def test_tasks_are_counted_as_the_notebook_counts_them(panel, folder, content, done):
    answer(folder, content)
    assert [task["done"] for task in panel("GET", f"{ONE}/tasks")["tasks"]] == done


def test_a_damaged_unit_has_no_tasks_and_the_panel_goes_on(panel, folder):
    (folder / "unit.json").write_text("{")
    (folder / "answers.json").write_bytes(b"\xff")
    assert panel("GET", "units")["units"][0]["folder"]["tasks"] == []


def test_open_fetches_once_and_a_foreign_unit_is_refused(panel, jupyter):
    assert panel("POST", f"{ONE}/open", {})["path"] == "研修/a1/a1.ipynb"
    refusal = panel("POST", f"units/{OTHERS}/open", {}, status=404)
    assert refusal["code"] == "no_unit"
    assert "您的研修里没有这个单元" in refusal["message"]
    english = panel("POST", f"units/{OTHERS}/open", {}, status=404, language="en")
    assert "not among yours" in english["message"]
    assert [path.name for path in (jupyter.home / "研修").iterdir()] == ["a1"]


@pytest.mark.parametrize(
    "body", [{"choice": "overwrite"}, {"choice": 1}, [], "x", {"choice": None}]
)
def test_a_wish_that_makes_no_sense_does_nothing(panel, jupyter, body):
    assert panel("POST", f"{ONE}/open", body, status=400)["code"] == "bad_request"
    assert not (jupyter.home / "研修").exists()


class TestNewVersion:
    @pytest.fixture
    def work(self, panel, folder, stand_in):
        (folder / "a1.ipynb").write_text("my work")
        stand_in.learner = "2" * 64
        stand_in.archive = tar({"a1/a1.ipynb": b'{"cells": []}', "a1/unit.json": b"{}"})
        [unit] = panel("GET", "units")["units"]
        assert unit["newer"]
        return folder / "a1.ipynb"

    def test_keep_touches_nothing_and_is_not_asked_again(self, panel, work):
        assert panel("POST", f"{ONE}/open", {"choice": "keep"})["path"] == "研修/a1/a1.ipynb"
        [unit] = panel("GET", "units")["units"]
        assert not unit["newer"]
        assert work.read_text() == "my work"

    def test_the_version_after_that_is_asked_about(self, panel, work, stand_in):
        panel("POST", f"{ONE}/open", {"choice": "keep"})
        stand_in.learner = "3" * 64
        assert panel("GET", "units")["units"][0]["newer"]

    def test_beside_is_a_new_folder_and_the_old_one_stays(self, panel, work):
        path = panel("POST", f"{ONE}/open", {"choice": "beside"})["path"]
        assert path == "研修/a1（2）/a1.ipynb"
        assert work.read_text() == "my work"
        [unit] = panel("GET", "units")["units"]
        assert not unit["newer"]
        assert unit["folder"]["name"] == "a1（2）"
        assert [one["name"] for one in unit["others"]] == ["a1"]

    def test_one_can_go_back_to_the_old_one(self, panel, work):
        panel("POST", f"{ONE}/open", {"choice": "beside"})
        assert panel("POST", f"{ONE}/choose", {"folder": "a1"})["path"] == "研修/a1/a1.ipynb"
        [unit] = panel("GET", "units")["units"]
        assert unit["folder"]["name"] == "a1"
        assert work.read_text() == "my work"

    @pytest.mark.parametrize("name", ["nowhere", "../..", ""])
    def test_no_other_folder_can_be_chosen(self, panel, work, name):
        assert panel("POST", f"{ONE}/choose", {"folder": name}, status=404)["code"] == "not_here"

    def test_a_folder_of_before_this_was_noted_is_never_called_old(self, panel, folder, stand_in):
        mark = json.loads((folder / ".yanxiu.json").read_text())
        del mark["learner"]
        (folder / ".yanxiu.json").write_text(json.dumps(mark))
        stand_in.learner = "2" * 64
        assert not panel("GET", "units")["units"][0]["newer"]


class TestSubmit:
    def test_missing_tasks_are_said_first_and_nothing_is_sent(self, panel, folder, stand_in):
        asked = panel("POST", f"{ONE}/submit", {})
        assert asked["state"] == "confirm"
        assert [title["zh_CN"] for title in asked["missing"]] == ["平均分", "方案"]
        assert stand_in.attempts == []

    def test_a_receipt_is_there_afterwards(self, panel, folder, stand_in):
        answer(folder)
        job = handed_in(panel, {})
        assert job["state"] == "done", job
        assert job["receipt"] == {
            "receipt": "R-1",
            "attempt": 1,
            "received_at": "2026-03-10 09:00:00",
            "late": False,
            "url": "/services/records/receipts/1",
        }
        assert job["sent"] == job["total"] == stand_in.attempts[0]["body"]
        assert panel("GET", "units")["units"][0]["submit"]["state"] == "done"

    def test_the_same_work_again_is_the_same_attempt(self, panel, folder, stand_in):
        first, second = handed_in(panel), handed_in(panel)
        assert first["receipt"] == second["receipt"]
        assert len(stand_in.attempts) == 1

    def test_changed_work_is_another_attempt(self, panel, folder, stand_in):
        handed_in(panel)
        answer(folder)
        assert handed_in(panel)["receipt"]["attempt"] == 2

    def test_work_from_before_something_else_was_handed_in_is_a_new_attempt(
        self, panel, folder, stand_in
    ):
        handed_in(panel)
        stand_in.attempts.insert(0, {"key": "form", "attempt": 2, "receipt": "R-2"})
        assert handed_in(panel)["receipt"]["attempt"] == 3

    def test_an_answer_that_was_lost_leaves_one_attempt(self, panel, folder, stand_in):
        stand_in.lose_answer = True
        job = handed_in(panel)
        assert (job["state"], job["error"]["again"]) == ("failed", True)
        assert "再" in job["error"]["message"]
        assert len(stand_in.attempts) == 1  # it had arrived
        stand_in.lose_answer = False
        assert handed_in(panel)["receipt"]["receipt"] == "R-1"
        assert len(stand_in.attempts) == 1

    def test_after_a_restart_an_unfinished_one_is_offered_again(self, folder):
        (folder / ".yanxiu-submit.json").write_text('{"digest": "x", "key": "k", "receipt": null}')
        from jupyterlab_yanxiu.submitting import Submitter

        assert Submitter().described(ASSIGNMENT, folder)["state"] == "interrupted"
        assert Submitter().described(ASSIGNMENT, None)["state"] == "none"

    def test_a_refusal_comes_with_the_platform_s_sentence_and_no_second_try(
        self, panel, folder, stand_in
    ):
        stand_in.status, stand_in.message = 409, "这个单元已经截止。"
        job = handed_in(panel)
        assert (job["state"], job["error"]["again"]) == ("failed", False)
        assert "这个单元已经截止。" in job["error"]["message"]

    def test_a_link_is_left_out_and_said(self, panel, folder, stand_in, tmp_path):
        (folder / "secret").symlink_to("/etc/passwd")
        assert "没有放进去" in handed_in(panel)["notes"][-1]
        assert "secret" in handed_in(panel)["notes"][-1]

    def test_what_was_made_of_an_accident_is_said(self, panel, folder):
        answer(folder)
        (folder / "a1.ipynb").unlink()
        job = handed_in(panel)
        assert job["state"] == "done"
        assert [note for note in job["notes"] if "只提交了已经填好的答案" in note]

    def test_what_is_not_here_cannot_be_handed_in(self, panel):
        assert panel("POST", f"{ONE}/submit", {}, status=404)["code"] == "not_here"


def test_feedback_comes_when_it_is_released(panel, stand_in):
    refusal = panel("GET", f"{ONE}/feedback", status=404)
    assert refusal["code"] == "no_answer"
    stand_in.feedback = FEEDBACK
    assert panel("GET", f"{ONE}/feedback") == FEEDBACK


class TestCellsThatRunByThemselves:
    def sources(self, panel, path):
        return panel("GET", f"notebook?path={path}")

    def test_they_are_the_locked_ones_that_show_something(self, panel, folder):
        found = self.sources(panel, "研修/a1/a1.ipynb")
        assert found == {"assignment": ASSIGNMENT, "sources": ["show(1)", "show(2)"]}

    @pytest.mark.parametrize(
        "path",
        ["研修/a1/mine.ipynb", "a1.ipynb", "", "../研修/a1/a1.ipynb", "研修/a1/../a1/a1.ipynb"],
    )
    def test_of_any_other_notebook_none(self, panel, folder, path):
        assert self.sources(panel, path)["sources"] == []

    def test_a_notebook_that_says_so_itself_changes_nothing(self, panel, folder):
        """The attack: locked cells of a stranger in a copied notebook."""
        evil = json.loads((folder / "a1.ipynb").read_text())
        evil["cells"][0]["source"] = "evil()"
        (folder / "a1.ipynb").write_text(json.dumps(evil))
        assert "evil()" not in self.sources(panel, "研修/a1/a1.ipynb")["sources"]

    def test_nor_does_a_folder_that_came_from_somebody_else(self, panel, folder, stand_in, jupyter):
        mark = json.loads((folder / ".yanxiu.json").read_text()) | {"learner": "9" * 64}
        (folder / ".yanxiu.json").write_text(json.dumps(mark))
        assert self.sources(panel, "研修/a1/a1.ipynb")["sources"] == []
        mark["learner"] = "../../../研修/a1/evil"
        (folder / ".yanxiu.json").write_text(json.dumps(mark))
        (folder / "evil.json").write_text('{"sources": ["evil()"]}')
        assert self.sources(panel, "研修/a1/a1.ipynb")["sources"] == []

    def test_what_is_kept_is_fetched_again_when_it_is_lost(self, panel, folder, jupyter):
        for kept in jupyter.home.rglob("yanxiu/*.json"):
            kept.unlink()
        assert self.sources(panel, "研修/a1/a1.ipynb")["sources"] == ["show(1)", "show(2)"]


@pytest.mark.parametrize(
    "status, code, shown",
    [(401, "token", 403), (404, "no_unit", 404), (409, "refused", 403), (500, "away", 503)],
)
def test_a_refusal_of_records_is_a_sentence(panel, stand_in, status, code, shown):
    stand_in.status, stand_in.message = status, "现在不行。"
    refusal = panel("GET", "units", status=shown)
    assert refusal["code"] == code
    assert stand_in.token not in json.dumps(refusal)


CALLS = [
    ("GET", "units"),
    ("GET", f"{ONE}/tasks"),
    ("GET", f"{ONE}/submit"),
    ("GET", f"{ONE}/feedback"),
    ("GET", "notebook?path=x"),
    ("GET", "idle"),
    ("POST", f"{ONE}/open"),
    ("POST", f"{ONE}/choose"),
    ("POST", f"{ONE}/submit"),
    ("POST", "here"),
]


@pytest.mark.parametrize("method, path", CALLS)
def test_nobody_asks_without_logging_in(jupyter, stand_in, method, path):
    for headers in ({}, {"Authorization": "token wrong"}):
        answer = httpx.request(
            method, f"{jupyter.base}/yanxiu/api/{path}", headers=headers, json={}
        )
        assert answer.status_code == 403
    assert stand_in.calls == []


@pytest.mark.parametrize("path", [path for method, path in CALLS if method == "POST"])
def test_a_page_of_another_site_can_make_the_browser_do_nothing(jupyter, stand_in, path):
    with httpx.Client() as browser:
        # A browser that is logged in by cookie, as the teacher's is.
        browser.get(f"{jupyter.base}/tree?token={jupyter.token}")
        browser.get(f"{jupyter.base}/login", params={"token": jupyter.token})
        xsrf = browser.cookies.get("_xsrf", path="/user/alice/")
        assert xsrf
        url = f"{jupyter.base}/yanxiu/api/{path}"
        assert browser.post(url, json={}).status_code == 403
        assert stand_in.calls == []
        # The attack works once the token is known: so it was the token that stopped it.
        assert browser.post(url, json={}, headers={"X-XSRFToken": xsrf}).status_code != 403


class TestIdle:
    def test_the_panel_s_own_questions_are_no_use_of_the_server(self, jupyter, panel):
        status = httpx.get(
            f"{jupyter.base}/api/status", headers={"Authorization": f"token {jupyter.token}"}
        )
        before = status.json()["last_activity"]
        for path in ("units", "idle", f"{ONE}/submit", "notebook?path=x"):
            panel("GET", path)
        status = httpx.get(
            f"{jupyter.base}/api/status", headers={"Authorization": f"token {jupyter.token}"}
        )
        assert status.json()["last_activity"] == before
        panel("POST", "here", {})
        status = httpx.get(
            f"{jupyter.base}/api/status", headers={"Authorization": f"token {jupyter.token}"}
        )
        assert status.json()["last_activity"] > before

    @pytest.mark.parametrize(
        "minutes, used, left",
        [(120, 0, 7200), (120, 7000, 200), (120, 7200, 0), (120, 9999, 0), (0, 9999, None)],
    )
    def test_time_is_counted_from_the_last_use(self, minutes, used, left):
        from jupyterlab_yanxiu.idle import left as time_left

        now = datetime(2026, 3, 10, 9, tzinfo=UTC)
        found = time_left(minutes, None, now - timedelta(seconds=used), now)
        assert found == (minutes, left)

    def test_the_hours_of_a_school_count_before_they_begin(self):
        from jupyterlab_yanxiu.idle import left as time_left
        from jupyterlab_yanxiu.idle import peak

        # Used at 17:40 in China; from 18:30 on, half an hour without use is too much.
        hours = peak({"YANXIU_IDLE_PEAK": "630-810=30"})
        used = datetime(2026, 3, 10, 9, 40, tzinfo=UTC)
        assert time_left(120, hours, used, used + timedelta(minutes=30)) == (50, 20 * 60)
        assert time_left(0, hours, used, used) == (50, 50 * 60)
        assert peak({"YANXIU_IDLE_PEAK": "tonight"}) is None is peak({})

    @pytest.mark.parametrize("text", ["", "soon", "-1", "１２", "1.5"])
    def test_a_setting_that_is_none_means_never(self, text):
        from jupyterlab_yanxiu.idle import idle_minutes

        assert idle_minutes({"YANXIU_IDLE_MINUTES": text}) == 0
