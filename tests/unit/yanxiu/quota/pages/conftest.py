"""The portal of a county whose pools can be set, and an engine beside it as the hub has one."""

import pytest

from tests.support.county import County

from ..conftest import Pools


@pytest.fixture
def pools(site: County) -> Pools:
    """Over the database of the portal."""
    return Pools(site)
