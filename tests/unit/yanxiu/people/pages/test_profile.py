"""我的资料: consent first, one's own data and nobody else's, a copy, a name to correct."""

import io
import json
import zipfile

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, select, update
from yanxiu.people.model import Consent, NameRequest, Person, Profile
from yanxiu.portal.app import build_app
from yanxiu.settings.notice import Notice
from yanxiu.store.model import AuditEvent

from tests.support.browser import HOST, PREFIX, Browser, log_in, make_portal
from tests.support.county import AGREED
from tests.support.every_task import FIELDS
from tests.support.work import marked, released

PAGE = "account/profile"
CONSENT = "account/consent"
TWO = Notice(
    {
        AGREED: {"zh_CN": "# 隐私告知\n\n旧的。", "en": "# Privacy\n\nOld."},
        "2027-01-01": {"zh_CN": "# 隐私告知\n\n新的。"},
    }
)


@pytest.fixture
def newcomer(site):
    """Alice, on her first day."""
    with site.store.engine.begin() as connection:
        connection.execute(delete(Consent).where(Consent.person_id == site.people["alice"]))


def consents(site, who="alice"):
    with site.store.read() as session:
        return {
            one.version: one.at
            for one in session.scalars(select(Consent).where(Consent.person_id == site.people[who]))
        }


def audits(site, verb):
    with site.store.read() as session:
        return session.scalars(
            select(AuditEvent).where(AuditEvent.verb == verb).order_by(AuditEvent.id)
        ).all()


class TestConsent:
    def test_a_newcomer_is_led_there_once_and_then_on(self, site, browse, newcomer, clock):
        browser = browse("alice")
        wanted = f"units/{site.assignment}"
        for path in ("", wanted, PAGE):
            answer = browser.page(path)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith(f"{PREFIX}{CONSENT}?next=")
        leading = browser.page(wanted).headers["location"].removeprefix(PREFIX)
        page = browser.page(leading)
        assert "只问这一次" in page.text
        assert "只显示后四位" in page.text  # the notice itself
        form = {"version": AGREED, "agree": "1", "next": f"{PREFIX}{wanted}"}
        answer = browser.submit(CONSENT, form)
        assert answer.headers["location"] == f"{PREFIX}{wanted}"
        assert browser.page(wanted).status_code == 200
        assert consents(site) == {AGREED: clock()}
        [event] = audits(site, "consent.give")
        assert (event.actor, event.details) == (site.people["alice"], {"version": AGREED})
        # A second click changes nothing.
        clock.advance(minutes=1)
        browser.submit(CONSENT, form, form_of="account/password")
        assert len(consents(site)) == 1

    @pytest.mark.parametrize(
        "form, status, sentence",
        [
            ({"version": AGREED}, 422, "请先看完告知"),
            ({"version": AGREED, "agree": "0"}, 422, "请先看完告知"),
            ({"version": "2020-01-01", "agree": "1"}, 409, "告知刚刚更新了"),
            ({"agree": "1"}, 409, "告知刚刚更新了"),
        ],
    )
    def test_nothing_is_taken_for_consent(self, site, browse, newcomer, form, status, sentence):
        answer = browse("alice").submit(CONSENT, form)
        assert (answer.status_code, sentence in answer.text) == (status, True)
        assert consents(site) == {}
        assert browse("alice").page("").status_code == 303

    def test_nobody_is_led_elsewhere(self, browse, newcomer):
        form = {"version": AGREED, "agree": "1", "next": "https://elsewhere.example/"}
        assert browse("alice").submit(CONSENT, form).headers["location"] == PREFIX

    def test_no_form_goes_before_the_first_consent(self, site, browse, newcomer):
        browser = browse("alice")
        answer = browser.submit(
            f"units/{site.assignment}", {**FIELDS, "do": "submit"}, form_of=CONSENT
        )
        assert answer.status_code == 303
        assert CONSENT in answer.headers["location"]

    def test_the_password_comes_first(self, site, browse, newcomer):
        from yanxiu.people.model import Credential

        with site.store.engine.begin() as connection:
            connection.execute(update(Credential).values(must_change=True))
        for path in ("", CONSENT):
            assert browse("alice").page(path).headers["location"].endswith("account/password")

    def test_a_new_version_is_asked_for_but_never_in_the_way_of_a_form(self, site, hub):
        with Browser(
            build_app(make_portal(site, hub, notice=TWO)), base_url=HOST, headers={"origin": HOST}
        ) as browser:
            log_in(browser, hub, site.people["alice"])
            assert browser.page("").status_code == 303
            token = browser.token_of("account/password")
            done = browser.post(
                f"{PREFIX}units/{site.assignment}",
                data={"_csrf": token, **FIELDS, "do": "submit"},
                follow_redirects=False,
            )
            assert "/receipts/" in done.headers["location"]
            page = browser.page(CONSENT).text
            assert "有了新的版本" in page
            assert "新的。" in page
            browser.submit(CONSENT, {"version": "2027-01-01", "agree": "1"})
            assert browser.page("").status_code == 200
            assert sorted(consents(site)) == [AGREED, "2027-01-01"]
            listed = browser.page(PAGE).text
            assert f"privacy?version={AGREED}" in listed
            assert "旧的。" in browser.page(f"privacy?version={AGREED}").text

    def test_anybody_may_read_the_notice(self, anonymous):
        assert "隐私告知" in anonymous.page("privacy").text
        assert "Privacy notice" in anonymous.page("privacy?lang=en").text
        assert anonymous.page("privacy?version=2001-01-01").status_code == 404


