"""The hub's image: a hub starts in it and answers, with a proxy that is somebody else's, as z2jh's."""

import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import checks

CONFIG = """
c = get_config()
c.JupyterHub.bind_url = "http://127.0.0.1:{public}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.JupyterHub.db_url = "sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/cookie"
c.JupyterHub.authenticator_class = "null"
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{proxy}"
c.ConfigurableHTTPProxy.auth_token = "verify"
"""


class NoRoutes(BaseHTTPRequestHandler):
    """A proxy that keeps nothing: the hub's image has none of its own."""

    def do_GET(self) -> None:
        """Give the routes."""
        self._answer(200, b"{}")

    def do_POST(self) -> None:
        """Take a route."""
        self._answer(201, b"")

    def _answer(self, status: int, body: bytes) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Check."""
    checks.ordinary_user()
    checks.has("yanxiu.configure", "psycopg", "kubespawner", "oauthenticator")
    # What the stock chart's own configuration loads before ours.
    checks.has("pycurl", "yaml", "kubernetes_asyncio", "jupyterhub_idle_culler")
    checks.lacks("fastapi", "pandas", "jupyterlab", "nbgrader", "pip")
    checks.yanxiu_says_its_version()
    proxy = ThreadingHTTPServer(("127.0.0.1", 0), NoRoutes)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        hub = checks.free_port()
        config = Path(folder, "config.py")
        config.write_text(
            CONFIG.format(
                folder=folder, hub=hub, public=checks.free_port(), proxy=proxy.server_port
            ),
            encoding="utf-8",
        )
        command = ["jupyterhub", "--config", str(config)]
        with checks.running(command, {}, f"http://127.0.0.1:{hub}/hub/api/") as answer:
            version = checks.json_of(answer)["version"]
    assert tuple(map(int, version.split(".")[:2])) >= (6, 1), version
    checks.say(f"JupyterHub {version} answers")


if __name__ == "__main__":
    main()
