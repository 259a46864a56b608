"""The queue of accounts that the roster could not place: who sees it, who decides, what is kept."""

import pytest
from sqlalchemy import select
from yanxiu.login.model import SsoBinding, SsoRequest
from yanxiu.names import new_id
from yanxiu.people.model import Person, RoleGrant
from yanxiu.portal.app import build_app
from yanxiu.settings.model import Site
from yanxiu.store.model import AuditEvent

from tests.support.browser import PREFIX, make_portal
from tests.support.writing import writing

PAGE = "organize/bindings"
XIAN = {
    "kind": "cas",
    "title": {"zh_CN": "县统一认证", "en": "County login"},
    "url": "https://sso.example.cn/cas",
}


@pytest.fixture
def app(site, hub):
    settings = Site.model_validate({**site.site.model_dump(), "sso": {"xian": XIAN}})
    return build_app(make_portal(site, hub, site=settings))


@pytest.fixture
def waiting(site):
    """An account that names school 1, called like alice and with her mobile."""
    return add_request(site, "school1", name="艾老师", mobile="12000001001")


def add_request(site, org, **changes):
    row = {
        "id": new_id(),
        "provider": "xian",
        "subject": "s-1",
        "org_id": site.schools[org],
        "name": "",
        "teacher_no": "",
        "mobile": "",
        "id_hmac": "",
        "id_last4": "",
        "school_code": "",
        "doubt": "nobody",
        "created_at": site.store.clock(),
        "seen_at": site.store.clock(),
    }
    with writing(site.store) as session:
        session.add(SsoRequest(**{**row, **changes}))
    return changes.get("id", row["id"])


def bindings(site):
    with site.store.read() as session:
        return {row.subject: row.person_id for row in session.scalars(select(SsoBinding))}


def state(site, request_id):
    with site.store.read() as session:
        return session.get_one(SsoRequest, request_id)


def last_event(site):
    with site.store.read() as session:
        return session.scalars(select(AuditEvent).order_by(AuditEvent.id.desc())).first()


def test_the_organizer_of_the_school_sees_who_it_could_be_and_binds(browse, site, waiting):
    browser = browse("organizer1")
    listed = browser.page(PAGE).text
    assert "艾老师" in listed
    assert "县统一认证" in listed
    page = browser.page(f"{PAGE}/{waiting}").text
    assert "手机号相同、姓名相同" in page
    assert "12000001001" not in page
    answer = browser.submit(
        f"{PAGE}/{waiting}/bind", {"person": site.people["alice"]}, form_of=f"{PAGE}/{waiting}"
    )
    assert answer.headers["location"] == f"{PREFIX}{PAGE}?done=bound"
    assert bindings(site) == {"s-1": site.people["alice"]}
    after = state(site, waiting)
    assert (after.state, after.mobile, after.decided_by) == (
        "bound",
        "",
        site.people["organizer1"],
    )
    event = last_event(site)
    assert (event.actor, event.verb, event.object_id) == (
        site.people["organizer1"],
        "sso.bind",
        site.people["alice"],
    )


@pytest.mark.parametrize("who", ["organizer2", "county2"])
def test_an_organizer_of_elsewhere_finds_nothing(browse, site, waiting, who):
    browser = browse(who)
    assert "艾老师" not in browser.page(PAGE).text
    assert browser.page(f"{PAGE}/{waiting}").status_code == 404
    for verb in ("bind", "refuse"):
        answer = browser.submit(
            f"{PAGE}/{waiting}/{verb}",
            {"person": site.people["charlie"]},
            form_of="account/password",
        )
        assert answer.status_code == 404
    assert bindings(site) == {}
    assert state(site, waiting).state == "open"


@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_teachers_have_no_queue(browse, site, waiting, who):
    browser = browse(who)
    assert browser.page(PAGE).status_code == 403
    assert browser.page(f"{PAGE}/{waiting}").status_code == 403
    token = browser.token_of("account/password")
    for verb in ("bind", "refuse"):
        answer = browser.post(
            f"{PREFIX}{PAGE}/{waiting}/{verb}",
            data={"_csrf": token, "person": site.people[who]},
            follow_redirects=False,
        )
        assert answer.status_code == 404
    assert bindings(site) == {}


def test_the_county_sees_what_named_no_school_and_its_schools_do_not(browse, site):
    request = add_request(site, "county", name="生老师")
    assert "生老师" in browse("county").page(PAGE).text
    assert browse("organizer1").page(f"{PAGE}/{request}").status_code == 404