class TestOwnData:
    @pytest.fixture
    def with_id(self, site):
        with site.store.engine.begin() as connection:
            connection.execute(
                update(Person)
                .where(Person.id == site.people["alice"])
                .values(id_last4="002X", stage="小学", subject="数学")
            )

    def test_one_s_own_data_with_a_masked_id_and_what_the_roster_says(self, browse, with_id):
        page = browse("alice").page(PAGE).text
        for text in ("艾老师", "1001", "12000001001", "县三小", "**************002X"):
            assert text in page
        for code in ("primary", "math"):
            assert f'value="{code}" checked' in page
        assert 'value="english" checked' not in page

    def test_stages_and_subjects_are_codes_of_the_table(self, site, browse, with_id):
        browser = browse("alice")
        form = {"stage": ["primary", "junior"], "subject": ["it", "math"]}
        assert browser.submit(PAGE, form).status_code == 303
        with site.store.read() as session:
            kept = session.scalar(select(Profile))
        assert (kept.stages, kept.subjects) == (["primary", "junior"], ["math", "it"])
        page = browser.page(PAGE).text
        assert 'value="it" checked' in page
        assert browser.submit(PAGE, {}).status_code == 303  # nothing is a choice, too
        with site.store.read() as session:
            assert session.scalar(select(Profile)).subjects == []

    @pytest.mark.parametrize(
        "form, sentence",
        [
            ({"subject": ["magic"]}, "不在代码表里"),
            ({"stage": ["math"]}, "不在代码表里"),
            (
                {
                    "subject": [
                        "chinese",
                        "math",
                        "english",
                        "ethics",
                        "science",
                        "history",
                        "it",
                        "pe",
                        "art",
                    ]
                },
                "最多选 8 个",
            ),
        ],
    )
    def test_other_codes_and_too_many_are_refused(self, site, browse, form, sentence):
        answer = browse("alice").submit(PAGE, form)
        assert (answer.status_code, sentence in answer.text) == (422, True)
        with site.store.read() as session:
            assert session.scalar(select(Profile)) is None

    def test_nobody_sees_anybody_else_s(self, browse, with_id):
        for who in ("bob", "charlie", "organizer1", "county"):
            page = browse(who).page(PAGE).text
            for text in ("艾老师", "002X", "12000001001"):
                assert text not in page


def copy_of(browser):
    answer = browser.submit(f"{PAGE}/export", {}, form_of=PAGE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(answer.content))


class TestCopy:
    def test_everything_of_one_s_own(self, site, browse):
        released(site, "alice")
        browser = browse("alice")
        browser.submit(PAGE, {"stage": ["primary"], "subject": ["math"]})
        archive = copy_of(browser)
        assert sorted(archive.namelist()) == ["my-data.json", "my-data.xlsx"]
        data = json.loads(archive.read("my-data.json"))
        assert data["person"]["name"] == "艾老师"
        assert data["person"]["subjects"] == ["数学"]
        assert data["roles"] == [{"role": "教师", "unit": "县三小"}]
        assert data["consents"][0]["version"] == AGREED
        [work] = data["submissions"]
        assert (work["points"], work["comment"]) == (75.0, "写得好，注意分母")
        assert work["answers"]["present"] == 42
        assert data["credit_hours"][0]["hours"] == 1.5
        assert "submission.accept" in {one["what"] for one in data["actions"]}
        book = load_workbook(io.BytesIO(archive.read("my-data.xlsx")))
        assert {"个人资料", "提交记录", "学时"} <= set(book.sheetnames)
        assert "艾老师" in {row[1].value for row in book["个人资料"].iter_rows()}
        [event] = audits(site, "profile.export")
        assert event.actor == site.people["alice"]

    def test_nothing_of_anybody_else_and_no_mark_before_its_time(self, site, browse):
        released(site, "charlie")
        marked(site, "alice")
        text = copy_of(browse("alice")).read("my-data.json").decode()
        for secret in ("柴老师", site.people["charlie"], "写得好", "75.0"):
            assert secret not in text
        [work] = json.loads(text)["submissions"]
        assert (work["points"], work["passed"], work["comment"]) == (None, None, "")

    @pytest.mark.parametrize("first", list("=+-@\t\r"))
    def test_no_cell_is_a_formula(self, site, browse, first):
        hostile = f"{first}HYPERLINK('http://elsewhere.example')"
        with site.store.engine.begin() as connection:
            connection.execute(
                update(Person).where(Person.id == site.people["alice"]).values(name=hostile)
            )
        book = load_workbook(io.BytesIO(copy_of(browse("alice")).read("my-data.xlsx")))
        cells = [cell for row in book["个人资料"].iter_rows() for cell in row]
        assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
        assert any("HYPERLINK" in str(cell.value) for cell in cells)
        assert all(cell.quotePrefix for cell in cells if cell.value)

    def test_a_link_from_elsewhere_does_not_make_a_copy(self, browse):
        assert browse("alice").page(f"{PAGE}/export").status_code == 405


