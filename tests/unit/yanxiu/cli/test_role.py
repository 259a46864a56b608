"""``yanxiu role``: the first organizer of a county, and operators, come from the server."""

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from yanxiu.cli import main
from yanxiu.store import schema
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.store.model import AuditEvent

from tests.support.county import make_county


@pytest.fixture
def county(tmp_path, monkeypatch, clock):
    monkeypatch.setenv("YANXIU_LANG", "zh_CN")
    monkeypatch.delenv("YANXIU_DATABASE_URL", raising=False)
    (tmp_path / "db").mkdir(parents=True)
    engine = make_engine(f"sqlite:///{tmp_path}/db/yanxiu.sqlite")
    schema.upgrade(engine)
    store = Store(engine, Blobs(tmp_path / "blobs"), clock)
    yield make_county(store)
    store.close()


def run(folder, *words):
    return CliRunner().invoke(main, ["role", *words, "--data", str(folder)])


def test_give_list_and_take(county, tmp_path):
    assert "艾老师" not in run(tmp_path, "list").output
    for _ in range(2):  # the second time changes nothing
        assert run(tmp_path, "grant", "1001", "operator", "330199").exit_code == 0
    assert "1001\t艾老师\t运维员（云溪县）" in run(tmp_path, "list").output
    assert run(tmp_path, "withdraw", "1001", "operator", "330199").exit_code == 0
    assert "艾老师" not in run(tmp_path, "list").output
    with county.store.read() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.actor == "system:cli").order_by(AuditEvent.id)
        ).all()
    assert [(one.verb, one.outcome) for one in events] == [
        ("role.grant", "done"),
        ("role.grant", "held already"),
        ("role.withdraw", "done"),
    ]
    assert events[0].details == {"role": "operator", "org": "330199"}


@pytest.mark.parametrize(
    "words, sentence",
    [
        (("grant", "7777", "operator", "330199"), "花名册里没有"),
        (("grant", "1001", "operator", "2133000077"), "没有代码是 2133000077"),
        (("grant", "1001", "county_organizer", "2133000001"), "县管理员不能设在县三小"),
        (("withdraw", "1001", "grader", "2133000001"), "没有这个角色"),
    ],
)
def test_a_mistake_is_a_sentence_and_changes_nothing(county, tmp_path, words, sentence):
    answer = run(tmp_path, *words)
    assert (answer.exit_code, sentence in answer.output) == (1, True), answer.output
    assert "县管理员" in run(tmp_path, "list").output
    assert "艾老师" not in run(tmp_path, "list").output
