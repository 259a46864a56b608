"""The unit is one that systemd takes, and its command line starts the platform as it is written."""

import configparser
import os
import shlex
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import yanxiu.up

from tests.support.site import DEMO, START_S, YANXIU, free_port

UNIT = Path(yanxiu.up.__file__).with_name("yanxiu.service")
TEXT = UNIT.read_text("utf-8")


def service() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(TEXT)
    return parser["Service"]


def test_systemd_takes_it(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is needed")
    # Where the program is differs from place to place, and systemd looks whether it is there.
    unit = tmp_path / UNIT.name
    unit.write_text(TEXT.replace("/opt/yanxiu/bin/yanxiu", str(YANXIU)), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "yanxiu.service" not in done.stderr, done.stderr
    unit.write_text(TEXT.replace("KillMode=mixed", "KillMode=all-of-them"), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", unit], capture_output=True, text=True, check=False
    )
    assert "all-of-them" in done.stderr


def test_its_command_line_starts_the_platform_and_its_signal_ends_it(tmp_path):
    port, data = free_port(), tmp_path / "data"
    written = service()["ExecStart"]
    places = {
        "/opt/yanxiu/bin/yanxiu": YANXIU,
        "/srv/site": DEMO,
        "/srv/yanxiu": data,
        "--port 8000": f"--port {port}",
    }
    for example, place in places.items():
        assert example in written
        written = written.replace(example, str(place))
    data.mkdir()
    output = tmp_path / "out"
    with output.open("w") as out:
        process = subprocess.Popen(
            shlex.split(written),
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd="/",
            umask=int(service()["UMask"], 8),
            env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(tmp_path)},
        )
    try:
        deadline = time.monotonic() + START_S
        while "已就绪" not in output.read_text("utf-8"):
            assert process.poll() is None and time.monotonic() < deadline, output.read_text("utf-8")
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(float(service()["TimeoutStopSec"])) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)
    assert "已全部停止" in output.read_text("utf-8")
