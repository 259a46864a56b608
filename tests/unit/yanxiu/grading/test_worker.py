"""How a worker is started, and that its mistakes are logged without what they quote."""

import logging

import pytest
from yanxiu.errors import SettingsError
from yanxiu.grading import loop
from yanxiu.grading.client import Lease
from yanxiu.grading.worker import from_environment

VARIABLES = {
    "YANXIU_RECORDS_INTERNAL": "http://127.0.0.1:9001/internal/v1",
    "YANXIU_WORKER_TOKEN": "t0ken",
    "YANXIU_LAUNCHER_SOCKET": "/run/launcher.sock",
    "YANXIU_WORKER_NAME": "worker-1",
}


@pytest.mark.parametrize("ending", ["", "/", "/internal/v1", "/internal/v1/"])
def test_the_address_of_records_may_end_as_it_likes(ending):
    variables = VARIABLES | {"YANXIU_RECORDS_INTERNAL": f"http://127.0.0.1:9001{ending}"}
    assert from_environment(variables).records == "http://127.0.0.1:9001/internal/v1/"


@pytest.mark.parametrize("missing", list(VARIABLES)[:3])
def test_a_missing_variable_is_named(missing):
    with pytest.raises(SettingsError, match=missing):
        from_environment({name: value for name, value in VARIABLES.items() if name != missing})


def test_a_worker_without_a_name_makes_one_and_hides_its_token():
    environment = from_environment(VARIABLES | {"YANXIU_WORKER_NAME": ""})
    assert environment.name
    assert "t0ken" not in repr(environment)


@pytest.mark.parametrize(
    "mistake, retry", [(KeyError("艾老师"), False), (OSError(28, "no space for 艾老师"), True)]
)
def test_a_mistake_of_ours_is_logged_by_its_place_alone(monkeypatch, caplog, mistake, retry):
    """No real job makes this happen, or it would be mended."""
    given_back = []

    class Nobody:
        def failed(self, lease, code, *, retry):
            given_back.append((code, retry))

    def broken(*_):
        raise mistake

    monkeypatch.setattr(loop, "grade", broken)
    lease = Lease(job="j1", lease="s", unit={}, has_notebook=True, limits={}, seconds=60)
    with caplog.at_level(logging.INFO):
        stopping = loop.threading.Event()
        assert loop.one(Nobody(), None, lease, stopping=stopping) == "worker_error"
    assert given_back == [("worker_error", retry)]
    assert f"unexpected {type(mistake).__name__} at " in caplog.text
    assert "艾老师" not in caplog.text
