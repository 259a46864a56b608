"""A browser of the records service in tests: logs in, keeps cookies, sends forms."""

import re
import warnings
from typing import Any

from httpx import Response
from yanxiu.settings.public import layout
from yanxiu.web.service import Service

from tests.support.county import County
from tests.support.fake_hub import ACCESS, CLIENT, SECRET, FakeHub

with warnings.catch_warnings():
    # Starlette would rather have httpx2; JupyterHub and we have httpx.
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

PREFIX = "/services/records/"
HOST = "http://testserver"


class Browser(TestClient):
    """A browser of one person: keeps cookies, sends its origin, does not follow by itself."""

    def page(self, path: str) -> Response:
        """Open a page of the service."""
        return self.get(PREFIX + path, follow_redirects=False)

    def end_session(self) -> None:
        """Lose the session's cookie, as at a logout in another tab."""
        self.cookies.delete("yanxiu-records", domain="testserver.local", path=PREFIX)

    def token_of(self, path: str) -> str:
        """Return the form token of a page."""
        found = re.search(r'name="_csrf" value="([^"]+)"', self.page(path).text)
        assert found, path
        return found[1]

    def submit(
        self, path: str, data: dict[str, Any], *, form_of: str = "", **more: Any
    ) -> Response:
        """Send a form of the page ``form_of`` (or of ``path`` itself)."""
        token = self.token_of(form_of or path)
        return self.post(
            PREFIX + path, data={"_csrf": token, **data}, follow_redirects=False, **more
        )


def make_portal(county: County, hub: FakeHub, **changes: Any) -> Service:
    """Return the service's environment."""
    values: dict[str, Any] = {
        "site": county.site,
        "store": county.store,
        "prefix": PREFIX,
        "base_url": "/",
        "layout": layout(HOST, "http://servers"),
        "session_key": "k" * 64,
        "id_key": "1d" * 32,
        "worker_token": "w" * 64,
        "isolation": True,
        "hub_api_url": hub.url,
        "hub_api_token": SECRET,
        "client_id": CLIENT,
        "access_scopes": frozenset({ACCESS}),
    }
    return Service(**{**values, **changes})


def log_in(browser: Browser, hub: FakeHub, person_id: str) -> Browser:
    """Go through the whole login."""
    leaving = browser.page("")
    assert leaving.status_code == 302, leaving.text
    code, state = hub.authorize(leaving.headers["location"], person_id)
    back = browser.get(
        f"{PREFIX}oauth_callback", params={"code": code, "state": state}, follow_redirects=False
    )
    assert back.status_code == 302, back.text
    return browser
