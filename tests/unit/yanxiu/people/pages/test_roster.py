"""An organizer imports a roster in the browser; nobody else sees anything of it."""

import io
import re

import pypdfium2
import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select
from yanxiu.login.accounts import verify_login
from yanxiu.people.model import Credential, Person, RoleGrant, RosterUpload
from yanxiu.store import tasks
from yanxiu.store.model import AuditEvent

from tests.support.browser import PREFIX, log_in
from tests.support.rosters import SCHOOL1, SCHOOL2, csv_text, id_number, xlsx
from tests.support.tasks import site_kinds, work_off
from tests.support.writing import writing

NEW = ("戴老师", "1101", "13900001101", id_number(1), SCHOOL1, "小学", "数学", "")
BAD = ("鄂老师", "1102", "", "110105194912310021", SCHOOL1, "", "", "")
FOREIGN = ("任老师", "2101", "", "", SCHOOL2, "", "", "")


def send(browser, content, name="花名册.xlsx"):
    return browser.submit("organize/roster", {}, files={"file": (name, content)})


def upload(browser, *rows):
    answer = send(browser, xlsx(rows))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removeprefix(PREFIX)


def expected_of(page):
    return re.search(r'name="expected" value="([0-9a-f]{64})"', page.text)[1]


def person(site, number):
    with site.store.read() as session:
        return session.scalar(select(Person).where(Person.teacher_no == number))


def audits(site, verb):
    with site.store.read() as session:
        return session.scalars(select(AuditEvent).where(AuditEvent.verb == verb)).all()


def test_upload_preview_import_and_once_more(site, browse):
    browser = browse("organizer1")
    assert "导入花名册" in browser.page("organize/people").text
    path = upload(browser, NEW, BAD)
    preview = browser.page(path)
    assert "校验位不对" in preview.text
    assert person(site, "1101") is None  # a preview changes nothing
    done = browser.submit(f"{path}/apply", {"expected": expected_of(preview)}, form_of=path)
    assert done.status_code == 303
    task = done.headers["location"]
    waiting = browser.get(task)
    assert "排队中" in waiting.text and 'http-equiv="refresh"' in waiting.text
    assert person(site, "1101") is None  # nobody waits for it
    work_off(site)
    result = browser.get(task)
    assert "已导入：新增 1 人" in result.text and 'http-equiv="refresh"' not in result.text
    assert "这份文件已经导入" in browser.page(path).text
    assert person(site, "1101").name == "戴老师"
    assert person(site, "1102") is None
    again = browser.page(upload(browser, NEW))
    assert "这份文件没有带来变化" not in again.text  # two colleagues are missing from it
    assert "艾老师" in again.text
    [event] = audits(site, "roster.import")
    assert (event.details["add"], event.details["problems"]) == (1, 1)
    assert [one.object_id for one in audits(site, "person.add")] == [person(site, "1101").id]


def test_what_changed_since_the_preview_is_shown_first(site, browse):
    browser, other = browse("organizer1"), browse("county")
    path = upload(browser, NEW)
    expected = expected_of(browser.page(path))
    theirs = upload(other, NEW)
    other.submit(f"{theirs}/apply", {"expected": expected_of(other.page(theirs))}, form_of=theirs)
    answer = browser.submit(f"{path}/apply", {"expected": expected}, form_of=path)
    assert work_off(site) == 2
    result = browser.get(answer.headers["location"])
    assert "名单有了变化" in result.text
    assert f'href="{PREFIX}{path}"' in result.text  # to the new preview
    form = {"expected": expected, "whole": "1"}
    again = browser.submit(f"{path}/apply", form, form_of=path)
    assert (again.status_code, work_off(site)) == (409, 0)  # somebody may leave: said at once
    assert "名单有了变化" in again.text
    assert len(audits(site, "roster.import")) == 1


@pytest.mark.parametrize("whole, active", [({}, True), ({"whole": "1"}, False)])
def test_who_is_missing_leaves_only_when_the_organizer_says_so(site, browse, whole, active):
    browser = browse("organizer1")
    path = upload(browser, NEW, ("艾老师", "1001", "", "", SCHOOL1, "", "", ""))
    preview = browser.page(path)
    assert "把不在文件里的 1 位老师标记为已离开" in preview.text
    form = {"expected": expected_of(preview), **whole}
    answer = browser.submit(f"{path}/apply", form, form_of=path)
    if whole:  # one of two: asked once more, with the number
        assert answer.status_code == 409
        assert "县三小：现有 3 人，其中 1 人不在文件里。" in answer.text
        again = browser.submit(f"{path}/apply", form | {"leaving": "2"}, form_of=path)
        assert (again.status_code, work_off(site)) == (409, 0)
        assert person(site, "1002").active
        assert 'name="leaving" value="1"' in answer.text
        browser.submit(f"{path}/apply", form | {"leaving": "1"}, form_of=path)
    assert work_off(site) == 1
    assert person(site, "1002").active is active
    assert person(site, "1900").active  # organizers do not leave by a list, nor oneself
    assert person(site, "2001").active


