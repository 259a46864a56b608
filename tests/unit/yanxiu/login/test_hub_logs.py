"""What the hub's request handlers write into a log, without and with our word about it."""

import logging

import pytest
from yanxiu.login import hub_logs

ALICE = "uabcdefghij234567"
#: As the hub's own handlers do it, in each of their ways.
HANDLER = """
def literal(log, text):
    log.warning("Disallowing redirect outside JupyterHub: %r", text)
def made(log, text):
    log.warning(f"No such user: {text}")
def joined(log, text):
    message = "Not allowing POST with " + text
    log.error(message)
def named(log, text):
    log.warning("%(what)s is not known", {"what": text})
def number(log, text):
    log.warning("User %s has %d things, %s", "ALICE", 3, [text])
def fell(log, text):
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("Failed to get current user")
""".replace("ALICE", ALICE)
WAYS = ("literal", "made", "joined", "named", "number", "fell")
STRANGE = "http://evil.example/?token=5ecret 13800000000"


@pytest.fixture
def installed():
    stock = logging.getLogRecordFactory()
    yield hub_logs.install
    logging.setLogRecordFactory(stock)


def written(path: str, caplog: pytest.LogCaptureFixture) -> dict[str, str]:
    """Let a module at ``path`` say all of it; return the lines by the way."""
    there: dict = {}
    exec(compile(HANDLER, path, "exec"), there)
    lines = {}
    for way in WAYS:
        caplog.clear()
        there[way](logging.getLogger("JupyterHub"), STRANGE)
        lines[way] = caplog.text
    return lines


def test_what_a_request_brings_stays_out(installed, caplog):
    handlers = "/lib/jupyterhub/handlers/base.py"
    stock = written(handlers, caplog)
    assert all("5ecret" in line for line in stock.values()), "the attack"
    installed()
    installed()  # a second time changes nothing
    ours = written(handlers, caplog)
    assert not any("5ecret" in line or "evil" in line for line in ours.values())
    assert "Disallowing redirect outside JupyterHub: '<str>'" in ours["literal"]
    assert f"User {ALICE} has 3 things, <list>" in ours["number"]
    assert "Failed to get current user" in ours["fell"]
    assert "ValueError at" in ours["fell"]
    for way in ("made", "joined"):
        assert f"{hub_logs.HIDDEN} base:" in ours[way]


def test_what_the_hub_says_of_itself_stays(installed, caplog):
    installed()
    lines = written("/lib/jupyterhub/app.py", caplog)
    assert all("5ecret" in line for line in lines.values())
