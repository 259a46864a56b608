"""Before the first password and the privacy notice nothing is open, to a browser or to a program."""

import uuid

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import delete, func, select, update
from yanxiu.login import tokens
from yanxiu.people.model import Consent, Credential
from yanxiu.scopes import LEARN
from yanxiu.store.model import AuditEvent
from yanxiu.work.model import Attempt

from tests.support.browser import HOST, PREFIX, Browser
from tests.support.writing import writing

NEVER = str(uuid.UUID(int=7))
SENTENCES = {
    "password": ("password.change_first", "请先在研修门户修改初始密码"),
    "consent": ("consent.first", "请先在研修门户看过隐私告知并同意"),
}


def api_routes(routes):
    """Return every route of the API, however its routers are nested."""
    for route in routes:
        if not isinstance(route, APIRoute):
            yield from api_routes(getattr(route, "original_router", route).routes)
        elif "api/v1/" in route.path and not route.path.startswith("/internal/"):
            for method in sorted(route.methods):
                yield method, PREFIX + route.path.removeprefix(PREFIX).lstrip("/")


@pytest.fixture(params=["password", "consent"])
def lacking(request, site):
    """What bob has not done yet; his program has a token from before."""
    with writing(site.store) as session:
        if request.param == "password":
            session.execute(
                update(Credential)
                .where(Credential.person_id == site.people["bob"])
                .values(must_change=True)
            )
        else:
            session.execute(delete(Consent).where(Consent.person_id == site.people["bob"]))
    return request.param


def ask(client, method: str, path: str, headers: dict[str, str]):
    for name in ("assignment_id", "submission_id", "receipt", "upload_id", "course_id", "name"):
        path = path.replace("{" + name + "}", "x" if name in {"course_id", "name"} else NEVER)
    return client.request(
        method,
        path,
        headers={**headers, "upload-offset": "0"},
        json={"digest": "x", "bytes": 1, "client_key": "k"} if method == "POST" else None,
    )


def test_no_route_of_the_api_is_open(app, site, hub, anonymous, browse, lacking):
    learn = {"authorization": f"token {hub.token(site.people['bob'], LEARN)}"}
    teach = tokens.issue(site.store, site.people["bob"], ("teach",), 1, actor="system:test")
    rows = list(api_routes(app.routes))
    assert len(rows) >= 15
    for method, path in rows:
        headers = {"authorization": f"token {teach}"} if "/teach/" in path else learn
        answer = ask(anonymous, method, path, headers)
        assert answer.status_code == 403, (method, path, answer.text)
        if method != "HEAD":
            code, words = SENTENCES[lacking]
            assert answer.json()["code"] == code, (method, path)
            assert words in answer.json()["message"]


def test_nor_by_a_session(app, site, browse, lacking):
    """The attack: a session of somebody who never agreed read the units, and handed in."""
    browser = browse("bob")
    answer = browser.get(f"{PREFIX}api/v1/units")
    assert (answer.status_code, answer.json()["code"]) == (403, SENTENCES[lacking][0])
    token = browse("alice").token_of("account/password")
    browser.post(
        f"{PREFIX}api/v1/units/{site.assignment}/submissions",
        content=b"x",
        headers={"x-csrf-token": token},
    )
    with site.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 0


def test_whoever_has_done_both_passes(site, browse):
    """So that the refusals above are for that and nothing else."""
    assert browse("bob").get(f"{PREFIX}api/v1/units").status_code == 200


def test_a_newer_notice_stops_no_program(site, browse):
    with writing(site.store) as session:
        session.execute(update(Consent).values(version="2000-01-01"))
    assert browse("bob").get(f"{PREFIX}api/v1/units").status_code == 200


def test_a_thousand_strangers_refused_are_a_few_rows(site, anonymous):
    def rows() -> int:
        with site.store.read() as session:
            return session.scalar(select(func.count()).select_from(AuditEvent))

    before = rows()
    for number in range(1000):
        path = f"{PREFIX}units/{uuid.UUID(int=number)}"
        assert anonymous.post(path, data={"a": "1"}).status_code == 401
    site.store.tally.flush()
    assert 1 <= rows() - before <= 5


@pytest.mark.parametrize("path", ["units/{}", "units/{}/upload"])
def test_whoever_breaks_off_an_upload_is_no_surprise(app, site, hub, browse, caplog, path):
    browser = browse("alice")
    caplog.set_level("INFO")
    raised, answered = [], []

    async def receive():
        raised.append(1)
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    headers = {
        "host": "testserver",
        "origin": HOST,
        "content-length": "5000",
        "content-type": "multipart/form-data; boundary=x",
        "cookie": "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar),
    }
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": PREFIX + path.format(site.assignment),
        "raw_path": (PREFIX + path.format(site.assignment)).encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    browser.portal.call(app, scope, receive, send)
    assert raised
    assert answered == [400]
    assert "surprise" not in caplog.text
    assert "cut off: POST" in caplog.text
    assert isinstance(browser, Browser)