def test_a_file_that_was_not_read_whole_locks_nobody_out(site, browse):
    """Two sheets of a school: the second was never read, and its teachers had left."""
    book = load_workbook(io.BytesIO(xlsx([NEW])))
    book.create_sheet("二年级组").append(["包老师", "1002"])
    content = io.BytesIO()
    book.save(content)
    browser = browse("organizer1")
    path = send(browser, content.getvalue()).headers["location"].removeprefix(PREFIX)
    preview = browser.page(path)
    assert "文件里还有别的表没有读：二年级组。" in preview.text
    assert 'name="whole"' not in preview.text
    form = {"expected": expected_of(preview), "whole": "1", "leaving": "2"}
    answer = browser.submit(f"{path}/apply", form, form_of=path)
    assert (answer.status_code, "不能当作完整名单" in answer.text) == (409, True)
    assert person(site, "1002").active
    assert person(site, "1101") is None
    # Without the tick, the rows that were read come in.
    browser.submit(f"{path}/apply", {"expected": expected_of(preview)}, form_of=path)
    assert work_off(site) == 1
    assert person(site, "1101") is not None


def test_the_preview_accounts_for_every_row(browse):
    browser = browse("organizer1")
    page = browser.page(upload(browser, NEW, ("合计", 1, "", "", "", "", "", "")))
    assert (
        "文件有 3 行：老师 1 行，表头、标题、合计和签名 2 行，空行 0 行，没有读的 0 行。"
        in page.text
    )


def test_the_error_sheet_has_the_rows_and_reasons_as_text(browse):
    browser = browse("organizer1")
    evil = ("@SUM(1)", "1103", "-1", "", SCHOOL1, "=1+1", "+2", "")
    content = csv_text([NEW, BAD, evil]).encode()
    path = send(browser, content, "r.csv").headers["location"].removeprefix(PREFIX)
    answer = browser.page(f"{path}/errors.xlsx")
    assert answer.headers["content-disposition"] == 'attachment; filename="roster-errors.xlsx"'
    rows = list(load_workbook(io.BytesIO(answer.content)).worksheets[0].iter_rows())
    assert [cell.value for cell in rows[0]][-2:] == ["错误原因", "原来的行号"]
    assert [row[0].value for row in rows[1:]] == ["鄂老师", "@SUM(1)"]
    assert [row[-1].value for row in rows[1:]] == ["3", "4"]
    assert "校验位不对" in rows[1][-2].value
    assert [cell.value for cell in rows[2]][2:7] == ["-1", None, SCHOOL1, "=1+1", "+2"]
    assert "f" not in {cell.data_type for row in rows for cell in row}
    assert {cell.number_format for cell in rows[2]} == {"@"}
    # Corrected in place, the sheet itself can be uploaded.
    assert "需要改正" in browser.get(send(browser, answer.content).headers["location"]).text


def test_the_template_can_be_read(browse):
    answer = browse("organizer1").page("organize/roster/template.xlsx")
    book = load_workbook(io.BytesIO(answer.content))
    assert [cell.value for cell in book.worksheets[0][1]][:4] == [
        "姓名",
        "教师编号",
        "手机号",
        "身份证号",
    ]
    assert book.worksheets[0]["D2"].number_format == "@"


