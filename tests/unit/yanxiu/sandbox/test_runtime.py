"""What is left of a sandbox that could not be started."""

from pathlib import Path

import pytest
from yanxiu.sandbox.cgroups import Tree
from yanxiu.sandbox.limits import limits_from
from yanxiu.sandbox.process import Child
from yanxiu.sandbox.runtime import Runtime
from yanxiu.sandbox.sandbox import NotStarted
from yanxiu.sandbox.spec import ProgramSpec, SandboxSpec
from yanxiu.settings.limits import RUN


def spec(folder: Path) -> SandboxSpec:
    return SandboxSpec(limits=limits_from(None, RUN), is_run=True, folder=folder, binds=())


class Full(Runtime):
    """On a machine that takes no more processes."""

    async def enter(self, *_args: object) -> Child:
        raise NotStarted


async def test_what_was_not_started_is_not_watched(tmp_path):
    on = Full(tmp_path, None, None)
    program = ProgramSpec(argv=("/bin/true",), env={}, folder=str(tmp_path))
    try:
        with pytest.raises(NotStarted):
            await on.start("name", spec(tmp_path), program, tmp_path / "log")
        assert list(on.monitor._everything()) == []
    finally:
        await on.stop()


async def test_without_a_log_there_is_no_group_either(tmp_path):
    tree = Tree(2, dict.fromkeys(("memory", "pids", "cpu"), tmp_path / "groups"))
    (tmp_path / "groups").mkdir()
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    on = Runtime(tmp_path, None, tree)
    program = ProgramSpec(argv=("/bin/true",), env={}, folder=str(tmp_path))
    try:
        with pytest.raises(OSError, match="log"):
            await on.start("name", spec(tmp_path), program, tmp_path / "log")
        assert list((tmp_path / "groups").iterdir()) == []
    finally:
        await on.stop()
