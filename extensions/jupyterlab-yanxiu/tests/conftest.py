"""A stand-in for the records service, and a real Jupyter server with the extension in it."""

import io
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tarfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "src"))

ASSIGNMENT = "0198f000-0000-7000-8000-000000000001"
OTHERS = "0198f000-0000-7000-8000-0000000000ff"
FEEDBACK = {"released": True, "total_points": 8.0, "passed": False, "tasks": [], "comment": "好"}


def text(zh):
    return {"zh_CN": zh, "en": zh}


UNIT = {
    "id": "a1",
    "point": "A1",
    "title": text("前测"),
    "minutes": 30,
    "credit_hours": 1,
    "data": [{"file": "data/prequiz.csv", "title": text("前测")}],
    "tasks": [
        {
            "id": "mean",
            "kind": "auto",
            "type": "number",
            "title": text("平均分"),
            "prompt": text("算一算"),
            "points": 40,
            "decimals": 1,
        },
        {
            "id": "plan",
            "kind": "rubric",
            "type": "text",
            "title": text("方案"),
            "prompt": text("写一写"),
            "points": 60,
            "min_chars": 3,
            "max_chars": 9,
        },
    ],
}


def cell(source, **mark):
    known = {"locked": True, "grade": False, "solution": False, "grade_id": source[:9]} | mark
    return {
        "cell_type": "code",
        "id": source[:9].strip('"()'),
        "metadata": {"nbgrader": known} if mark != {"locked": False} else {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


NOTEBOOK = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        cell("show(1)"),
        cell("mine = 1", locked=False),
        cell("assert 1", grade=True),
        cell("show(2)"),
    ],
}
FILES = {
    "a1/a1.ipynb": json.dumps(NOTEBOOK).encode(),
    "a1/unit.json": json.dumps(UNIT).encode(),
    "a1/data/prequiz.csv": b"pupil,points\nS01,3\n",
}


def tar(files, *members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for info in members:
            archive.addfile(info)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def stand_in():
    """Answer like records for one assignment; a test sets ``status``, ``message`` or ``archive``."""
    records = SimpleNamespace(token=secrets.token_hex(16), calls=[])

    def reset():
        records.status, records.message, records.archive = 200, "", tar(FILES)
        records.learner, records.feedback, records.attempts = "1" * 64, {"released": False}, []
        records.lose_answer, records.notices = False, []
        records.calls.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(self.get)

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.answer(lambda path: self.post(path, body))

        def answer(self, of):
            records.calls.append(self.path)
            if self.headers["Authorization"] != f"token {records.token}":
                status, body = 401, b"{}"
            elif records.status != 200:
                status = records.status
                body = json.dumps({"code": "x", "message": records.message}).encode()
            else:
                status, body = of(self.path.removeprefix("/services/records/api/v1/units"))
            if self.path.endswith("/server/notices") and status == 404 and records.notices:
                status, body = 200, json.dumps(records.notices).encode()
            if records.lose_answer and self.command == "POST":
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def get(self, path):
            answers = {
                "": [
                    {
                        "assignment": ASSIGNMENT,
                        "unit": "a1",
                        "title": text("学情分析"),
                        "folder": "研修/a1",
                        "state": "open",
                        "learner": records.learner,
                        "secret": "not for the browser",
                    }
                ],
                f"/{ASSIGNMENT}/feedback": records.feedback,
                f"/{ASSIGNMENT}/submissions": records.attempts,
            }
            if path == f"/{ASSIGNMENT}/release":
                return 200, records.archive
            return (200, json.dumps(answers[path]).encode()) if path in answers else (404, b"{}")

        def post(self, path, body):
            """Take a bundle; the same key is the same attempt."""
            if path == f"/{ASSIGNMENT}/uploads":
                return 503, b"{}"
            if path != f"/{ASSIGNMENT}/submissions":
                return 404, b"{}"
            key = self.headers["X-Client-Key"]
            known = [one for one in records.attempts if one["key"] == key]
            if not known:
                number = len(records.attempts) + 1
                known = [
                    {"key": key, "attempt": number, "receipt": f"R-{number}", "body": len(body)}
                ]
                records.attempts.insert(0, known[0])
            receipt = {
                "received_at": "2026-03-10T09:00:00+08:00",
                "url": "/services/records/receipts/1",
            }
            return 201, json.dumps(known[0] | receipt).encode()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    records.url = f"http://127.0.0.1:{server.server_port}/services/records"
    records.reset = reset
    yield records
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def start_server(stand_in, tmp_path_factory):
    """Return a function that starts a Jupyter server, as the wheel would configure it."""
    started = []

    def start(**variables):
        folder = tmp_path_factory.mktemp("server")
        config = folder / "config" / "jupyter_server_config.d"
        shutil.copytree(ROOT / "jupyter-config" / "jupyter_server_config.d", config)
        home = folder / "home"
        home.mkdir()
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        token = secrets.token_hex(16)
        env = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(ROOT / "src"),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "JUPYTER_TOKEN": token,
        }
        # The settings of the environment's own extensions would start them all.
        command = [
            sys.executable,
            "-m",
            "jupyter_server",
            "--allow-root",
            "--no-browser",
            f"--port={port}",
            "--ServerApp.port_retries=0",
            "--ServerApp.base_url=/user/alice/",
            f"--ServerApp.root_dir={home}",
        ]
        log = (folder / "log").open("wb")
        process = subprocess.Popen(
            command, env=env | variables, stdout=log, stderr=subprocess.STDOUT, cwd=home
        )
        started.append((process, log))
        base = f"http://127.0.0.1:{port}/user/alice"
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, (folder / "log").read_text()
            try:
                httpx.get(f"{base}/api", timeout=5)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        return SimpleNamespace(base=base, home=home, token=token, log=folder / "log")

    yield start
    for process, log in started:
        process.terminate()
        process.wait(20)
        log.close()


@pytest.fixture(scope="session")
def running(start_server, stand_in):
    """One server, connected to the stand-in."""
    return start_server(YANXIU_RECORDS_URL=stand_in.url, JUPYTERHUB_API_TOKEN=stand_in.token)


@pytest.fixture
def jupyter(running, stand_in):
    """The server with an empty home."""
    shutil.rmtree(running.home / "研修", ignore_errors=True)
    stand_in.reset()

    def open_unit(assignment=ASSIGNMENT, *, token=running.token, language="zh-CN"):
        return httpx.get(
            f"{running.base}/yanxiu/open/{assignment}",
            headers={"Authorization": f"token {token}", "Accept-Language": language},
            timeout=30,
        )

    return SimpleNamespace(
        open=open_unit,
        home=running.home,
        assignment=ASSIGNMENT,
        log=running.log,
        base=running.base,
        token=running.token,
    )


@pytest.fixture
def panel(jupyter):
    """Ask as the panel does; an answer's JSON."""

    def ask(method, path, body=None, *, status=200, language="zh-CN"):
        answer = httpx.request(
            method,
            f"{jupyter.base}/yanxiu/api/{path}",
            headers={"Authorization": f"token {jupyter.token}", "Accept-Language": language},
            json=body,
            timeout=30,
        )
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask
