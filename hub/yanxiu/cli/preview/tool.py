"""Find ``courses/build.py`` and run it in a process of its own.

Decides what that process may see: a path, a home and a language, and nothing of what this
one was started with.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from yanxiu.cli.content import installed
from yanxiu.cli.words import say
from yanxiu.errors import SettingsError

SECONDS = 180
SEEN = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL", "VIRTUAL_ENV", "YANXIU_LANG")


def find_tool(start: Path | None = None) -> Path:
    """Return the builder's program: in this folder or one above, else the installed one.

    :raises SettingsError: it is nowhere
    """
    here = (start or Path.cwd()).resolve()
    courses = [folder / "courses" for folder in (here, *here.parents)]
    if wheel := installed():
        courses.append(wheel)
    for folder in courses:
        if (folder / "build.py").is_file() and (folder / "builder").is_dir():
            return folder / "build.py"
    raise SettingsError(
        say(
            "找不到 courses/build.py。请安装 yanxiu-courses，或在研修Hub的源代码文件夹里运行这个命令。",
            "courses/build.py is not here. Install yanxiu-courses, or run this in the source folder "
            "of YanxiuHub.",
        )
    )


class Failed(Exception):
    """The program ended with problems; the text is what it said."""


class Tool:
    """The builder, as a program."""

    def __init__(self, program: Path):
        self._command = [sys.executable, "-B", str(program)]

    def run(self, *arguments: str) -> int:
        """Run with this terminal and return the exit code."""
        return subprocess.run(
            [*self._command, *arguments], env=_environment(), check=False
        ).returncode

    def build(self, course: Path, out: Path) -> dict[str, list[str]]:
        """Return ``{"problems": […], "advice": […]}``; without problems ``out`` has the release.

        :raises Failed: it could not look
        """
        content: dict[str, list[str]] = json.loads(
            self._output("lint", str(course), "--json", "--out", str(out), fine=(0, 1))
        )
        return content

    def execute(self, folder: Path) -> bytes:
        """Return the notebook of a learner's folder, executed. :raises Failed: why not"""
        with tempfile.TemporaryDirectory() as made:
            out = Path(made) / "executed.ipynb"
            self._output("run", str(folder), "--out", str(out))
            return out.read_bytes()

    def score(self, folder: Path, answers: Any) -> list[dict[str, Any]]:
        """Return what a scoring folder says of answers. :raises Failed: why not"""
        with tempfile.TemporaryDirectory() as made:
            path = Path(made) / "answers.json"
            path.write_text(json.dumps(answers), encoding="utf-8")
            lines: list[dict[str, Any]] = json.loads(self._output("score", str(folder), str(path)))
            return lines

    def _output(self, *arguments: str, fine: tuple[int, ...] = (0,)) -> str:
        try:
            ran = subprocess.run(
                [*self._command, *arguments],
                capture_output=True,
                text=True,
                timeout=SECONDS,
                env=_environment(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Failed(say(f"{SECONDS} 秒还没有做完。", f"Not done after {SECONDS} s.")) from None
        if ran.returncode not in fine or (ran.returncode and not ran.stdout):
            raise Failed(ran.stderr.strip()[-2000:] or say("没有说明原因。", "No reason given."))
        return ran.stdout


def _environment() -> dict[str, str]:
    return {name: os.environ[name] for name in SEEN if name in os.environ}
