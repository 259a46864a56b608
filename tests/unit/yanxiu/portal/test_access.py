"""Every role at every page and every verb of the portal, by a table that must be complete.

A route without a row fails the test: whoever adds a page says here who may open it.
"Allowed" means that permission is given; a policy may still say "not now" (409, 422).
"""

import re
import uuid

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import delete, select, update
from yanxiu.courses.model import Enrolment
from yanxiu.login.model import SsoRequest
from yanxiu.names import new_id
from yanxiu.people.model import NameRequest, RoleGrant
from yanxiu.people.reads import profiles
from yanxiu.people.verbs import name_request
from yanxiu.portal.app import build_app
from yanxiu.quota.capacity import Capacity
from yanxiu.quota.engine import Ask
from yanxiu.quota.records_engine import RecordsEngine
from yanxiu.quota.verbs.stop_server import stop_server
from yanxiu.roles import ROLES, Role
from yanxiu.settings.model import Site
from yanxiu.store import tasks
from yanxiu.store.model import BackgroundTask
from yanxiu.work.reads import graders
from yanxiu.work.verbs import assign_grader

from tests.support.browser import PREFIX, make_portal
from tests.support.rosters import SCHOOL1, xlsx
from tests.support.tasks import COUNT
from tests.support.work import failed, graded, marked
from tests.support.writing import writing

