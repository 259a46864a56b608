"""A real hub with a real OpenID Connect provider, a CAS server and local accounts at once.

The stand-in reads people again every 2 s, so that the tests need not last a minute.
"""

import re
import time
import uuid
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select
from yanxiu.courses.reads import enrolment
from yanxiu.login.model import SsoBinding, SsoRequest
from yanxiu.names import new_id
from yanxiu.people.model import Organization, Person, RoleGrant

from tests.integration.hub.support import (
    Installation,
    Up,
    at_server,
    log_in,
    make_installation,
    new_browser,
    serving,
    wait_until,
)
from tests.support import oidc
from tests.support.cas_server import CasServer, running_cas
from tests.support.oidc import OidcServer
from tests.support.site import free_port
from tests.support.writing import writing

PATH = "/hub/sso/xian/callback"
ALICE = {"name": "艾老师", "teacher_no": "T0001", "school_code": "2133000001"}
BOB = {"name": "包老师", "teacher_no": "T0002", "school_code": "2133000001"}
SSO = """
sso:
  xian:
    kind: oidc
    title: {{zh_CN: 县统一身份认证}}
    issuer: {issuer}
    client_id: yanxiu
    own_county: true
    left: [left]
  sheng: {{kind: cas, title: {{zh_CN: 省教师平台}}, url: "{cas}", own_county: true}}
  fei: {{kind: oidc, title: {{zh_CN: 停用的平台}}, issuer: "http://127.0.0.1:9", client_id: yanxiu}}
"""


@pytest.fixture(scope="module")
def cas() -> Iterator[CasServer]:
    with running_cas() as server:
        yield server


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Installation:
    made = make_installation(tmp_path_factory.mktemp("sso"))
    store = made.store()
    with writing(store) as session:
        second = Organization(
            id=uuid.uuid4(),
            kind="school",
            code="2133000002",
            name="城关镇中心校",
            path="330100/2133000002/",
        )
        session.add(second)
    store.close()
    return made


@pytest.fixture(scope="module")
def provider(installed, installation) -> Iterator[OidcServer]:
    with oidc.running(free_port(), [installation.url + PATH]) as server:
        yield server