@pytest.mark.parametrize(
    "content, text",
    [
        (b"", "文件是空的"),
        (b"<html><table></table></html>", "网页格式"),
        (b"PK\x03\x04 not really", "打不开"),
        (xlsx([], header=("甲", "乙")), "没有找到表头"),
        (b"\xff\xfe\xfa", "文字编码认不出来"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(site, browse, content, text):
    answer = send(browse("organizer1"), content)
    assert answer.status_code == 422
    assert text in answer.text
    if content:
        assert audits(site, "roster.upload_refuse")


def test_no_file_is_a_sentence_too(browse):
    answer = browse("organizer1").submit("organize/roster", {})
    assert (answer.status_code, "没有选择文件" in answer.text) == (422, True)


def test_a_school_organizer_imports_the_own_school_only(site, browse):
    browser = browse("organizer1")
    path = upload(browser, NEW, FOREIGN, ("柴老师", "2001", "", "", SCHOOL1, "", "", ""))
    page = browser.page(path)
    assert "这一行是别的学校的" in page.text
    assert "在您管理的学校之外" in page.text
    assert "城关镇中心校" not in page.text
    browser.submit(f"{path}/apply", {"expected": expected_of(page)}, form_of=path)
    assert work_off(site) == 1
    assert person(site, "2101") is None
    assert person(site, "2001").school_id == site.schools["school2"]


@pytest.mark.parametrize(
    "who, role, allowed",
    [
        ("organizer1", "教研组长", True),
        ("organizer1", "学校管理员", True),
        ("organizer1", "县管理员", False),
        ("county", "学校管理员", True),
    ],
)
def test_roles_are_given_from_above(site, browse, who, role, allowed):
    browser = browse(who)
    page = browser.page(upload(browser, (*NEW[:-1], f"教师、{role}")))
    assert (f"您不能在花名册里给出“{role}”" in page.text) is not allowed


def test_a_file_cannot_change_somebody_with_more_power(site, browse):
    """Whoever may set a mobile number may log in by it, once a password is reset."""
    with site.store.engine.begin() as connection:
        connection.execute(
            Person.__table__.update()
            .where(Person.teacher_no == "9000")
            .values(school_id=site.schools["school1"])
        )
    browser = browse("organizer1")
    path = upload(browser, ("县管理员", "9000", "13999999999", "", SCHOOL1, "", "", ""))
    assert "管理范围以外的角色" in browser.page(path).text


# ---- strangers ------------------------------------------------------------------------------

PATHS = ["{}", "{}/errors.xlsx"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("who", ["organizer2", "county", "county2"])
def test_nobody_else_sees_an_upload(site, browse, who, path):
    mine = upload(browse("organizer1"), NEW)
    answer = browse(who).page(path.format(mine))
    assert answer.status_code == 404
    assert "戴老师" not in answer.text


@pytest.mark.parametrize("who", ["organizer2", "county", "alice"])
@pytest.mark.parametrize("verb", ["apply", "discard"])
def test_nobody_else_goes_on_with_an_upload(site, browse, who, verb):
    browser = browse("organizer1")
    mine = upload(browser, NEW)
    form = {"expected": expected_of(browser.page(mine))}
    answer = browse(who).submit(f"{mine}/{verb}", form, form_of="account/password")
    assert answer.status_code == (403 if who == "alice" else 404)
    assert person(site, "1101") is None
    assert browser.page(mine).status_code == 200
    name = {"apply": "import", "discard": "discard"}[verb]
    assert audits(site, f"roster.{name}_refuse")


@pytest.mark.parametrize("path", ["roster", "roster/template.xlsx", "slips"])
def test_teachers_have_no_rosters(browse, path):
    assert browse("alice").page(f"organize/{path}").status_code == 403
    answer = browse("alice").submit("organize/roster", {}, form_of="account/password")
    assert answer.status_code in (403, 422)


@pytest.mark.parametrize("path", ["roster", "slips/{school}"])
def test_a_form_from_elsewhere_does_nothing(site, browse, path):
    browser = browse("organizer1")
    path = path.format(school=site.schools["school1"])
    answer = browser.post(
        f"{PREFIX}organize/{path}", headers={"origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403
    with site.store.read() as session:
        assert session.scalar(select(RosterUpload)) is None


# ---- the file -------------------------------------------------------------------------------


def blobs(site):
    return [path for path in site.store.blobs.root.rglob("*") if path.is_file()]


def test_the_file_is_kept_unreadable_and_for_an_hour(site, hub, browse, clock):
    before = set(blobs(site))
    browser = browse("organizer1")
    mine = upload(browser, NEW)
    [kept] = set(blobs(site)) - before
    assert id_number(1).encode() not in kept.read_bytes()
    assert not kept.read_bytes().startswith(b"PK")
    clock.advance(minutes=59)
    browser.cookies.clear()  # a session may end sooner than the file
    log_in(browser, hub, site.people["organizer1"])
    assert browser.page(mine).status_code == 200
    clock.advance(minutes=1)
    assert browser.page(mine).status_code == 404
    tasks.schedule(site.store, site_kinds(site.store))
    work_off(site)  # by itself: nobody uploads another one
    assert kept not in blobs(site)
    [event] = audits(site, "roster.expire")
    assert event.details == {"uploads": 1}


def test_two_clicks_on_import_are_one_import(site, browse):
    browser = browse("organizer1")
    path = upload(browser, NEW)
    form = {"expected": expected_of(browser.page(path))}
    first, second = (browser.submit(f"{path}/apply", form, form_of=path) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    work_off(site)
    assert len(audits(site, "roster.import")) == 1


def test_who_has_lost_the_role_imports_nothing(site, browse):
    browser = browse("organizer1")
    path = upload(browser, NEW)
    browser.submit(f"{path}/apply", {"expected": expected_of(browser.page(path))}, form_of=path)
    with writing(site.store) as session:
        session.execute(delete(RoleGrant).where(RoleGrant.person_id == site.people["organizer1"]))
    work_off(site)
    assert person(site, "1101") is None
    [event] = audits(site, "task.refused")
    assert event.outcome == "refused organizer.only"


def test_discarding_removes_the_file(site, browse):
    before = set(blobs(site))
    browser = browse("organizer1")
    mine = upload(browser, NEW)
    assert browser.submit(f"{mine}/discard", {}, form_of=mine).status_code == 303
    assert set(blobs(site)) == before
    assert browser.page(mine).status_code == 404


# ---- activation slips -----------------------------------------------------------------------


def forget_passwords(site):
    with site.store.engine.begin() as connection:
        connection.execute(Credential.__table__.update().values(password_hash="x"))
        waiting = [site.people[who] for who in ("alice", "bob", "charlie")]
        connection.execute(
            Credential.__table__.update()
            .where(Credential.person_id.in_(waiting))
            .values(password_hash=None)
        )


def text_of(content):
    with pypdfium2.PdfDocument(content) as pdf:
        return "\n".join(page.get_textpage().get_text_range() for page in pdf)


def codes_of(content):
    return re.findall(r"[2-9A-Z]{9}-[2-9A-Z]{9}-[2-9A-Z]{9}", text_of(content))


def test_slips_let_people_in_and_new_slips_end_the_old(site, browse):
    forget_passwords(site)
    browser = browse("organizer1")
    page = browser.page("organize/slips")
    assert "县三小" in page.text
    assert "城关镇中心校" not in page.text
    address = f"organize/slips/{site.schools['school1']}"
    first = browser.submit(address, {}, form_of="organize/slips")
    assert first.headers["content-type"] == "application/pdf"
    assert first.headers["cache-control"] == "no-store"
    assert "艾老师" in text_of(first.content)
    old = codes_of(first.content)
    assert len(old) == 2  # those with a password need none
    new = codes_of(browser.submit(address, {}, form_of="organize/slips").content)
    order = sorted(["1001", "1002"], key=lambda number: person(site, number).name)
    for number, ended, code in zip(order, old, new, strict=True):
        assert verify_login(site.store, number, ended).person_id is None
        assert verify_login(site.store, number, code.lower()).person_id
    assert [event.details for event in audits(site, "slips.print")] == [{"slips": 2}] * 2


@pytest.mark.parametrize("who", ["organizer2", "county2", "alice"])
def test_slips_are_printed_from_above_only(site, browse, who):
    forget_passwords(site)
    answer = browse(who).submit(
        f"organize/slips/{site.schools['school1']}", {}, form_of="account/password"
    )
    assert answer.status_code == 404
    with site.store.read() as session:
        assert not session.scalars(select(Credential.activation_sha256)).unique().all()[0]
    assert audits(site, "slips.refuse")


def test_a_school_organizer_prints_no_code_for_the_county(site, browse):
    forget_passwords(site)
    with site.store.engine.begin() as connection:
        connection.execute(
            Person.__table__.update()
            .where(Person.teacher_no == "9000")
            .values(school_id=site.schools["school1"])
        )
        connection.execute(Credential.__table__.update().values(password_hash=None))
    address = f"organize/slips/{site.schools['school1']}"
    mine = browse("organizer1").submit(address, {}, form_of="organize/slips")
    assert "县管理员" not in text_of(mine.content)
    above = browse("county").submit(address, {}, form_of="organize/slips")
    assert "县管理员" in text_of(above.content)


def test_a_name_without_a_glyph_prints_a_box_and_the_code_point(site, browse):
    forget_passwords(site)
    with site.store.engine.begin() as connection:
        connection.execute(
            Person.__table__.update().where(Person.teacher_no == "1001").values(name="陈\U00031350")
        )
    address = f"organize/slips/{site.schools['school1']}"
    answer = browse("organizer1").submit(address, {}, form_of="organize/slips")
    assert "陈□(U+31350)" in text_of(answer.content)
    assert "包老师" in text_of(answer.content)


def test_a_school_where_all_have_passwords_needs_no_slips(site, browse):
    with site.store.engine.begin() as connection:
        connection.execute(Credential.__table__.update().values(password_hash="x"))
    address = f"organize/slips/{site.schools['school1']}"
    answer = browse("organizer1").submit(address, {}, form_of="account/password")
    assert (answer.status_code, "不需要激活单" in answer.text) == (409, True)
