"""A teacher's server on a real cluster: from the click to a cell that ran, and what goes wrong.

The hub runs on the cluster's machine with the account that the chart gives it; its servers are
pods of the real image. Nobody else's words but the API server's are in the refusals.
"""

import asyncio
import json
import time

import httpx
import pytest
import websockets

from tests.k8s.hub import FIRST, SECOND, Hub, make_hub, make_school, namespace
from tests.k8s.testbed import until

START_S = 150
NAMESPACES = [namespace(FIRST), namespace(SECOND)]


@pytest.fixture(scope="module")
def hub(cluster, tmp_path_factory):
    if "singleuser" not in cluster.images():
        pytest.skip("needs the image localhost/yanxiu/singleuser:dev: make images, cluster.sh load")
    made = make_hub(cluster, tmp_path_factory.mktemp("hub"))
    made.start()
    try:
        yield made
    finally:
        made.stop()
        cluster.delete_namespaces(*NAMESPACES)


@pytest.fixture
def visit(hub):
    """Log people in; at the end nobody's server runs."""
    opened: dict[str, httpx.Client] = {}

    def open_for(who: str) -> httpx.Client:
        if who not in opened:
            opened[who] = hub.browser(who)
        return opened[who]

    yield open_for
    for who, browser in opened.items():
        stop(hub, browser, who)
        browser.close()


def start(hub: Hub, browser: httpx.Client, who: str) -> httpx.Response:
    """Press the button; return the page that came."""
    return browser.get(f"/hub/spawn/{hub.person(who)}")


def started(hub: Hub, browser: httpx.Client, who: str) -> None:
    page = start(hub, browser, who)
    assert page.status_code == 200, page.text
    until(START_S, f"the server of {who} answers", lambda: answers(hub, browser, who))


def answers(hub: Hub, browser: httpx.Client, who: str) -> bool:
    """Say whether a server answers through the proxy: its version, which it tells anybody."""
    answer = browser.get(f"/user/{hub.person(who)}/api")
    return answer.status_code == 200 and "version" in answer.text


def token(hub: Hub, who: str) -> str:
    """Return the token that somebody's server was given."""
    pods = hub.cluster.json("pods", "-A", "-l", f"yanxiu.io/person={hub.person(who)}")["items"]
    env = pods[0]["spec"]["containers"][0]["env"]
    return next(one["value"] for one in env if one["name"] == "JUPYTERHUB_API_TOKEN")


def of_the_page(browser: httpx.Client) -> dict[str, str]:
    """Return the headers that a page of the hub sends with a request of its own."""
    browser.get("/hub/home")
    tokens = [one for one in browser.cookies.jar if one.name == "_xsrf" and "user" not in one.path]
    assert tokens, [(one.name, one.path) for one in browser.cookies.jar]
    return {"Sec-Fetch-Mode": "cors", "X-XSRFToken": tokens[0].value or ""}


def stop(hub: Hub, browser: httpx.Client, who: str) -> None:
    """Stop somebody's server; nobody's is as good. The hub may be busy with it, and is asked again."""
    address = f"/hub/api/users/{hub.person(who)}/server"

    def stopped() -> bool:
        answer = browser.delete(address, headers=of_the_page(browser))
        return answer.status_code in {204, 404} and not pods(hub, who)

    until(120, f"the server of {who} has ended", stopped)


def refused(hub: Hub, browser: httpx.Client, who: str) -> str:
    """Press the button; return the page that says no. A stop under way is waited for."""
    page = until(60, "a refusal", lambda: said_no(start(hub, browser, who)))
    return str(page.text)


def said_no(page: httpx.Response) -> httpx.Response | None:
    return page if page.status_code == 429 else None


def pods(hub: Hub, who: str) -> list[str]:
    return hub.cluster.names("pods", "-A", "-l", f"yanxiu.io/person={hub.person(who)}")


def run_cell(hub: Hub, who: str, code: str) -> str:
    """Run a cell in a kernel of somebody's server, through the proxy; return what it printed."""
    person = hub.person(who)
    given = {"Authorization": f"token {token(hub, who)}"}
    with httpx.Client(base_url=f"{hub.url}/user/{person}/", headers=given, timeout=60) as http:
        kernel = http.post("api/kernels", json={}).raise_for_status().json()["id"]
    address = f"{hub.url}/user/{person}/api/kernels/{kernel}/channels".replace("http", "ws", 1)

    async def ask() -> str:
        said = ""
        async with websockets.connect(address, additional_headers=given) as channel:
            content = {"code": code, "silent": False, "store_history": True}
            header = {
                "msg_id": "1",
                "msg_type": "execute_request",
                "session": "s",
                "version": "5.3",
            }
            header |= {"username": "t", "date": ""}
            asked = {"header": header, "parent_header": {}, "metadata": {}, "content": content}
            await channel.send(json.dumps(asked | {"channel": "shell", "buffers": []}))
            while True:
                answer = json.loads(await asyncio.wait_for(channel.recv(), 60))
                if answer["parent_header"].get("msg_id") != "1":
                    continue
                if answer["msg_type"] == "stream":
                    said += answer["content"]["text"]
                if answer["msg_type"] == "execute_reply":
                    return said

    return asyncio.run(ask())