@pytest.fixture(scope="module")
def up(installation, provider, cas) -> Iterator[Up]:
    site = installation.site / "site.yaml"
    site.write_text(site.read_text() + SSO.format(issuer=provider.issuer, cas=cas.url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("YANXIU_SSO_XIAN_SECRET", oidc.SECRET)
        patch.setenv("YANXIU_SSO_FEI_SECRET", "unused")
        with serving(installation) as running:
            yield running


@pytest.fixture
def known(up, provider, cas, installation) -> Iterator[OidcServer]:
    """The provider, as new; and nobody is bound."""
    provider.set(
        accounts={"a-1": ALICE, "b-1": BOB}, login="a-1", fault="", away=False, tokenSeconds=600
    )
    cas.login, cas.accounts, cas.body = "a-1", {"a-1": BOB}, b""
    yield provider
    store = installation.store()
    with writing(store) as session:
        for table in (SsoBinding, SsoRequest):
            for row in session.scalars(select(table)):
                session.delete(row)
    store.close()


@pytest.fixture
def browser(up) -> Iterator[httpx.Client]:
    with new_browser(up.installation.url) as client:
        yield client


def come_by(browser, name="xian", **query) -> httpx.Response:
    return browser.get(f"/hub/sso/{name}/login", params=query)


def is_in(browser) -> bool:
    return browser.get("/hub/home").url.path == "/hub/home"


def rows(installation, table):
    store = installation.store()
    with store.read() as session:
        found = list(session.scalars(select(table)))
    store.close()
    return found


def groups(installation, who):
    store = installation.store()
    with store.read() as session:
        found = enrolment.hub_groups(session, installation.people[who])
    store.close()
    return found


def test_the_login_page_shows_the_form_and_a_button_for_each_provider(browser, known):
    page = browser.get("/hub/login?next=%2Fhub%2Fhome").text
    assert 'name="password"' in page
    assert "<script" not in page
    links = dict(re.findall(r'href="(/hub/sso/\S+?)">([^<]+)<', page))
    assert list(links.values()) == ["县统一身份认证", "省教师平台", "停用的平台"]
    assert next(iter(links)) == "/hub/sso/xian/login?next=%2Fhub%2Fhome"


def test_a_first_login_binds_and_a_second_finds_the_binding(browser, known, installation):
    assert come_by(browser).url.path == "/services/records/"
    assert "艾老师" in browser.get("/hub/home").text
    (bound,) = rows(installation, SsoBinding)
    assert (bound.subject, bound.person_id) == ("a-1", installation.people["alice"])
    known.set(accounts={"a-1": {"name": "改了的名字"}})
    with new_browser(installation.url) as another:
        come_by(another)
        assert is_in(another)
    assert len(rows(installation, SsoBinding)) == 1


def test_the_page_that_was_wanted_opens_and_no_other_site(browser, known):
    assert come_by(browser, next="/hub/home").url.path == "/hub/home"
    browser.cookies.clear()
    landed = come_by(browser, next="https://evil.example/x")
    assert landed.url.host == "127.0.0.1"
    assert "code" not in landed.url.params


def test_local_accounts_work_beside_it_and_stay_in(browser, known):
    log_in(browser, "T0001")
    assert is_in(browser)
    for _ in range(3):  # past the refresh that stock oauthenticator throws them out at
        assert is_in(browser)
        time.sleep(1)
    assert is_in(browser)


def test_two_providers_with_the_same_subject_are_two_people(browser, known, installation):
    come_by(browser)
    with new_browser(installation.url) as another:
        come_by(another, "sheng")
        assert "包老师" in another.get("/hub/home").text
    assert "艾老师" in browser.get("/hub/home").text
    assert {(b.provider, b.person_id) for b in rows(installation, SsoBinding)} == {
        ("xian", installation.people["alice"]),
        ("sheng", installation.people["bob"]),
    }


def test_an_unknown_account_waits_kindly_and_makes_nobody(browser, known, installation):
    known.set(accounts={"x-1": {"name": "生老师", "school_code": "2133000001"}}, login="x-1")
    before = len(rows(installation, Person))
    answer = come_by(browser)
    assert answer.status_code == 403
    assert "已经请 县三小 的管理员确认" in answer.text
    assert not is_in(browser)
    assert len(rows(installation, Person)) == before
    assert [row.name for row in rows(installation, SsoRequest)] == ["生老师"]


def test_a_changed_school_changes_the_groups_of_a_session(browser, known, installation):
    come_by(browser)
    assert "school-2133000001" in groups(installation, "alice")
    known.set(accounts={"a-1": {**ALICE, "school_code": "2133000002"}})

    def followed() -> bool:
        assert is_in(browser)
        return "school-2133000002" in groups(installation, "alice")

    wait_until(followed, 10, "the school follows")
    assert "school-2133000001" not in groups(installation, "alice")


@pytest.mark.parametrize("accounts", [{"a-1": {**ALICE, "status": "left"}}, {}])
def test_who_left_at_the_provider_is_thrown_out(browser, known, accounts):
    come_by(browser)
    assert is_in(browser)
    known.set(accounts=accounts)
    wait_until(lambda: not is_in(browser), 10, "thrown out")


def test_who_left_loses_the_jupyter_too(browser, known, installation):
    come_by(browser)
    alice = installation.people["alice"]
    browser.get("/hub/spawn")
    wait_until(lambda: "JUPYTERHUB_USER" in at_server(browser, alice).text, 15, "started")
    assert "refresh" not in at_server(browser, alice).text  # no token of the provider
    known.set(accounts={"a-1": {**ALICE, "status": "left"}})
    wait_until(lambda: not is_in(browser), 10, "thrown out")
    wait_until(lambda: "JUPYTERHUB_USER" not in at_server(browser, alice).text, 10, "ended")


def test_who_is_deactivated_in_the_roster_is_thrown_out(browser, known, installation):
    come_by(browser)
    installation.set_active("alice", False)
    try:
        wait_until(lambda: not is_in(browser), 10, "thrown out")
        answer = come_by(browser)
        assert answer.status_code == 403
        assert "账号已停用" in answer.text
    finally:
        installation.set_active("alice", True)


def test_expired_tokens_are_renewed_and_nobody_notices(browser, known):
    known.set(tokenSeconds=2)
    come_by(browser)
    for _ in range(4):
        time.sleep(1.2)
        assert is_in(browser)


def test_a_provider_that_is_away_leaves_sessions_alone(browser, known):
    come_by(browser)
    known.set(away=True)
    time.sleep(3)  # past the next refresh
    assert is_in(browser)


@pytest.mark.parametrize("fault", ["signature", "alg none", "audience", "nonce", "expired"])
def test_a_forged_token_logs_nobody_in(browser, known, fault):
    known.set(fault=fault)
    answer = come_by(browser)
    assert answer.status_code == 403
    assert "没有通过核对" in answer.text
    assert 'name="password"' in answer.text
    assert not is_in(browser)


def test_somebody_who_turns_back_reads_so_and_can_type_a_password(browser, known):
    known.set(login=None)
    answer = come_by(browser)
    assert answer.status_code == 403
    assert "您在认证平台取消了登录" in answer.text
    log_in(browser, "T0001")
    assert is_in(browser)


def test_a_provider_that_is_down_is_a_sentence_beside_the_form(browser, known):
    answer = come_by(browser, "fei")
    assert answer.status_code == 503
    assert "认证平台现在没有回应" in answer.text
    assert 'name="password"' in answer.text


def leave_only(browser, name="xian") -> httpx.URL:
    """Go to the provider and stop at the door back: return the callback that it asks for."""
    answer = browser.get(f"/hub/sso/{name}/login", follow_redirects=False)
    address = httpx.URL(answer.headers["location"])
    while not address.path.startswith("/hub/sso/"):
        answer = browser.get(address, follow_redirects=False)
        address = address.join(answer.headers["location"])
    return address


class TestState:
    def test_a_trip_of_another_browser_is_refused(self, browser, known, installation):
        """Login CSRF: a thief makes a victim's browser finish the thief's own login."""
        with new_browser(installation.url) as thief:
            door = leave_only(thief)
        answer = browser.get(door)
        assert answer.status_code == 400
        assert "不是从这个浏览器开始的" in answer.text
        assert not is_in(browser)

    def test_the_same_door_is_open_for_its_own_browser(self, browser, known):
        browser.get(leave_only(browser))
        assert is_in(browser)

    def test_a_door_works_once(self, browser, known):
        door = leave_only(browser)
        browser.get(door)
        browser.get("/hub/logout")
        assert browser.get(door).status_code == 400

    @pytest.mark.parametrize("state", ["", "forged", "状态"])
    def test_a_missing_or_foreign_state_is_refused(self, browser, known, state):
        door = leave_only(browser)
        answer = browser.get(door.copy_set_param("state", state))
        assert answer.status_code == 400
        assert not is_in(browser)

    def test_a_trip_to_one_provider_does_not_end_at_another(self, browser, known):
        door = leave_only(browser)
        answer = browser.get(str(door).replace("/xian/", "/sheng/"))
        assert answer.status_code == 400

    @pytest.mark.parametrize("path", ["/hub/sso/nobody/login", "/hub/sso/nobody/callback"])
    def test_an_unknown_provider_is_not_found(self, browser, known, path):
        assert browser.get(path).status_code == 404

    def test_a_form_cannot_claim_to_be_proved(self, browser, known, installation):
        browser.get("/hub/login")
        answer = browser.post(
            "/hub/login",
            data={
                "person_id": installation.people["alice"],
                "keep": "{}",
                "_xsrf": browser.cookies.get("_xsrf") or "",
            },
        )
        assert answer.status_code == 400
        assert not is_in(browser)


def test_no_code_token_name_or_secret_is_in_any_log_or_in_the_clear_in_the_database(
    browser, known, installation
):
    door = leave_only(browser)
    browser.get(door)
    known.set(fault="signature")
    come_by(browser)
    logs = "".join(
        file.read_text(errors="replace") for file in (installation.data / "log").glob("*.log")
    )
    assert "login refused: sso.rejected" in logs  # the log is the one that would show it
    for secret in (door.params["code"], door.params["state"], oidc.SECRET, "艾老师", "T0001"):
        assert secret not in logs
    database = b"".join(
        file.read_bytes() for file in (installation.data / "db").glob("hub.sqlite*")
    )
    assert b"refresh_token" not in database


@pytest.fixture(scope="module")
def operator(up, installation):
    """alice is an operator from here on."""
    store = installation.store()
    with writing(store) as session:
        county = session.scalars(select(Organization).where(Organization.kind == "county")).one()
        session.add(
            RoleGrant(
                id=new_id(),
                person_id=installation.people["alice"],
                role="operator",
                org_id=county.id,
            )
        )
    store.close()


def test_an_operator_sees_what_was_read_and_nothing_is_kept(browser, known, operator, installation):
    log_in(browser, "T0001")
    known.set(
        accounts={"b-1": {**BOB, "id_number": "11010519491231002X", "extra": "1"}}, login="b-1"
    )
    page = browser.get("/hub/sso/xian/test")
    assert page.status_code == 200 and page.url.path == PATH
    assert page.headers["cache-control"] == "no-store"
    assert "统一认证自检" in page.text and "包老师" in page.text and "T0002" in page.text
    assert "花名册里正好有一位" in page.text
    assert "1101051949" not in page.text
    # Bob did not come in, and alice is still who she was.
    assert "艾老师" in browser.get("/hub/home").text
    assert rows(installation, SsoBinding) == rows(installation, SsoRequest) == []
    assert "包老师" in browser.get("/hub/sso/sheng/test").text
    known.set(accounts={"x-1": {"name": "生老师"}}, login="x-1")
    with new_browser(installation.url) as another:  # the provider remembers the first
        log_in(another, "T0001")
        assert "花名册里没有这个人" in another.get("/hub/sso/xian/test").text
    assert rows(installation, SsoRequest) == []
    english = browser.get("/hub/sso/sheng/test?lang=en")
    assert english.status_code == 200


def test_nobody_else_may_test_a_provider(browser, known, installation):
    assert browser.get("/hub/sso/xian/test").url.path == "/hub/login"
    log_in(browser, "T0002")
    refused = browser.get("/hub/sso/xian/test")
    assert refused.status_code == 403
    assert "只给运维员用" in refused.text
    assert browser.get("/hub/sso/nowhere/test").status_code == 404


def test_a_trip_of_an_operator_ends_with_their_login(browser, known, operator, installation):
    """Somebody who logs out on the way, or another at the same desk, sees nothing."""
    log_in(browser, "T0001")
    known.set(accounts={"b-1": BOB}, login="b-1")
    away = browser.get("/hub/sso/xian/test", follow_redirects=False)
    with httpx.Client(cookies={}) as outside:
        back = outside.get(away.headers["location"])
        while not back.headers["location"].startswith(installation.url):
            back = outside.get(str(back.url.join(back.headers["location"])))
    browser.get("/hub/logout")
    answer = browser.get(back.headers["location"])
    assert answer.status_code == 400
    assert "包老师" not in answer.text and not is_in(browser)
