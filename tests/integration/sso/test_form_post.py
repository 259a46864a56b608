"""A provider on another site that answers by a form (``response_mode=form_post``), in a real browser.

Browsers send no cookie with a ``SameSite=Lax`` along with a POST from another site, and the trip to
the provider is tied to such a cookie. So the answer is asked for once more, by GET.
"""

import shutil
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, sync_playwright
from yanxiu.login.sso_login import COOKIE

from tests.browser.conftest import NAMES
from tests.integration.hub.support import Up, make_installation, serving
from tests.support import oidc
from tests.support.site import free_port

PATH = "/hub/sso/xian/callback"
ALICE = {"name": "艾老师", "teacher_no": "T0001", "school_code": "2133000001"}
SSO = """
sso:
  xian:
    kind: oidc
    title: {{zh_CN: 县统一身份认证}}
    issuer: {issuer}
    client_id: yanxiu
    own_county: true
    response_mode: form_post
"""


@pytest.fixture(scope="module")
def up(installed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A hub whose provider is another site: ``localhost`` is none of ``127.0.0.1``."""
    installation = make_installation(tmp_path_factory.mktemp("form"))
    with oidc.running(free_port(), [installation.url + PATH], host="localhost") as provider:
        provider.set(accounts={"a-1": ALICE}, login="a-1")
        site = installation.site / "site.yaml"
        site.write_text(site.read_text() + SSO.format(issuer=provider.issuer))
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("YANXIU_SSO_XIAN_SECRET", oidc.SECRET)
            with serving(installation) as running:
                yield running


@pytest.fixture
def page() -> Iterator[Page]:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium found")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def test_the_answer_comes_by_post_without_the_cookie_and_again_with_it(up, page):
    seen = []
    page.on("request", lambda one: seen.append(one) if PATH in one.url else None)
    page.goto(f"{up.installation.url}/hub/sso/xian/login")
    page.wait_for_url("**/services/records/**")
    methods = [(one.method, COOKIE in one.all_headers().get("cookie", "")) for one in seen]
    assert methods == [("POST", False), ("GET", True)]
    page.goto(f"{up.installation.url}/hub/home")
    assert page.url.endswith("/hub/home")


@pytest.mark.parametrize("fields", [{}, {"code": "x", "state": "y"}, {"state": "é" * 3000}])
def test_a_form_of_anybody_else_logs_nobody_in(up, fields):
    with httpx.Client(base_url=up.installation.url, follow_redirects=True) as browser:
        answer = browser.post(PATH, data=fields, headers={"Origin": "http://evil.example"})
        assert answer.status_code == 400
        assert "登录" in answer.text
        assert browser.get("/hub/home").url.path == "/hub/login"


def test_other_forms_of_other_sites_stay_refused(up):
    for path in ("/hub/login", f"{PATH}/x", "/hub/sso/xian/login", "/hub/sso/xian/../../login"):
        answer = httpx.post(up.installation.url + path, headers={"Origin": "http://evil.example"})
        assert answer.status_code in {403, 404}, path