def test_a_teacher_goes_from_the_click_to_a_cell_that_ran(hub, visit):
    alice = visit("alice")
    began = time.monotonic()
    started(hub, alice, "alice")
    print(f"click to ready: {time.monotonic() - began:.1f} s")
    assert run_cell(hub, "alice", "open('note', 'w').write('x'); print(6 * 7)") == "42\n"
    pod = hub.cluster.json("pod", hub.pod("alice"), "-n", namespace(FIRST))
    assert pod["spec"]["automountServiceAccountToken"] is False
    # Another school's teacher gets nothing of it.
    page = visit("charlie").get(f"/user/{hub.person('alice')}/lab")
    assert page.status_code == 403
    assert alice.get(f"/user/{hub.person('alice')}/lab").status_code == 200


def test_what_a_user_sends_chooses_nothing(hub, visit):
    bob = visit("bob")
    person = hub.person("bob")
    wanted = {"namespace": "kube-system", "profile": "x", "image": "evil", "service_account": "hub"}
    bob.post(f"/hub/api/users/{person}/server", json=wanted, headers=of_the_page(bob))
    pod = until(60, "the pod", lambda: pods(hub, "bob"))
    assert pod == [hub.pod("bob")]
    found = hub.cluster.json("pod", hub.pod("bob"), "-n", namespace(FIRST))
    assert "evil" not in json.dumps(found["spec"])


def test_ten_refusals_of_a_full_namespace_leave_the_hub_alive(hub, visit):
    bob = visit("bob")
    make_school(hub.cluster, FIRST, pods=0)
    try:
        for _ in range(10):
            page = refused(hub, bob, "bob")
            # As the quota engine says it on one machine.
            assert "县三小 0/0 台在用" in page
            assert "没有空位再开一台 Jupyter。" in page
            assert "您的文件都在" in page
        assert hub.answers()
    finally:
        make_school(hub.cluster, FIRST)
    started(hub, bob, "bob")


def test_who_is_refused_by_the_quota_gets_in_when_a_place_frees(hub, visit):
    hub.limit(FIRST, 1)
    try:
        alice, bob = visit("alice"), visit("bob")
        started(hub, alice, "alice")
        assert "县三小 1/1 台在用" in refused(hub, bob, "bob")
        assert pods(hub, "bob") == []
        stop(hub, alice, "alice")
        # The hub gives the place back when it has seen the end, a moment after the pod's.
        until(60, "her place is free", lambda: start(hub, bob, "bob").status_code == 200)
        until(START_S, "the server of bob answers", lambda: answers(hub, bob, "bob"))
    finally:
        hub.limit(FIRST, 100)


def test_a_home_moves_with_its_owner_and_back_and_is_never_in_two_schools(hub, visit):
    alice = visit("alice")
    started(hub, alice, "alice")
    run_cell(hub, "alice", "open('moved', 'w').write('the same')")
    hub.move("alice", SECOND)
    try:
        # What runs, runs on where it is, and can be stopped there.
        assert answers(hub, alice, "alice")
        stop(hub, alice, "alice")
        started(hub, alice, "alice")
        assert hub.cluster.names("pods", "-n", namespace(SECOND)) == [hub.pod("alice")]
        assert run_cell(hub, "alice", "print(open('moved').read())") == "the same\n"
        assert claims(hub, "alice") == [namespace(SECOND)]
        stop(hub, alice, "alice")
    finally:
        hub.move("alice", FIRST)
    started(hub, alice, "alice")
    assert run_cell(hub, "alice", "print(open('moved').read())") == "the same\n"
    assert claims(hub, "alice") == [namespace(FIRST)]


def claims(hub: Hub, who: str) -> list[str]:
    found = hub.cluster.json("pvc", "-A", "-l", f"yanxiu.io/person={hub.person(who)}")["items"]
    return [one["metadata"]["namespace"] for one in found]


def test_a_school_without_room_for_a_home_refuses_and_the_home_stays(hub, visit):
    alice = visit("alice")
    started(hub, alice, "alice")
    stop(hub, alice, "alice")
    before = claims(hub, "alice")
    make_school(hub.cluster, SECOND, storage="1Mi")
    hub.move("alice", SECOND)
    try:
        assert "个人文件夹空间不够" in refused(hub, alice, "alice")
        assert claims(hub, "alice") == before
    finally:
        hub.move("alice", FIRST)
        make_school(hub.cluster, SECOND)
    started(hub, alice, "alice")


def test_a_hub_that_is_killed_finds_its_servers_again_and_stops_them(hub, visit):
    alice = visit("alice")
    started(hub, alice, "alice")
    [pod] = hub.cluster.json("pods", "-n", namespace(FIRST))["items"]
    hub.kill()
    hub.start()
    until(60, "the server answers", lambda: answers(hub, alice, "alice"))
    [after] = hub.cluster.json("pods", "-n", namespace(FIRST))["items"]
    assert after["metadata"]["uid"] == pod["metadata"]["uid"]
    stop(hub, alice, "alice")


def test_a_pod_that_somebody_deleted_is_noticed_and_another_one_starts(hub, visit):
    alice = visit("alice")
    started(hub, alice, "alice")
    hub.cluster.kubectl("-n", namespace(FIRST), "delete", "pod", hub.pod("alice"), "--now")

    def again() -> bool:
        start(hub, alice, "alice")
        return answers(hub, alice, "alice")

    until(START_S, "another server", again)
