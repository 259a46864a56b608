"""Have notebooks parsed in a child process that may fall over without harm.

Asks ``prepare`` for versions of notebooks and for the check of a release; several assignments
share one child. If it falls over, each assignment gets a child of its own, so that the one at
fault is named. A learner's work that is exported has a child of its own from the start. Called
by ``units``, ``writing`` and ``verbs.release_check``.
"""

import atexit
import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_

from .config import Settings
from .folder import NOTEBOOK, Files
from .notebooks import Cell, Versions
from .prepare import LENGTH, text_of
from .problems import Problem

_CPU_S = 30
_CPU_PER_JOB_S = 10
_MEMORY = 2 << 30
#: Of a learner's notebook, bytes and seconds: nbconvert takes a minute and a half for two
#: megabytes of an honest table.
WORK_MEMORY, WORK_CPU_S = 1 << 30, 150
#: Wall clock per second of CPU: the machine may be busy.
_PATIENCE = 20
_OUT_OF_LIMITS = N_(
    "这个作业的笔记本太大或太复杂，读的时候超出了限制（内存或时间）。请清除输出、拆成几个，再试。"
)


@dataclass(frozen=True)
class Job:
    """An assignment's notebooks.

    :param where: its place, for sentences
    :param source: the instructor's version
    :param learner: the learners' version, if there is one
    """

    where: str
    source: Files
    learner: Files
    settings: Settings = field(default_factory=Settings)
    parts: Files = field(default_factory=dict)

    def asked(self) -> dict[str, Any]:
        """Return what every request needs."""
        return {
            "where": self.where,
            "options": self.settings.options,
            "parts": text_of(self.parts),
        }


def versions(jobs: Sequence[Job]) -> list[dict[str, Versions | list[Problem]]]:
    """Return of each job the versions of each notebook of its source, or what is wrong."""
    asked = [
        {**one.asked(), "notebooks": text_of(one.source), "released": text_of(one.learner)}
        for one in jobs
    ]
    return [
        {name: [Problem(one.where, _OUT_OF_LIMITS)] for name in one.source}
        if answer is None
        else dict(zip(one.source, map(_made, answer), strict=True))
        for one, answer in zip(jobs, _answers("versions", asked), strict=True)
    ]


def check(jobs: Sequence[Job]) -> list[list[Problem]]:
    """Return of each job what learners would get and must not."""
    asked = [
        {
            **one.asked(),
            "learner": text_of(_notebooks(one.learner)),
            "source": text_of(_notebooks(one.source)),
        }
        for one in jobs
    ]
    return [
        [Problem(one.where, _OUT_OF_LIMITS)]
        if answer is None
        else [Problem(**told) for told in answer]
        for one, answer in zip(jobs, _answers("check", asked), strict=True)
    ]


def write(job: dict[str, Any]) -> bool:
    """Have ``feedback`` write a learner's part of an export; False if it fell over.

    What it had written by then is left lying.

    :param job: what ``prepare`` asks for, as JSON
    """
    return _ask("write", [job], memory=WORK_MEMORY, cpu_s=WORK_CPU_S) is not None


def _notebooks(files: Files) -> Files:
    return {name: data for name, data in files.items() if name.lower().endswith(NOTEBOOK)}


def _made(answer: dict[str, Any]) -> Versions | list[Problem]:
    if "problems" in answer:
        return [Problem(**one) for one in answer["problems"]]
    return Versions(
        base64.b64decode(answer["grading"]),
        base64.b64decode(answer["release"]),
        tuple(Cell(**one) for one in answer["cells"]),
    )


def _answers(what: str, jobs: list[dict[str, Any]]) -> list[Any]:
    """Return an answer for each job, None for one that fell over."""
    together = _ask(what, jobs)
    if together is not None or len(jobs) == 1:
        return together if together is not None else [None]
    return [(_ask(what, [one]) or [None])[0] for one in jobs]


def _ask(
    what: str, jobs: list[dict[str, Any]], *, memory: int = _MEMORY, cpu_s: int = 0
) -> list[Any] | None:
    cpu_s = cpu_s or _CPU_S + _CPU_PER_JOB_S * len(jobs)
    limits = {"memory": memory, "cpu_s": cpu_s, "wall_s": cpu_s * _PATIENCE}
    asked = {"do": what, "jobs": jobs, **limits}
    answer = _parser.ask(json.dumps(asked).encode())
    found = json.loads(answer) if answer else None
    return found if isinstance(found, list) and len(found) == len(jobs) else None


class _Parser:
    """The process of ``prepare``: started when it is needed, gone when nobody asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def ask(self, asked: bytes) -> bytes:
        """Return the answer, nothing if the child that should give it fell over."""
        with self._lock:
            for _ in range(2):  # it may have gone while we asked
                try:
                    return self._asked(self._running(), asked)
                except OSError:
                    self._end()
        return b""

    def _running(self) -> subprocess.Popen[bytes]:
        if self._owner != os.getpid():  # a fork has no part in its parent's pipe
            self._process, self._owner = None, os.getpid()
        if self._process is None or self._process.poll() is not None:
            self._end()
            # -I: nothing of the environment or of the working folder gets into it.
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-m", f"{__package__}.prepare"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={"HOME": "/"},
            )
        return self._process

    @staticmethod
    def _asked(process: subprocess.Popen[bytes], asked: bytes) -> bytes:
        assert process.stdin and process.stdout
        process.stdin.write(len(asked).to_bytes(LENGTH) + asked)
        process.stdin.flush()
        length = process.stdout.read(LENGTH)
        answer = process.stdout.read(int.from_bytes(length))
        if len(length) < LENGTH or len(answer) < int.from_bytes(length):
            raise BrokenPipeError
        return answer

    def _end(self) -> None:
        if self._process is not None and self._owner == os.getpid():
            self._process.kill()
            self._process.communicate()
        self._process = None


_parser = _Parser()
atexit.register(_parser._end)
