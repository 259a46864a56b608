"""Which versions of others this program works with, for a sentence before an upgrade.

The same bounds stand in ``pyproject.toml`` (JupyterHub) and in the charts (``kubeVersion``); a test
compares them.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """Versions from ``least`` on, and before ``before``."""

    least: tuple[int, int]
    before: tuple[int, int]

    def has(self, version: str) -> bool:
        """Say whether a version is one of them.

        >>> JUPYTERHUB.has("6.1.1"), JUPYTERHUB.has("7.0.0"), KUBERNETES.has("v1.35.4")
        (True, False, True)
        """
        numbers = tuple(int(one) for one in re.findall(r"\d+", version)[:2])
        return self.least <= numbers < self.before

    def __str__(self) -> str:
        """Return it as sentences say it."""
        least, before = (".".join(map(str, one)) for one in (self.least, self.before))
        return f">= {least}, < {before}"


JUPYTERHUB = Range((6, 1), (7, 0))
KUBERNETES = Range((1, 32), (1, 38))
