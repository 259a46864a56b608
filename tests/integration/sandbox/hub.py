"""The few answers of a hub that a single-user server asks for: its version, and a token's user."""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from jupyterhub import __version__

from tests.integration.sandbox.attacks import LOOT
from tests.integration.sandbox.scene import PERSON

TOKEN = "a-teacher-s-own-token"
#: What a browser got when it logged in; ``logged_in`` is empty once it has logged out.
BROWSER_TOKEN = "a-browser-s-token"
logged_in: set[str] = set()


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        known = self.headers.get("Authorization", "").removeprefix("token ") in {TOKEN} | logged_in
        if self.path == "/hub/api/user" and not known:
            self.send_error(403)
            return
        scopes = [f"access:servers!user={PERSON}"]
        model = {"name": PERSON, "kind": "user", "admin": False, "groups": [], "scopes": scopes}
        body = json.dumps(model | {"version": __version__, "loot": LOOT}).encode()
        self.send_response(200)
        self.send_header("X-JupyterHub-Version", __version__)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def hub() -> Iterator[int]:
    """Answer on a free port of 127.0.0.1 and return it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def environment(port: int) -> dict[str, str]:
    """What the hub's spawner puts into a server's environment, and some that it must not get."""
    prefix = f"/user/{PERSON}/"
    return {
        "JUPYTERHUB_API_TOKEN": TOKEN,
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{port}/hub/api",
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": f"jupyterhub-user-{PERSON}",
        "JUPYTERHUB_HOST": "",
        "JUPYTERHUB_USER": PERSON,
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": json.dumps([f"access:servers!user={PERSON}"]),
        "JUPYTERHUB_OAUTH_SCOPES": json.dumps([f"access:servers!user={PERSON}"]),
        "JUPYTERHUB_SERVICE_PREFIX": prefix,
        "JUPYTERHUB_SERVER_NAME": "",
        "CONFIGPROXY_AUTH_TOKEN": LOOT,
        "PATH": "/nowhere",
        "YANXIU_RECORDS_URL": "http://127.0.0.1:1/",
    }
