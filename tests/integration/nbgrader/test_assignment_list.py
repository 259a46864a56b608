"""nbgrader's Assignment List, for those who switch it on: its HTTP API on a real Jupyter server."""

import json
import secrets
import subprocess
import sys
import time

import httpx
import pytest
from jupyterlab_server.config import get_page_config
from sqlalchemy import select
from yanxiu.sandbox.inside.server import config_path
from yanxiu.work.model import Attempt
from yanxiu.work.verbs.release import release

from tests.support.site import free_port
from tests.support.units import notebook
from tests.support.work import marked_with_75

START_S = 90


@pytest.fixture(params=[{"YANXIU_ASSIGNMENT_LIST": "1"}])
def server(request, service, home_of):
    """alice's server: its API, as her browser calls it."""
    service.start()
    alice = home_of("alice")
    token, port = secrets.token_hex(16), free_port()
    log = (alice.folder / "log").open("wb")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "jupyter_server", "--allow-root", "--no-browser"),
            *(f"--port={port}", "--ServerApp.port_retries=0"),
            f"--ServerApp.root_dir={alice.folder}",
        ],
        cwd=alice.folder,
        env={
            **alice.env,
            "JUPYTER_TOKEN": token,
            "JUPYTER_CONFIG_PATH": config_path(request.param),
        },
        stdout=log,
        stderr=log,
    )
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}",
        headers={"Authorization": f"token {token}"},
        timeout=60,
    )
    deadline = time.monotonic() + START_S
    while True:
        try:
            client.get("/api")
            break
        except httpx.TransportError:
            assert process.poll() is None, (alice.folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.1)
    yield client, alice
    client.close()
    process.terminate()
    process.wait(20)
    log.close()


def act(client, verb):
    answer = client.post(f"/assignments/{verb}", params={"course_id": "c1", "assignment_id": "u1"})
    assert answer.json()["success"], answer.text
    return answer.json()["value"]


@pytest.mark.parametrize("server", [{}], indirect=True)
def test_it_is_off_unless_the_site_wants_it(server):
    client, _ = server
    assert client.get("/assignments", params={"course_id": "c1"}).status_code == 404


@pytest.mark.parametrize(
    "environ, off",
    [
        ({}, {"@jupyter/nbgrader": True}),
        (
            {"YANXIU_ASSIGNMENT_LIST": "1"},
            {
                "@jupyter/nbgrader": False,
                "@jupyter/nbgrader:formgrader": True,
                "@jupyter/nbgrader:create-assignment": True,
            },
        ),
    ],
)
def test_of_nbgraders_menus_only_the_list_is_shown(monkeypatch, environ, off):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", config_path(environ))
    disabled = get_page_config([])["disabledExtensions"]
    for name, left_out in off.items():
        assert (name in disabled) is left_out, name


def test_list_fetch_submit_and_feedback(server, county):
    client, alice = server
    assert client.get("/courses").json() == {"success": True, "value": ["c1"]}
    [listed] = client.get("/assignments", params={"course_id": "c1"}).json()["value"]
    assert (listed["assignment_id"], listed["status"]) == ("u1", "released")

    [fetched] = act(client, "fetch")
    assert (fetched["status"], fetched["path"]) == ("fetched", "u1")
    assert fetched["notebooks"] == [{"notebook_id": "u1", "path": "u1/u1.ipynb"}]
    (alice.folder / "u1/u1.ipynb").write_text(json.dumps(notebook()), encoding="utf-8")

    _, submitted = act(client, "submit")
    [attempt] = submitted["submissions"]
    with county.store.read() as session:
        row = session.scalars(select(Attempt)).one()
    assert (row.person_id, row.receipt_no) == (county.people["alice"], attempt["receipt"])
    assert attempt["has_exchange_feedback"] is False

    marked_with_75(county, row.id)
    release(county.store, county.actor("organizer1"), row.id)
    _, submitted = act(client, "fetch_feedback")
    [attempt] = submitted["submissions"]
    assert attempt["has_local_feedback"] is True
    assert (alice.folder / attempt["local_feedback_path"] / "feedback.html").is_file()
