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
FILES = {
    "a1/a1.ipynb": b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": []}',
    "a1/unit.json": b"{}",
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
        records.calls.clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            records.calls.append(self.path)
            body, status = b"{}", records.status
            if self.headers["Authorization"] != f"token {records.token}":
                status = 401
            elif status != 200:
                body = json.dumps({"code": "x", "message": records.message}).encode()
            elif self.path == "/services/records/api/v1/units":
                body = json.dumps([{"assignment": ASSIGNMENT, "folder": "a1"}]).encode()
            elif self.path == f"/services/records/api/v1/units/{ASSIGNMENT}/release":
                body = records.archive
            else:
                status = 404
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

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
        open=open_unit, home=running.home, assignment=ASSIGNMENT, log=running.log
    )