#: One person for each role, holding that role and no other, at school 1 or above.
CAST = {
    "teacher": "bob",
    "group_lead": "lead",
    "grader": "grader",  # in charge of school 1
    "idle_grader": "idle",  # in charge of nothing
    "other_grader": "other",  # in charge of school 2
    "school_organizer": "organizer1",
    "county_organizer": "county",
    "operator": "operator",
    "other_school": "organizer2",
    "other_county": "county2",
}
EVERYBODY = frozenset(CAST)
ABOVE = frozenset({"school_organizer", "county_organizer"})
ORGANIZERS = ABOVE | {"other_school", "other_county"}
GRADERS = frozenset({"grader", "other_grader"})
LEARNERS = frozenset({"teacher"})
PUBLIC = "public"
#: Nobody's browser, whatever their role: see test_teach.
TOKEN_ONLY = "token"
#: Where a page of somebody else's things is: who may, and a form if it is a verb.
TABLE: dict[tuple[str, str], object] = {
    ("GET", "healthz"): PUBLIC,
    ("GET", "static/{digest}/{name}"): PUBLIC,
    ("GET", "login"): PUBLIC,
    ("GET", "login/again"): PUBLIC,
    ("GET", "oauth_callback"): PUBLIC,
    ("POST", "logout"): PUBLIC,
    # A code for one's own server, for who names it: tests/unit/yanxiu/gate.
    ("GET", "gate"): frozenset(),
    ("GET", "privacy"): PUBLIC,
    ("GET", ""): EVERYBODY,
    ("GET", "account/password"): EVERYBODY,
    ("POST", "account/password"): EVERYBODY,
    ("GET", "account/consent"): EVERYBODY,
    ("POST", "account/consent"): EVERYBODY,
    ("GET", "account/profile"): EVERYBODY,
    ("POST", "account/profile"): EVERYBODY,
    ("POST", "account/profile/export"): EVERYBODY,
    ("POST", "account/profile/name"): EVERYBODY,
    # Alice's request: nobody else's to withdraw.
    ("POST", "account/profile/name/{request_id}/withdraw"): frozenset(),
    # Everybody's own place in line: tests/integration/hub/test_places.py.
    ("GET", "line"): EVERYBODY,
    ("POST", "line/leave"): EVERYBODY,
    ("GET", "units/{assignment_id}"): LEARNERS,
    ("POST", "units/{assignment_id}"): LEARNERS,
    ("POST", "units/{assignment_id}/upload"): LEARNERS,
    ("GET", "units/{assignment_id}/data/{name}"): LEARNERS,
    ("GET", "units/{assignment_id}/files.zip"): LEARNERS,
    # The unit of this table asks for no files: test_attachments says who may have them.
    ("GET", "units/{assignment_id}/files/{task_id}/{digest}"): frozenset(),
    ("GET", "submissions/{submission_id}/files/{task_id}/{digest}"): frozenset(),
    ("GET", "api/v1/server/notices"): EVERYBODY,  # one's own server
    ("GET", "api/v1/units"): EVERYBODY,
    ("GET", "api/v1/units/{assignment_id}/release"): LEARNERS,
    # Without the header that only our own script sends, no browser may (see test_login).
    ("POST", "api/v1/units/{assignment_id}/submissions"): frozenset(),
    ("GET", "api/v1/units/{assignment_id}/submissions"): EVERYBODY,  # one's own: none
    ("GET", "api/v1/units/{assignment_id}/feedback"): LEARNERS,
    ("GET", "api/v1/units/{assignment_id}/submissions/{receipt}/feedback"): frozenset(),
    ("POST", "api/v1/units/{assignment_id}/uploads"): frozenset(),
    ("GET", "api/v1/uploads/{upload_id}"): frozenset(),
    ("HEAD", "api/v1/uploads/{upload_id}"): frozenset(),
    ("PATCH", "api/v1/uploads/{upload_id}"): frozenset(),
    ("POST", "api/v1/uploads/{upload_id}/submit"): frozenset(),
    ("GET", "api/v1/teach/assignments"): TOKEN_ONLY,
    ("GET", "api/v1/teach/assignments/{assignment_id}/submissions"): TOKEN_ONLY,
    ("GET", "api/v1/teach/submissions/{submission_id}/bundle"): TOKEN_ONLY,
    ("POST", "api/v1/teach/submissions/{submission_id}/feedback"): TOKEN_ONLY,
    ("POST", "api/v1/teach/courses/{course_id}/assignments/{name}"): TOKEN_ONLY,
    ("GET", "receipts/{submission_id}"): ABOVE | {"grader"},
    ("GET", "submissions/{submission_id}"): frozenset(),  # the author's own page
    ("POST", "submissions/{submission_id}/withdraw"): frozenset(),  # nor is taking it back
    ("GET", "submissions/{submission_id}/executed"): ABOVE | {"grader"},
    ("GET", "submissions/{submission_id}/executed.ipynb"): ABOVE | {"grader"},
    ("GET", "organize/"): ORGANIZERS | GRADERS,
    # Whose course it is, for their own schools.
    ("POST", "organize/units/{assignment_id}/release"): ABOVE | {"other_school"},
    ("POST", "organize/units/{assignment_id}/regrade"): ABOVE | {"other_school"},
    ("GET", "organize/submissions/{submission_id}"): ABOVE | {"grader"},
    ("POST", "organize/submissions/{submission_id}/mark"): ABOVE | {"grader"},
    ("POST", "organize/submissions/{submission_id}/release"): ABOVE,
    ("POST", "organize/submissions/{submission_id}/regrade"): ABOVE,
    ("POST", "organize/submissions/{submission_id}/correct"): ABOVE,
    ("GET", "organize/people"): ORGANIZERS,
    ("POST", "organize/people/{person_id}/reset"): ABOVE,
    ("GET", "organize/names"): ORGANIZERS,
    ("POST", "organize/names/{request_id}/accept"): ABOVE,
    ("POST", "organize/names/{request_id}/refuse"): ABOVE,
    ("GET", "organize/quota"): ORGANIZERS,
    ("GET", "organize/quota/changes"): ORGANIZERS,
    ("GET", "organize/quota/{org_id}"): ABOVE,
    # Of one school's limits: whoever shares out the county.
    ("POST", "organize/quota/{org_id}"): frozenset({"county_organizer"}),
    ("GET", "organize/hours"): ORGANIZERS,
    ("GET", "organize/hours.xlsx"): ORGANIZERS,
    ("GET", "organize/servers"): ORGANIZERS,
    ("POST", "organize/servers/{place_id}/stop"): ABOVE,
    # Alice's server: nobody else's message.
    ("POST", "servers/stops/{stop_id}/read"): frozenset(),
    ("GET", "organize/roles"): ORGANIZERS,
    ("GET", "organize/roles/{person_id}"): ABOVE,
    ("POST", "organize/roles/{person_id}/grants"): ABOVE,
    ("POST", "organize/roles/{person_id}/grants/{grant_id}/withdraw"): ABOVE,
    ("POST", "organize/roles/{person_id}/assigned"): ABOVE,
    ("POST", "organize/roles/{person_id}/assigned/{grader_assignment_id}/end"): ABOVE,
    ("GET", "organize/roster"): ORGANIZERS,
    ("POST", "organize/roster"): ORGANIZERS,
    ("GET", "organize/roster/template.xlsx"): ORGANIZERS,
    # An upload holds ID numbers: only whoever uploaded it.
    ("GET", "organize/roster/{upload_id}"): frozenset({"school_organizer"}),
    ("POST", "organize/roster/{upload_id}/apply"): frozenset({"school_organizer"}),
    ("POST", "organize/roster/{upload_id}/discard"): frozenset({"school_organizer"}),
    ("GET", "organize/roster/{upload_id}/errors.xlsx"): frozenset({"school_organizer"}),
    ("GET", "organize/export"): ORGANIZERS,
    ("POST", "organize/export/{offering_id}"): frozenset({"county_organizer"}),  # who holds it
    ("GET", "organize/tasks"): ORGANIZERS,
    # Only whoever asked for it.
    ("GET", "organize/tasks/{queued_id}"): frozenset({"school_organizer"}),
    ("GET", "organize/tasks/{queued_id}/file"): frozenset({"school_organizer"}),
    ("GET", "organize/slips"): ORGANIZERS,
    ("POST", "organize/slips/{school_id}"): ABOVE,
    ("GET", "organize/school-servers"): ORGANIZERS,
    ("GET", "organize/school-servers/{school_id}"): ABOVE,
    ("POST", "organize/school-servers/{school_id}"): ABOVE,
    ("GET", "organize/bindings"): ORGANIZERS,
    ("GET", "organize/bindings/{request_id}"): ABOVE,
    ("POST", "organize/bindings/{request_id}/bind"): ABOVE,
    ("POST", "organize/bindings/{request_id}/refuse"): ABOVE,
}
FORMS = {
    "units/{assignment_id}": {"do": "save"},
    "account/password": {"old": "x", "new": "y", "again": "z"},
    "organize/submissions/{submission_id}/mark": {"m.report.follow": "40", "do": "save"},
    "organize/roles/{person_id}/grants": {"role": "group_lead", "org": "{school_id}"},
    "organize/roles/{person_id}/assigned": {"unit": "{assignment_id}", "school": "{school_id}"},
    "account/consent": {"version": "2026-09-01", "agree": "1"},
    "account/profile": {"stage": "primary", "subject": "math"},
    "account/profile/name": {"wanted": "欧阳老师"},
    "organize/names/{request_id}/refuse": {"answer": "请先改身份证。"},
    "organize/school-servers/{school_id}": {"begins": "18:30", "ends": "21:30", "minutes": "30"},
    "organize/bindings/{request_id}/bind": {"person": "{person_id}"},
    "organize/servers/{place_id}/stop": {"message": "请稍后再用"},
}