class TestName:
    def ask(self, browser, wanted="艾　老师•甲", reason="身份证上有“甲”"):
        return browser.submit(f"{PAGE}/name", {"wanted": wanted, "reason": reason}, form_of=PAGE)

    def waiting(self, site):
        with site.store.read() as session:
            return session.scalar(select(NameRequest).where(NameRequest.state == "open"))

    def name(self, site, who="alice"):
        with site.store.read() as session:
            return session.get_one(Person, site.people[who]).name

    def test_ask_and_get_it(self, site, browse):
        assert self.ask(browse("alice")).status_code == 303
        one = self.waiting(site)
        assert one.wanted == "艾老师·甲"  # as the roster would clean it
        assert "等待学校处理" in browse("alice").page(PAGE).text
        desk = browse("organizer1")
        assert "艾老师·甲" in desk.page("organize/names").text
        answer = desk.submit(f"organize/names/{one.id}/accept", {}, form_of="organize/names")
        assert answer.status_code == 303
        assert self.name(site) == "艾老师·甲"
        assert "没有要处理的申请" in desk.page("organize/names").text
        assert "已改" in browse("alice").page(PAGE).text
        for verb in ("name.ask", "name.accept"):
            [event] = audits(site, verb)
            assert "艾" not in json.dumps(event.details, ensure_ascii=False)
        again = desk.submit(f"organize/names/{one.id}/accept", {}, form_of=PAGE)
        assert again.status_code == 409

    def test_ask_and_be_told_why_not(self, site, browse):
        self.ask(browse("alice"))
        one = self.waiting(site)
        desk, path = browse("organizer1"), f"organize/names/{one.id}/refuse"
        empty = desk.submit(path, {"answer": " "}, form_of="organize/names")
        assert (empty.status_code, "告诉老师为什么不改" in empty.text) == (422, True)
        desk.submit(path, {"answer": "身份证上没有“甲”。"}, form_of="organize/names")
        page = browse("alice").page(PAGE).text
        assert "没有改" in page
        assert "身份证上没有“甲”。" in page
        assert self.name(site) == "艾老师"

    def test_one_request_at_a_time_and_withdrawing_makes_room(self, site, browse):
        browser = browse("alice")
        self.ask(browser)
        one = self.waiting(site)
        assert self.ask(browser, "艾老师乙").status_code == 409
        back = browser.submit(f"{PAGE}/name/{one.id}/withdraw", {}, form_of=PAGE)
        assert back.status_code == 303
        assert self.ask(browser, "艾老师乙").status_code == 303
        assert self.waiting(site).wanted == "艾老师乙"

    @pytest.mark.parametrize(
        "wanted, reason, sentence",
        [
            ("艾老师", "", "和现在的姓名一样"),
            ("艾 老师", "", "和现在的姓名一样"),
            ("", "", "要有 2 到 40 个字"),
            ("艾", "", "要有 2 到 40 个字"),
            ("艾" * 41, "", "要有 2 到 40 个字"),
            ("艾甲", "长" * 201, "说明最多 200 个字"),
        ],
    )
    def test_what_is_no_request(self, site, browse, wanted, reason, sentence):
        answer = self.ask(browse("alice"), wanted, reason)
        assert (answer.status_code, sentence in answer.text) == (422, True)
        assert self.waiting(site) is None

    @pytest.mark.parametrize("who", ["charlie", "bob", "organizer2", "county2", "alice"])
    @pytest.mark.parametrize("verb", ["accept", "refuse"])
    def test_nobody_else_decides(self, site, browse, who, verb):
        self.ask(browse("alice"))
        one = self.waiting(site)
        answer = browse(who).submit(
            f"organize/names/{one.id}/{verb}", {"answer": "不"}, form_of="account/password"
        )
        assert answer.status_code == 404
        assert self.waiting(site) is not None
        assert self.name(site) == "艾老师"
        if who in ("organizer2", "county2"):
            assert "艾老师" not in browse(who).page("organize/names").text

    def test_nobody_withdraws_somebody_else_s(self, site, browse):
        self.ask(browse("alice"))
        one = self.waiting(site)
        answer = browse("charlie").submit(f"{PAGE}/name/{one.id}/withdraw", {}, form_of=PAGE)
        assert answer.status_code == 404
        assert self.waiting(site) is not None

    def test_an_organizer_does_not_decide_their_own(self, site, browse):
        desk = browse("organizer1")
        self.ask(desk, "校管理员甲")
        one = self.waiting(site)
        assert "由另一位管理员处理" in desk.page("organize/names").text
        answer = desk.submit(f"organize/names/{one.id}/accept", {}, form_of=PAGE)
        assert answer.status_code == 403
        above = browse("county").submit(
            f"organize/names/{one.id}/accept", {}, form_of="organize/names"
        )
        assert above.status_code == 303
        assert self.name(site, "organizer1") == "校管理员甲"
