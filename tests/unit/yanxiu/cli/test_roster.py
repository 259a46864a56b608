"""The operator's commands for rosters and schools: tell first, change only when asked."""

import re

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from sqlalchemy import func, select
from yanxiu.cli import main
from yanxiu.people.model import Credential, Person
from yanxiu.store import schema
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Store, make_engine
from yanxiu.store.model import AuditEvent

from tests.support.county import make_county
from tests.support.rosters import SCHOOL1, SCHOOL2, id_number, xlsx

ROWS = [
    ("戴老师", "1101", "", id_number(1), SCHOOL1, "小学", "数学", ""),
    ("鄂老师", "1102", "", "110105194912310021", SCHOOL1, "", "", ""),
]


@pytest.fixture
def data(tmp_path, monkeypatch, clock):
    monkeypatch.setenv("YANXIU_LANG", "zh_CN")
    monkeypatch.delenv("YANXIU_DATABASE_URL", raising=False)
    folder = tmp_path / "data"
    (folder / "db").mkdir(parents=True)
    engine = make_engine(f"sqlite:///{folder}/db/yanxiu.sqlite")
    schema.upgrade(engine)
    store = Store(engine, Blobs(folder / "blobs"), clock)
    make_county(store)
    (tmp_path / "r.xlsx").write_bytes(xlsx(ROWS))
    yield folder
    store.close()


def run(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def number(data, teacher_no):
    engine = make_engine(f"sqlite:///{data}/db/yanxiu.sqlite")
    with engine.connect() as connection:
        found = connection.scalar(
            select(func.count()).select_from(Person).where(Person.teacher_no == teacher_no)
        )
    engine.dispose()
    return found


def events(data):
    """Return what the audit says of imports: the operator's go the way of everybody's."""
    engine = make_engine(f"sqlite:///{data}/db/yanxiu.sqlite")
    with engine.connect() as connection:
        about = AuditEvent.actor, AuditEvent.verb, AuditEvent.outcome
        rows = connection.execute(
            select(*about).where(AuditEvent.verb.like("roster.%")).order_by(AuditEvent.id)
        )
        found = [tuple(row) for row in rows]
    engine.dispose()
    return found


def test_a_preview_changes_nothing_and_apply_does(data, tmp_path):
    roster, errors = tmp_path / "r.xlsx", tmp_path / "errors.xlsx"
    shown = run("roster", "import", roster, "--data", data, "--errors", errors)
    assert shown.exit_code == 1  # there are rows to correct
    assert "新增 1，" in shown.output
    assert "第 3 行：身份证号的校验位不对" in shown.output
    assert "这是预览，没有改动" in shown.output
    assert number(data, "1101") == 0
    assert errors.stat().st_mode & 0o077 == 0
    assert load_workbook(errors).worksheets[0]["A2"].value == "鄂老师"
    done = run("roster", "import", roster, "--data", data, "--apply")
    assert "已导入" in done.output
    assert events(data) == [("system:cli", "roster.import", "done")]
    assert number(data, "1101") == 1
    again = run("roster", "import", roster, "--data", data, "--apply")
    assert "新增 0，修改 0，调动 0，恢复 0，没有变化 1" in again.output
    assert number(data, "1101") == 1


def test_many_leave_only_when_their_number_is_said_once_more(data, tmp_path):
    (tmp_path / "w.xlsx").write_bytes(xlsx([("艾老师", "1001", "", "", SCHOOL1, "", "", "")]))
    words = ("roster", "import", tmp_path / "w.xlsx", "--data", data, "--whole", "--apply")
    refused = run(*words)
    assert refused.exit_code == 1
    assert (
        "县三小：现有 3 人，其中 1 人不在文件里。核对无误后加 --leave 1 才导入。" in refused.output
    )
    assert "已导入" not in refused.output
    assert events(data) == [("system:cli", "roster.import_refuse", "refused roster.leave_many")]
    assert run(*words, "--leave", 2).exit_code == 1
    done = run(*words, "--leave", 1)
    assert (done.exit_code, "已导入" in done.output) == (0, True), done.output


def test_a_list_that_was_not_read_whole_is_none(data, tmp_path):
    book = load_workbook(tmp_path / "r.xlsx")
    book.create_sheet("二小").append(["姓名"])
    book.save(tmp_path / "w.xlsx")
    words = ("roster", "import", tmp_path / "w.xlsx", "--data", data, "--whole", "--apply")
    refused = run(*words, "--leave", 2)
    assert "文件里还有别的表没有读：二小。" in refused.output
    assert "不能当作完整名单" in refused.output
    assert "已导入" not in refused.output
    assert "Traceback" not in refused.output


def test_a_file_that_is_no_roster_is_a_sentence(data, tmp_path):
    (tmp_path / "r.csv").write_text("甲,乙\n1,2\n", encoding="gb18030")
    shown = run("roster", "import", tmp_path / "r.csv", "--data", data)
    assert shown.exit_code == 1
    assert "r.csv：前 15 行里没有找到表头" in shown.output
    assert "Traceback" not in shown.output


def test_the_template_and_the_slips(data, tmp_path):
    import pypdfium2

    assert run("roster", "template", tmp_path / "t.xlsx").exit_code == 0
    assert load_workbook(tmp_path / "t.xlsx").sheetnames == ["教师花名册", "填写说明"]
    out = tmp_path / "s.pdf"
    words = ("roster", "slips", SCHOOL1, "--data", data, "--out", out)
    shown = run(*words, "--address", "http://10.1.2.3/")
    assert shown.exit_code == 0, shown.output
    assert "县三小：3 张" in shown.output
    assert out.stat().st_mode & 0o077 == 0
    with pypdfium2.PdfDocument(out) as pdf:
        text = pdf[0].get_textpage().get_text_range()
    assert "http://10.1.2.3/" in text
    codes = re.findall(r"[2-9A-Z]{9}-[2-9A-Z]{9}-[2-9A-Z]{9}", text)
    assert len(codes) == 3
    assert not any(code in shown.output for code in codes)


def test_schools_are_recoded_merged_and_added(data):
    assert run("school", "point", SCHOOL2, "柳湾教学点", "--data", data).output == "t330199001\n"
    for new in ("123", SCHOOL2):
        refused = run("school", "recode", SCHOOL1, new, "--data", data)
        assert refused.exit_code == 1
        assert "Traceback" not in refused.output
    assert run("school", "recode", SCHOOL1, "3133000001", "--data", data).exit_code == 0
    closed = run("school", "merge", SCHOOL2, SCHOOL1, "--data", data)
    assert "下面还有教学点" in closed.output
    assert run("school", "merge", "t330199001", SCHOOL2, "--data", data).exit_code == 0
    done = run("school", "merge", SCHOOL2, SCHOOL1, "--data", data)  # by the old code
    assert done.output == "城关镇中心校 → 县三小：2 人。\n"
    assert run("school", "merge", SCHOOL2, SCHOOL1, "--data", data).exit_code == 1


def test_no_password_is_hashed_by_an_import(data, tmp_path):
    run("roster", "import", tmp_path / "r.xlsx", "--data", data, "--apply")
    engine = make_engine(f"sqlite:///{data}/db/yanxiu.sqlite")
    with engine.connect() as connection:
        found = connection.execute(
            select(Credential.password_hash, Credential.activation_sha256, Credential.must_change)
            .join(Person, Person.id == Credential.person_id)
            .where(Person.teacher_no == "1101")
        ).one()
    engine.dispose()
    assert tuple(found) == (None, None, True)