@pytest.fixture
def app(site, hub):
    """The service of a site with an identity provider, so that all its pages are there."""
    provider = {"kind": "cas", "title": {"zh_CN": "统一认证"}, "url": "https://sso.example.cn/cas"}
    settings = Site.model_validate({**site.site.model_dump(), "sso": {"xian": provider}})
    return build_app(make_portal(site, hub, site=settings))


@pytest.fixture
def cast(site):
    """The whole cast, each with their only role; graders with what is theirs to mark."""
    site.add("lead", "高组长", "school1", ("group_lead", "school1"))
    site.add("operator", "运维员", "county", ("operator", "county"))
    for who, school in (("grader", "school1"), ("idle", "school1"), ("other", "school2")):
        site.add(who, "评分员", "school2", ("grader", school))
    for who in ("author2", "author3"):
        site.add(who, "作者", "school1", ("teacher", "school1"))
    for who, school in (("grader", "school1"), ("other", "school2")):
        assign_grader.assign(
            site.store,
            site.actor("county"),
            site.people[who],
            site.assignment,
            site.schools[school],
        )
    return site


def leaves(routes):
    """Return every route of the application, however its routers are nested."""
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from leaves(getattr(route, "original_router", route).routes)


def all_rows(app):
    return {
        (method, route.path.removeprefix(PREFIX).lstrip("/"))
        for route in leaves(app.routes)
        for method in route.methods
        if not route.path.startswith("/internal/")
    }


