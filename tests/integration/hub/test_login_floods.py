"""Attacks on the login form of a real hub behind a real traefik: by many wrong passwords, by many at once.

Each is run on two hubs: one that takes everybody for one source, as it was before sources were
counted, where the attack works; and one as it is. Sources are addresses of the loopback network.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import psutil
import pytest
from yanxiu.login.browsers import COOKIE
from yanxiu.login.passwords import hash_password
from yanxiu.names import new_person_id
from yanxiu.people.model import Consent, Credential, Person

from tests.integration.hub.support import (
    PASSWORD,
    Installation,
    Up,
    log_in,
    make_installation,
    new_browser,
    serving,
)
from tests.support.writing import writing

SCHOOL, HOME, ATTACKER = "127.0.0.11", "127.0.0.12", "127.0.0.66"
#: A hundred and fifty passwords take two minutes where seven others are at work.
PATIENCE_S = 600
FLOOD = 90
TEACHERS = 60
#: The hub believes no proxy: all requests come from the proxy's own address.
ONE_SOURCE = "--hub=--AccountsAuthenticator.trusted_proxies=[]"


@pytest.fixture(scope="module")
def held(tmp_path_factory) -> Iterator[Up]:
    """The hub as it is."""
    with serving(make_installation(tmp_path_factory.mktemp("held"))) as up:
        yield up


@pytest.fixture(scope="module")
def undefended(tmp_path_factory) -> Iterator[Up]:
    """The hub to which everybody is one source."""
    installation = make_installation(tmp_path_factory.mktemp("undefended"))
    with serving(installation, ONE_SOURCE) as up:
        yield up


def browser_at(up: Up, address: str) -> httpx.Client:
    """Return a browser at a source of its own."""
    browser = new_browser(up.installation.url)
    browser._transport = httpx.HTTPTransport(local_address=address)
    return browser


def add_teachers(installation: Installation, most: int) -> list[str]:
    """Put teachers into the school; they share a password, and its hash."""
    store, hashed = installation.store(), hash_password(PASSWORD)
    names = [f"S{number:04}" for number in range(most)]
    with writing(store) as session:
        school = session.get(Person, installation.people["alice"]).school_id
        for name in names:
            who = Person(
                id=new_person_id(),
                name="谢老师",
                teacher_no=name,
                school_id=school,
                created_at=store.clock(),
            )
            session.add(who)
            session.flush()
            session.add(Consent(person_id=who.id, version="2026-09-01", at=store.clock()))
            session.add(Credential(person_id=who.id, password_hash=hashed, must_change=False))
    store.close()
    return names


def attack(up: Up, name: str) -> None:
    """Five wrong passwords and more."""
    with browser_at(up, ATTACKER) as browser:
        for _ in range(8):
            log_in(browser, name, "x")


def test_without_sources_a_stranger_shuts_an_organizer_out(undefended):
    attack(undefended, "T0001")
    with browser_at(undefended, SCHOOL) as browser:
        answer = log_in(browser, "T0001")
    assert answer.status_code == 429
    assert COOKIE not in {cookie.name for cookie in browser.cookies.jar}


def test_with_them_nobody_is_shut_out_by_a_stranger(held):
    attack(held, "T0001")
    with browser_at(held, ATTACKER) as browser:
        refused = log_in(browser, "T0001")
    assert refused.status_code == 429
    assert re.search(r"请过 \d+ 秒再试", refused.text)
    with browser_at(held, SCHOOL) as browser:
        assert log_in(browser, "T0001").status_code == 200


def test_a_known_browser_passes_even_at_the_attackers_own_source(held):
    with browser_at(held, HOME) as known:
        assert log_in(known, "T0002").status_code == 200
        cookie = next(one for one in known.cookies.jar if one.name == COOKIE)
        assert cookie.has_nonstandard_attr("HttpOnly")
        assert (cookie.path, cookie.get_nonstandard_attr("SameSite")) == ("/hub/login", "Lax")
        attack(held, "T0002")
        known.get("/hub/logout")
        with browser_at(held, ATTACKER) as here:
            here.cookies.set(COOKIE, cookie.value, domain="127.0.0.1", path="/hub/login")
            assert log_in(here, "T0002").status_code == 200
            # It is this account's alone.
            attack(held, "T0003")
            here.get("/hub/logout")
            assert log_in(here, "T0003").status_code == 429


def test_a_new_password_makes_the_browser_a_stranger_again(held):
    store, person = held.installation.store(), held.installation.people["alice"]
    with browser_at(held, HOME) as browser:
        assert log_in(browser, "T0001").status_code == 200
        with writing(store) as session:
            session.get(Credential, person).password_hash = hash_password(PASSWORD)
        store.close()
        browser.get("/hub/logout")
        for _ in range(3):
            assert log_in(browser, "T0001", "x").status_code == 401
        assert log_in(browser, "T0001").status_code == 429
    with browser_at(held, SCHOOL) as browser:
        assert log_in(browser, "T0001").status_code == 200


def same_form(html: str, name: str) -> str:
    """Leave out what is the browser's own: the name that it sent, the form's token, seconds."""
    html = re.sub(r'name="_xsrf" value="[^"]*"', "", html.replace(name, "NAME"))
    return re.sub(r"\d+", "n", html)


def test_an_unknown_name_is_answered_like_one_that_exists(held):
    def course(name: str) -> list[tuple[int, str]]:
        with browser_at(held, "127.0.0.77") as browser:
            answers = [log_in(browser, name, "x") for _ in range(5)]
        return [(one.status_code, same_form(one.text, name)) for one in answers]

    there, nobody = course("T0003"), course("no-such-name")
    assert [status for status, _ in there] == [401, 401, 401, 429, 429]
    assert there == nobody


def test_the_api_that_takes_a_password_looks_at_none(held):
    """``POST /hub/api/users/…/tokens`` would look at a name and a password in its body.

    Nobody here may make tokens, but whether the password was right showed in the words.
    """
    person = held.installation.people["bob"]

    def is_right(client: httpx.Client, auth: object) -> bool:
        answer = client.post(f"/hub/api/users/{person}/tokens", json={"auth": auth})
        assert answer.status_code == 403
        return "no permissions" in answer.text

    wrong, right = ({"username": "T0002", "password": password} for password in ("x", PASSWORD))
    with browser_at(held, HOME) as browser:
        log_in(browser, "T0002")  # the hub knows him from now on
    with browser_at(held, "127.0.0.78") as client:
        answers = {
            client.post(f"/hub/api/users/{person}/tokens", json={"auth": auth}).text
            for auth in (right, wrong, {"username": "nobody", "password": "x"})
        }
        assert len(answers) == 1, "it tells nothing"
        assert not is_right(client, right)
        for odd in (None, 5, [], {"username": 5, "password": []}, {"username": "T0002"}):
            assert not is_right(client, odd)
    assert "Error authenticating" not in (held.installation.data / "log/hub.log").read_text()


@asynccontextmanager
async def client_at(up: Up, address: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.AsyncHTTPTransport(
        local_address=address, limits=httpx.Limits(max_connections=FLOOD + TEACHERS)
    )
    async with httpx.AsyncClient(
        base_url=up.installation.url,
        transport=transport,
        timeout=PATIENCE_S,
        headers={"Sec-Fetch-Mode": "navigate", "Accept": "text/html"},
    ) as client:
        yield client


async def log_in_at_once(
    up: Up, address: str, names: list[str], password: str, done: list[tuple[str, int]]
) -> None:
    """Log all of them in at once, each in a browser of their own; say in what order they came."""
    async with client_at(up, address) as client:
        await client.get("/hub/login")
        xsrf = client.cookies["_xsrf"]

        async def one(name: str) -> None:
            fields = {"username": name, "password": password, "_xsrf": xsrf}
            answer = await client.post("/hub/login", data=fields)
            done.append((name, answer.status_code))

        await asyncio.gather(*map(one, names))


async def flooded(up: Up, names: list[str]) -> list[tuple[str, int]]:
    """Log ``names`` in from a school while a flood from elsewhere is in line before them."""
    done: list[tuple[str, int]] = []
    strangers = [f"nobody{number}" for number in range(FLOOD)]
    flood = asyncio.create_task(log_in_at_once(up, ATTACKER, strangers, "x", done))
    while len(done) < 3 and not flood.done():
        await asyncio.sleep(0.01)
    await log_in_at_once(up, SCHOOL, names, PASSWORD, done)
    await flood
    return done


async def test_without_sources_a_flood_is_in_line_before_everybody(undefended):
    names = add_teachers(undefended.installation, 2)
    done = await flooded(undefended, names)
    order = [name for name, _ in done]
    assert order.index(names[0]) > FLOOD * 0.7


async def test_with_them_a_teacher_waits_for_a_few_and_a_school_logs_in(held):
    names = add_teachers(held.installation, TEACHERS)
    done = await flooded(held, names)
    order = [name for name, _ in done]
    assert all(status == 302 for name, status in done if name in names)
    assert min(order.index(name) for name in names) < FLOOD * 0.5
    # Turn by turn: when the school is through, so is about as much of the flood, not all before it.
    before = order[: order.index(names[-1])]
    assert len([name for name in before if name.startswith("nobody")]) <= FLOOD


def test_a_hundred_strangers_leave_a_few_rows_and_no_name(held):
    store = held.installation.store()
    with store.read() as session:
        from sqlalchemy import func, select
        from yanxiu.store.model import AuditEvent

        refused = select(func.count()).where(AuditEvent.verb == "login.refuse")
        assert session.scalar(refused.where(AuditEvent.outcome == "unknown")) <= 6
    store.close()
    logs = "\n".join(file.read_text() for file in (held.installation.data / "log").glob("*.log"))
    assert "nobody" not in logs
    assert psutil.Process(held.tree()["hub"]).is_running()