def test_nobody_is_bound_outside_the_organizers_schools(browse, site, waiting):
    browser = browse("organizer1")
    for words in ("柴老师", "2001"):
        found = browser.page(f"{PAGE}/{waiting}?q={words}").text
        assert site.people["charlie"] not in found
    answer = browser.submit(
        f"{PAGE}/{waiting}/bind", {"person": site.people["charlie"]}, form_of=f"{PAGE}/{waiting}"
    )
    assert answer.status_code == 404
    assert bindings(site) == {}


def test_nobody_is_bound_to_more_power_than_the_organizer_has(browse, site, waiting):
    with writing(site.store) as session:
        session.add(
            RoleGrant(
                id=new_id(),
                person_id=site.people["bob"],
                role="county_organizer",
                org_id=site.schools["county"],
            )
        )
    choice = {"person": site.people["bob"]}
    form = f"{PAGE}/{waiting}"
    answer = browse("organizer1").submit(f"{form}/bind", choice, form_of=form)
    assert answer.status_code == 403
    assert "请由上一级管理员来绑定" in answer.text
    assert bindings(site) == {}
    assert browse("county").submit(f"{form}/bind", choice, form_of=form).status_code == 303


def test_a_search_finds_somebody_who_is_written_otherwise(browse, site, waiting):
    page = browse("organizer1").page(f"{PAGE}/{waiting}?q=1002").text
    assert site.people["bob"] in page


def test_refusing_closes_it_and_binding_it_later_still_works(browse, site, waiting):
    browser = browse("organizer1")
    form = f"{PAGE}/{waiting}"
    assert browser.submit(f"{form}/refuse", {}, form_of=form).status_code == 303
    assert state(site, waiting).state == "refused"
    assert bindings(site) == {}
    assert "艾老师" not in browser.page(PAGE).text
    assert "艾老师" in browser.page(f"{PAGE}?state=refused").text
    again = browser.submit(f"{form}/refuse", {}, form_of=form)
    assert again.status_code == 409
    browser.submit(f"{form}/bind", {"person": site.people["alice"]}, form_of=form)
    assert bindings(site) == {"s-1": site.people["alice"]}


def test_two_organizers_at_once_do_not_undo_each_other(browse, site, waiting):
    form = f"{PAGE}/{waiting}"
    slow = browse("county")
    token = slow.token_of(form)
    browse("organizer1").submit(f"{form}/bind", {"person": site.people["alice"]}, form_of=form)
    answer = slow.post(
        f"{PREFIX}{form}/bind",
        data={"_csrf": token, "person": site.people["bob"]},
        follow_redirects=False,
    )
    assert answer.status_code == 409
    assert "已经处理过了" in answer.text
    assert bindings(site) == {"s-1": site.people["alice"]}


def test_a_new_account_replaces_the_one_before(browse, site, waiting):
    browser = browse("organizer1")
    alice = {"person": site.people["alice"]}
    browser.submit(f"{PAGE}/{waiting}/bind", alice, form_of=f"{PAGE}/{waiting}")
    second = add_request(site, "school1", subject="s-2", name="艾老师", doubt="taken")
    page = browser.page(f"{PAGE}/{second}").text
    assert "绑定后由这个代替" in page
    browser.submit(f"{PAGE}/{second}/bind", alice, form_of=f"{PAGE}/{second}")
    assert bindings(site) == {"s-2": site.people["alice"]}
    assert last_event(site).details["replaced"] is True


@pytest.mark.parametrize("person", ["", "nobody", "u" + "a" * 16])
def test_a_choice_that_is_nobody_is_a_sentence(browse, site, waiting, person):
    form = f"{PAGE}/{waiting}"
    answer = browse("organizer1").submit(f"{form}/bind", {"person": person}, form_of=form)
    assert answer.status_code == 404
    assert "没有这位老师" in answer.text


def test_somebody_who_was_deactivated_cannot_be_chosen(browse, site, waiting):
    with writing(site.store) as session:
        session.get_one(Person, site.people["alice"]).active = False
    browser, form = browse("organizer1"), f"{PAGE}/{waiting}"
    assert site.people["alice"] not in browser.page(form).text
    answer = browser.submit(f"{form}/bind", {"person": site.people["alice"]}, form_of=form)
    assert answer.status_code == 404


@pytest.mark.parametrize("address", ["00000000-0000-7000-8000-000000000000", "x", "1"])
def test_an_address_of_nothing_is_not_found(browse, address):
    assert browse("organizer1").page(f"{PAGE}/{address}").status_code == 404


def test_the_pages_are_in_english_too(browse, waiting):
    browser = browse("organizer1")
    for path in (PAGE, f"{PAGE}/{waiting}"):
        text = browser.page(f"{path}?lang=en").text
        assert "Sign-in links" in text
        assert "County login" in text
