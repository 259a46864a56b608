"""Real launchers: as root and as an ordinary user, with sandboxes and without."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from yanxiu.sandbox.client import RunResult

from tests.integration.sandbox import attacks
from tests.integration.sandbox.accounts import ACCOUNTS, Account, needs_namespaces, why_not
from tests.integration.sandbox.hub import hub
from tests.integration.sandbox.scene import Running, running


@pytest.fixture(scope="session")
def hub_port() -> Iterator[int]:
    """A hub's API, as far as servers ask it."""
    with hub() as port:
        yield port


@pytest.fixture(scope="session", params=ACCOUNTS, ids=str)
def account(request: pytest.FixtureRequest) -> Account:
    """Who runs the launcher."""
    if reason := why_not(request.param):
        pytest.skip(reason)
    return request.param


@pytest.fixture(scope="session")
def sandboxed(account: Account, hub_port: int) -> Iterator[Running]:
    """A launcher as in production."""
    needs_namespaces()
    with running(account, hub_port) as on:
        yield on


@pytest.fixture(scope="session")
def plain(account: Account, hub_port: int) -> Iterator[Running]:
    """A launcher without isolation: the same programs without the defence."""
    with running(account, hub_port, "--no-isolation") as on:
        yield on


@dataclass(frozen=True)
class Executed:
    """A run and what it left."""

    run: RunResult
    files: dict[str, Any]


Execute = Callable[..., Executed]


def execute(
    on: Running, *cells: str, output_mb: int = 8, cell_s: int = 60, **limits: Any
) -> Executed:
    """Run A on a notebook with these cells."""
    with on.launcher.job() as job:
        book = new_notebook(cells=[new_code_cell(cell) for cell in cells])
        on.write(job.inbox / "work" / "a1.ipynb", nbformat.writes(book))
        order = {"notebook": "a1.ipynb", "cell_timeout_s": cell_s, "output_mb": output_mb}
        on.write(job.inbox / "job.json", json.dumps(order))
        result = job.run("execute", limits)
        return Executed(result, {p.name: json.loads(p.read_text()) for p in job.outbox.iterdir()})


def scored(on: Running, body: str, answers: Any = None, **limits: Any) -> Executed:
    """Run B with ``body`` as the function ``score``'s module."""
    with on.launcher.job() as job:
        on.write(job.inbox / "scoring" / "score.py", body)
        on.write(job.inbox / "answers.json", json.dumps({"answers": answers or {}}))
        result = job.run("score", limits)
        return Executed(result, {p.name: json.loads(p.read_text()) for p in job.outbox.iterdir()})


def python(on: Running, statements: str, **limits: Any) -> Executed:
    """Run statements the way run B runs its scorer."""
    lines = "\n".join(f"    {line}" for line in statements.splitlines())
    return scored(on, f"def score(answers, data):\n{lines}\n    return []\n", **limits)


def loot(on: Running, hub_port: int) -> dict[str, str]:
    """Try every attack in one run; return what each got."""
    from inspect import getsource

    from tests.integration.sandbox.scene import dressed

    with dressed(on, hub_port) as scene:
        done = scored(on, getsource(attacks), {"scene": scene})
    with contextlib.suppress(KeyError):
        return {one["attack"]: one["loot"] for one in done.files["scores.json"]["scores"]}
    raise AssertionError(done)
