"""A real hub behind a real traefik under the real supervisor; one for a module."""

from collections.abc import Iterator

import httpx
import pytest

from tests.integration.hub.support import Installation, Up, make_installation, new_browser, serving


@pytest.fixture(scope="module")
def installation(tmp_path_factory) -> Installation:
    return make_installation(tmp_path_factory.mktemp("hub"))


@pytest.fixture(scope="module")
def up(installation) -> Iterator[Up]:
    with serving(installation) as running:
        yield running


@pytest.fixture
def browser(up) -> Iterator[httpx.Client]:
    """A client with an empty cookie jar, as a browser that navigates."""
    with new_browser(up.installation.url) as client:
        yield client
