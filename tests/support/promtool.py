"""Prometheus' own tool, where it is: Debian's package has it, and ``.ci/run`` takes it from there."""

import shutil

import pytest

from .site import ROOT


def needed() -> str:
    """Return the tool; the test that asks is left out where it is not, and says so."""
    found = shutil.which("promtool") or shutil.which(str(ROOT / "build" / "promtool"))
    if found is None:
        pytest.skip("promtool is needed: apt-get download prometheus, as .ci/run does")
    return found
