"""A real OpenID Connect provider for the module; skipped only where npm cannot be reached."""

import os
from collections.abc import Iterator

import pytest

from tests.support import oidc
from tests.support.oidc import OidcServer
from tests.support.site import free_port

#: Where the provider may send browsers back to when no hub is running.
CALLBACK = "http://127.0.0.1:9/hub/sso/xian/callback"


@pytest.fixture(scope="session")
def installed() -> None:
    """The provider's packages."""
    try:
        oidc.install()
    except oidc.Unreachable as reason:
        if os.environ.get("CI"):
            pytest.fail(str(reason))
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def provider(installed: None) -> Iterator[OidcServer]:
    """A provider that serves."""
    with oidc.running(free_port(), [CALLBACK]) as server:
        yield server