def test_every_page_and_verb_has_a_row_and_no_row_is_of_yesterday(app):
    assert all_rows(app) == TABLE.keys()


@pytest.fixture
def works(cast):
    """Submissions of school 1 in the states that the verbs want, each of another author."""
    with writing(cast.store) as session:
        for who in ("author2", "author3"):
            session.add(
                Enrolment(
                    offering_id="c1-demo",
                    person_id=cast.people[who],
                    enrolled_at=cast.store.clock(),
                )
            )
    return {
        "release": marked(cast, "author2"),
        "regrade": failed(cast, "author3"),
        "": graded(cast, "alice", executed=NOTE),
    }


def needed(cast, browse, works, path):
    """Return what the address of ``path`` names: things of school 1."""
    made = {
        "assignment_id": cast.assignment,
        "school_id": cast.schools["school1"],
        "org_id": cast.schools["school1"],
        "person_id": cast.people["alice"],
        "submission_id": works.get(path.rpartition("/")[2], works[""]),
        "digest": "x",
        "offering_id": "c1-demo",
        "task_id": "report",
        "receipt": "20260902-AAAAA-BBBBB",
        "name": "quiz.csv",
    }
    if "{upload_id}" in path:
        answer = browse("organizer1").submit("organize/roster", {}, files=roster_file())
        made["upload_id"] = answer.headers["location"].rpartition("/")[2]
    if "{place_id}" in path or "{stop_id}" in path:
        made["place_id"] = made["stop_id"] = _server(cast, stopped="{stop_id}" in path)
    if "{queued_id}" in path:
        made["queued_id"] = _exported(cast)
    if "/grants/" in path or "/assigned" in path:
        if not cast.actor("alice").paths(frozenset({Role.GRADER})):
            with writing(cast.store) as session:
                cast.give("alice", "grader", "school1", session)
        with cast.store.read() as session:
            made["grant_id"] = session.scalar(
                select(RoleGrant.id).where(
                    RoleGrant.person_id == cast.people["alice"], RoleGrant.role == "grader"
                )
            )
    if "{grader_assignment_id}" in path:
        where = (cast.people["alice"], cast.assignment, cast.schools["school1"])
        assign_grader.assign(cast.store, cast.actor("county"), *where)
        with cast.store.read() as session:
            [assigned] = graders.assigned_below(session, cast.people["alice"], ["/"])
        made["grader_assignment_id"] = assigned.id
    if "/name" in path and "{request_id}" in path:
        with writing(cast.store) as session:
            session.execute(delete(NameRequest))
        name_request.ask(cast.store, cast.actor("alice"), f"艾{new_id().hex[-6:]}", "写错了")
        with cast.store.read() as session:
            made["request_id"] = profiles.name_requests(session, cast.people["alice"])[0].id
    elif "{request_id}" in path:
        made["request_id"] = _waiting(cast)
    return made


