"""The commands of the runbook's pages do what the pages say, on a site that is not running."""

import csv
import re
import shutil

import pytest
from sqlalchemy import create_engine, text
from yanxiu.people.reads import people
from yanxiu.store.engine import make_engine, open_store

from tests.support.pages import PAGES, Machine, commands
from tests.support.site import DEMO


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """A machine with the demonstration's people, and a folder for what is imported."""
    root = tmp_path_factory.mktemp("runbook")
    shutil.copytree(DEMO, root / "site")
    for name in ("import", "pod", "trial"):
        (root / name).mkdir()
    found = Machine(root)
    found.places |= {f"/srv/{name}": root / name for name in ("site", "import", "pod", "trial")}
    found.run(".venv/bin/yanxiu apply --site /srv/site --data /srv/yanxiu")
    return found


def school_of(machine: Machine, login: str) -> str:
    data = machine.places["/srv/yanxiu"]
    store = open_store(f"sqlite:///{data}/db/yanxiu.sqlite", data / "blobs")
    try:
        with store.read() as session:
            who = people.by_login_name(session, login)
            assert who is not None
            return people.person(session, who.id).school.code
    finally:
        store.close()


def test_a_school_is_added_with_people_an_organizer_and_slips(machine):
    page = (PAGES / "add-a-school.md").read_text("utf-8")
    added = re.search(r'^ +("2133000021": .*)$', page, re.MULTILINE)
    assert added
    file = machine.places["/srv/site"] / "site.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("schools:", "schools:\n  " + added[1] + "\n#", 1), "utf-8")
    with (machine.places["/srv/import"] / "chengxi.csv").open("w", encoding="utf-8") as out:
        csv.writer(out).writerows(
            [
                ("姓名", "学校", "教师编号", "手机号"),
                ("秦校长", "城西小学", "21001", "12000021001"),
                ("许老师", "城西小学", "21002", "12000021002"),
            ]
        )
    said = [machine.run(line) for line in commands("add-a-school.md")]
    assert "4 所学校" in said[0] and "已应用" in said[1]
    assert school_of(machine, "21001") == school_of(machine, "21002") == "2133000021"
    assert "21001" in machine.run(".venv/bin/yanxiu role list --data /srv/yanxiu")
    assert (machine.places["/srv/import"] / "chengxi.pdf").read_bytes()[:4] == b"%PDF"


def test_a_teacher_moves_and_is_nobody_new(machine):
    page = (PAGES / "move-a-teacher.md").read_text("utf-8")
    table = re.search(r"```csv\n(.*?)```", page, re.DOTALL)
    assert table
    (machine.places["/srv/import"] / "transfer.csv").write_text(table[1], "utf-8")
    assert school_of(machine, "1001") == "2133000001"
    look, done = (machine.run(line) for line in commands("move-a-teacher.md"))
    assert "新增 0" in look and "调动 1" in look
    assert school_of(machine, "1001") == "2133000002", done


@pytest.fixture
def new_database(postgres_url):
    """Make empty PostgreSQL databases."""
    admin = create_engine(postgres_url, isolation_level="AUTOCOMMIT")

    def make(name: str) -> str:
        with admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        return postgres_url.replace("/postgres?", f"/{name}?")

    yield make
    admin.dispose()


def people_in(url: str) -> int:
    engine = make_engine(url)
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT count(*) FROM people"))
    engine.dispose()
    return found


@pytest.mark.postgres
def test_a_machine_moves_to_postgresql_and_an_upgrade_is_tried_there(machine, new_database):
    here = people_in(f"sqlite:///{machine.places['/srv/yanxiu']}/db/yanxiu.sqlite")
    machine.environment["NEW_DATABASE"] = url = new_database("moved")
    said = [machine.run(line) for line in commands("move-to-kubernetes.md")]
    assert "已恢复" in said[-2] and int(said[-1]) == 0
    assert people_in(url) == here > 5
    machine.environment["TRIAL_DATABASE"] = url = new_database("trial")
    said = [machine.run(line) for line in commands("upgrade.md")]
    assert "可以升级" in said[0] and "已是最新结构" in said[1] and "已恢复" in said[2]
    assert people_in(url) == here
