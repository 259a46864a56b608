"""``yanxiu check`` asks the site's names what they answer: a real platform, and ones that are not."""

import http.server
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.site import YANXIU, free_port


def check(folder: Path, site: Path, portal: str, servers: str) -> tuple[int, str]:
    """Check a site as ``site`` with these addresses."""
    folder.mkdir(exist_ok=True)
    public = f"public: {{portal: '{portal}', servers: '{servers}'}}\n"
    (folder / "site.yaml").write_text((site / "site.yaml").read_text() + public)
    done = subprocess.run(
        [sys.executable, str(YANXIU), "check", "--site", str(folder)],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
        env={"YANXIU_LANG": "zh_CN", "PATH": "/usr/bin:/bin"},
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def one_for_all() -> Iterator[int]:
    """A proxy that does not hand on which name was asked for: each gets the portal."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": "ok"}')

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_both_names_answer_what_the_layout_says(up, installation, tmp_path):
    code, said = check(tmp_path, installation.site, installation.url, installation.servers)
    assert code == 0, said
    assert f"{installation.url} 是门户" in said
    assert f"{installation.servers} 是教师的 Jupyter，有关口看守" in said
    # One name for each person: the running platform does not know it.
    star = installation.servers.replace("://", "://*.")
    code, said = check(tmp_path, installation.site, installation.url, star)
    assert code == 1
    assert "没有带到门户（421）" in said


def test_a_proxy_that_mixes_the_names_up_is_told(one_for_all, installation, tmp_path):
    portal, servers = (f"http://{name}:{one_for_all}" for name in ("127.0.0.1", "localhost"))
    code, said = check(tmp_path, installation.site, portal, servers)
    assert code == 1
    assert f"{portal}/user/… 上有教师的 Jupyter" in said
    assert f"错误：{servers}/hub/login 上有登录页" in said


def test_what_does_not_run_is_no_error_and_a_name_without_an_address_is(installation, tmp_path):
    port = free_port()
    code, said = check(
        tmp_path, installation.site, f"http://127.0.0.1:{port}", f"http://localhost:{port}"
    )
    assert code == 0
    assert "没有回应。平台没有启动时这是正常的" in said
    code, said = check(
        tmp_path, installation.site, "https://yx.nowhere.invalid", "https://*.yx-jupyter.invalid"
    )
    assert code == 1
    assert "错误：名字 yx.nowhere.invalid 查不到地址" in said
