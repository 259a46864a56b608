"""nbgrader's Assignment List, for those who switch it on: its HTTP API on a real Jupyter server."""

import json
import secrets
import subprocess
import sys
import time

import httpx
import pytest
from sqlalchemy import select, update
from yanxiu.store.audit import Event
from yanxiu.store.models import Submission

from tests.support.site import free_port
from tests.support.units import notebook

START_S = 90
#: What a site puts into its own jupyter_server_config.json to switch it on.
ON = {"ServerApp": {"jpserver_extensions": {"nbgrader.server_extensions.assignment_list": True}}}


@pytest.fixture
def server(service, home_of):
    """alice's server: its API, as her browser calls it."""
    service.start()
    alice = home_of("alice")
    config = alice.folder / ".jupyter"
    config.mkdir(parents=True)
    (config / "jupyter_server_config.json").write_text(json.dumps(ON))
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
            "JUPYTER_CONFIG_PATH": f"{config}:{alice.env['JUPYTER_CONFIG_PATH']}",
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
        row = session.scalars(select(Submission)).one()
    assert (row.person_id, row.receipt_no) == (county.people["alice"], attempt["receipt"])
    assert attempt["has_exchange_feedback"] is False

    with county.store.write(Event("system:test", "test.release", "submission")) as session:
        session.execute(
            update(Submission).values(
                state="released", released_at=county.store.clock(), total_points=75.0, passed=True
            )
        )
    _, submitted = act(client, "fetch_feedback")
    [attempt] = submitted["submissions"]
    assert attempt["has_local_feedback"] is True
    assert (alice.folder / attempt["local_feedback_path"] / "feedback.html").is_file()
