"""A real platform and a real browser, shared by the browser tests of a run."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.support.site import ROOT, Running, platform

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDE = {"width": 1366, "height": 768}
NARROW = {"width": 390, "height": 844}
#: `make screenshots` keeps them where the tutorial shows them.
SHOTS = Path(os.environ.get("YANXIU_SCREENSHOTS") or ROOT / "build" / "screenshots")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo site, started as ``make run`` starts it."""
    with platform(tmp_path_factory.mktemp("browser") / "data") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    path = os.environ.get("YANXIU_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        reason = "no Chromium found: install it, or name it in YANXIU_CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # Chromium's own sandbox refuses root, as which CI runs.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Somebody in front of a browser, and everything the browser complained about."""

    site: Running
    context: BrowserContext
    page: Page
    console: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def login(self, name: str) -> Page:
        """Log in as somebody of the demo site."""
        account = self.site.accounts()[name]
        self.page.goto(self.site.url)
        self.page.get_by_label("登录名").fill(account["username"])
        self.page.get_by_label("密码").fill(account["password"])
        self.page.get_by_role("button", name="登录").click()
        self.page.wait_for_url("**/services/records/**")
        return self.page

    def shot(self, name: str, *, full: bool = False) -> None:
        """Keep a picture of the page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=full)

    def outside(self) -> list[str]:
        """Return the requests that left this machine."""
        ws = self.site.servers.replace("http", "ws", 1)
        return [
            url
            for url in self.requested
            if not url.startswith((self.site.url, self.site.servers, ws))
            and not url.startswith(("data:", "blob:", "about:"))
        ]


@pytest.fixture
def visitor(site: Running, chromium: Browser) -> Iterator[Callable[..., Visitor]]:
    """Make visitors; each has a browser profile of their own."""
    made: list[Visitor] = []

    def make(viewport: dict[str, int] | None = None, *, javascript: bool = True) -> Visitor:
        context = chromium.new_context(
            viewport=viewport or WIDE,
            locale="zh-CN",
            java_script_enabled=javascript,  # type: ignore[arg-type]
        )
        context.set_default_timeout(30_000)
        one = Visitor(site, context, context.new_page())
        context.on("console", lambda m: one.console.append(f"{m.type}: {m.text}"))
        context.on("request", lambda r: one.requested.append(r.url))
        made.append(one)
        return one

    yield make
    for one in made:
        one.context.close()