def _server(cast, *, stopped):
    """Return the place of Alice's server, that an organizer has asked to end or not."""
    alice, engine = cast.people["alice"], RecordsEngine(cast.store, cast.site, Capacity)
    engine.release(alice, "")
    found = engine.reserve(Ask(alice, "", 160, 0.02)).place_id
    engine.confirm(alice, "")
    if stopped:
        stop_server(cast.store, cast.actor("organizer1"), found, "请稍后再用")
    return found


def _exported(cast):
    """Return a task of the school's organizer with a file to download."""
    asked_by = cast.people["organizer1"]
    with writing(cast.store) as session:
        task_id = tasks.add(session, COUNT, asked_by=asked_by, now=cast.store.clock())
        digest = cast.store.blobs.put([b"file"])
        session.execute(
            update(BackgroundTask)
            .where(BackgroundTask.id == task_id)
            .values(state="done", file_blob=digest, file_name="c1.zip")
        )
    return task_id


def roster_file():
    rows = [
        ("戴老师", "1101", "", "", SCHOOL1, "", "", ""),
        ("鄂老师", "", "", "", SCHOOL1, "", "", ""),
    ]
    return {"file": ("花名册.xlsx", xlsx(rows))}


NOTE = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def _waiting(cast):
    row = SsoRequest(
        id=new_id(),
        provider="xian",
        subject=str(uuid.uuid4()),
        org_id=cast.schools["school1"],
        name="艾老师",
        teacher_no="",
        mobile="",
        id_hmac="",
        id_last4="",
        school_code="",
        doubt="nobody",
        created_at=cast.store.clock(),
        seen_at=cast.store.clock(),
    )
    with writing(cast.store) as session:
        session.add(row)
    return row.id


def ask(browser, method, path, made):
    address = path.format(**made)
    if method == "GET":
        return browser.page(address)
    if method in ("HEAD", "PATCH"):
        return browser.request(method, PREFIX + address)
    form = {key: value.format(**made) for key, value in FORMS.get(path, {}).items()}
    files = {"files": roster_file()} if path == "organize/roster" else {}
    return browser.submit(address, form, form_of="account/password", **files)


CLOSED = [key for key, who in TABLE.items() if who not in (PUBLIC, TOKEN_ONLY)]


@pytest.mark.parametrize("role", sorted(CAST))
def test_each_role_gets_where_it_may_and_nowhere_else(cast, works, browse, role):
    wrong = []
    for method, path in CLOSED:
        made = needed(cast, browse, works, path)
        answer = ask(browse(CAST[role]), method, path, made)
        may = role in TABLE[method, path]
        if answer.status_code not in ((200, 303, 409, 422) if may else (403, 404)):
            wrong.append((method, path, may, answer.status_code))
    assert wrong == []


def test_a_stranger_gets_nowhere(cast, works, browse, anonymous):
    for method, path in CLOSED:
        address = PREFIX + path.format(**needed(cast, browse, works, path))
        if method == "GET":
            answer = anonymous.get(address, follow_redirects=False)
            assert answer.status_code == (401 if path.startswith("api/") else 302), path
        else:
            answer = anonymous.request(method, address, data={}, follow_redirects=False)
            assert answer.status_code == 401, path


def test_the_cast_holds_every_role_once(cast):
    held = {cast.actor(who).grants for who in CAST.values()}
    assert all(len(grants) == 1 for grants in held)
    assert {role for grants in held for role, _ in grants} == set(Role) == set(ROLES)


def test_the_manual_repeats_the_table():
    from tests.support.site import ROOT

    text = (ROOT / "docs/how-to/give-roles.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    kinds = {"cluster": "集团", "county": "县", "school": "学校"}
    assert rows == [
        (
            role.value,
            rule.title,
            "、".join(kinds[kind] for kind in sorted(rule.kinds)),
            "、".join(ROLES[other].title for other in ROLES if other in rule.gives) or "—",
            rule.reason,
        )
        for role, rule in ROLES.items()
    ]
