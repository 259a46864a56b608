"""The configurations of docs/how-to/behind-a-reverse-proxy.md, word for word, in front of a site.

A real nginx and a real Caddy with a certificate of this test, a real browser that believes the two
names to be theirs: log in, open Jupyter, run a cell over a WebSocket, hand in a form, log out.
"""

import datetime
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.conftest import NAMES, Visitor
from tests.support.site import DEMO, ROOT, Running, free_port, start, stop

pytestmark = pytest.mark.browser

HOW_TO = ROOT / "docs/how-to/behind-a-reverse-proxy.md"
PORTAL, SERVERS = "yx.example.cn", "yx-jupyter.cn"
CELL = """
async (home) => {
  const xsrf = document.cookie.match(/_xsrf=([^;]+)/)[1];
  const made = await fetch(home + "api/kernels",
    {method: "POST", headers: {"X-XSRFToken": xsrf}, body: "{}"});
  const kernel = (await made.json()).id;
  const at = home.replace("https", "wss") + "api/kernels/" + kernel + "/channels";
  const socket = new WebSocket(at);
  await new Promise((resolve, reject) => { socket.onopen = resolve; socket.onerror = reject; });
  const answer = new Promise((resolve) => {
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data);
      if (message.msg_type === "stream") resolve(message.content.text.trim());
    };
  });
  socket.send(JSON.stringify({channel: "shell", buffers: [], metadata: {}, parent_header: {},
    header: {msg_id: "1", msg_type: "execute_request", session: "s", username: "", version: "5.3",
             date: ""},
    content: {code: "print(6 * 7)", silent: false, store_history: false, user_expressions: {},
              allow_stdin: false, stop_on_error: true}}));
  return await answer;
}
"""


def example(language: str) -> str:
    """Return the configuration as the page prints it."""
    found = re.search(rf"```{language}\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    assert found
    return found[1]


def make_certificate(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, PORTAL)])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName(one) for one in (PORTAL, SERVERS, f"*.{SERVERS}")]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def nginx(folder: Path, port: int, inside: int) -> list[str]:
    text = example("nginx").replace("443", str(port)).replace("8000", str(inside))
    text = text.replace("/etc/ssl/yanxiu", str(folder))
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{text}}}\n"
    )
    return ["-c", str(config)]


def caddy(folder: Path, port: int, inside: int) -> list[str]:
    text = example("caddy").replace("8000", str(inside)).replace("/etc/ssl/yanxiu", str(folder))
    config = folder / "Caddyfile"
    config.write_text(
        f"{{\n\tadmin off\n\tauto_https disable_redirects\n\thttps_port {port}\n}}\n{text}"
    )
    return ["run", "--adapter", "caddyfile", "--config", str(config)]


FRONTS = {"nginx": nginx, "caddy": caddy}


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A site whose settings name two addresses and the proxy in front."""
    folder = tmp_path_factory.mktemp("behind")
    shutil.copytree(DEMO, folder / "site", symlinks=True)
    (folder / "site/courses").unlink()
    (folder / "site/courses").symlink_to(ROOT / "build/courses")
    settings = re.search(r"```yaml\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    assert settings
    with (folder / "site/site.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\n{settings[1]}")
    running = start(folder / "data", site=folder / "site")
    try:
        yield running
    finally:
        stop(running)


@pytest.fixture(params=list(FRONTS))
def front(request: pytest.FixtureRequest, behind: Running, tmp_path: Path) -> Iterator[int]:
    """The proxy in front; the port on which it answers https."""
    program = shutil.which(request.param) or shutil.which(request.param, path="/usr/sbin")
    if program is None:
        pytest.skip(f"needs {request.param}: apt install {request.param}")
    make_certificate(tmp_path)
    port, inside = free_port(), int(behind.url.rsplit(":", 1)[1])
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(
            [program, *FRONTS[request.param](tmp_path, port, inside)],
            stdout=out,
            stderr=subprocess.STDOUT,
            env={"HOME": str(tmp_path), "PATH": "/usr/bin"},
        )
    try:
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture
def outside(front: int) -> Iterator[Browser]:
    """A browser that finds both names where the proxy listens."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium found")
    rules = ", ".join(
        f"MAP {name}:443 127.0.0.1:{front}" for name in (PORTAL, SERVERS, f"*.{SERVERS}")
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--no-sandbox", f"--host-resolver-rules={rules}"],
        )
        yield browser
        browser.close()


def test_the_documented_configuration(behind, outside):
    context = outside.new_context(locale="zh-CN", ignore_https_errors=True)
    context.set_default_timeout(60_000)
    there = Running(
        f"https://{PORTAL}", f"https://*.{SERVERS}", behind.data, behind.process, behind.output
    )
    one = Visitor(there, context, context.new_page())
    context.on("console", lambda m: one.console.append(f"{m.type}: {m.text}"))
    deadline = time.monotonic() + 30
    while True:
        try:
            one.page.goto(there.url)
            break
        except Exception:
            assert time.monotonic() < deadline, "the proxy does not answer"
            time.sleep(0.5)
    page = one.login("艾老师")
    page.get_by_role("link", name="A1 技术支持的学情分析").click()
    page.get_by_role("button", name="保存草稿").click()  # a form, through the proxy
    expect(page.locator("main")).to_contain_text("草稿")
    assert "不是从本平台" not in page.inner_text("main")
    page.goto(f"{there.url}/hub/spawn")
    page.wait_for_url("**/lab**", timeout=90_000)
    assert re.match(rf"https://u[a-z2-7]{{16}}\.{re.escape(SERVERS)}/user/u", page.url)
    assert page.evaluate(CELL, page.url.split("/lab")[0] + "/") == "42"
    cookies = {known["name"]: known for known in context.cookies()}
    for name in ("__Host-yanxiu-records", "__Host-yanxiu-gate", "__Host-jupyterhub-hub-login"):
        assert cookies[name]["secure"], name
        assert cookies[name]["path"] == "/", name
    portal = context.new_page()
    portal.goto(f"{there.url}/services/records/")
    portal.get_by_role("button", name="退出登录").click()
    expect(portal.get_by_role("heading", name="已退出登录")).to_be_visible()
    assert not [line for line in one.console if "error" in line.lower() and "403" not in line]
    context.close()
