"""Run what the how-to pages say, with their example paths replaced by a test's folders."""

import os
import re
import subprocess
from pathlib import Path

from .site import DEMO, ROOT, YANXIU

PAGES = ROOT / "docs" / "how-to"


def commands(page: str) -> list[str]:
    """Return the lines of the page's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)
    return [line.strip() for block in blocks for line in block.splitlines() if line.strip()]


class Machine:
    """A machine on which the pages' example paths are folders of the test's."""

    def __init__(self, root: Path, **environment: str):
        self.environment: dict[str, str] = environment
        self.places = {
            "/srv/yanxiu": root / "data",
            "/srv/backup": root / "backup",
            "/mnt/keys": root / "keys",
            "/srv/site": DEMO,
            ".venv/bin/yanxiu": YANXIU,
        }

    def run(self, line: str) -> str:
        """Run a line in a shell; it must succeed."""
        for example, place in self.places.items():
            line = line.replace(example, str(place))
        done = subprocess.run(
            ["bash", "-ec", line],
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, "YANXIU_LANG": "zh_CN", **self.environment},
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
        return done.stdout
