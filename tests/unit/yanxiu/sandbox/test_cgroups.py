"""Finding a place for control groups, and what is written there.

The kernel's part of version 2 is played by plain files: a machine has one version only.
"""

import os
from pathlib import Path

import pytest
from yanxiu.sandbox.cgroups import Group, Tree, find, places, settings, sweep
from yanxiu.sandbox.limits import MB, limits_from
from yanxiu.sandbox.proctree import started
from yanxiu.settings.limits import RUN

LIMITS = limits_from({"memory_mb": 256, "cpus": 0.5, "processes": 40}, RUN)

V1 = """\
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
32 31 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct
39 31 0:36 /docker/abc /sys/fs/cgroup/pids rw,relatime shared:9 - cgroup cgroup rw,pids
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
"""
V1_OWN = "4:memory:/a/b\n3:cpu,cpuacct:/\n2:pids:/docker/abc/x\n0::/\n"


def test_version_1_has_a_hierarchy_for_each_controller():
    found = {c: place.own for place in places(V1, V1_OWN) for c in place.controllers}
    assert found == {
        "memory": Path("/sys/fs/cgroup/memory/a/b"),
        "cpu": Path("/sys/fs/cgroup/cpu,cpuacct"),
        "cpuacct": Path("/sys/fs/cgroup/cpu,cpuacct"),
        "pids": Path("/sys/fs/cgroup/pids/x"),  # the mount shows a part only
    }


def unified(folder: Path, own: str) -> tuple[str, str]:
    """The two files of a machine with version 2 mounted at ``folder``."""
    return f"30 20 0:26 / {folder} rw - cgroup2 cgroup2 rw\n", f"0::{own}\n"


@pytest.fixture
def v2(tmp_path: Path) -> Path:
    """A delegated group of version 2, with the controllers already switched on."""
    for folder in (tmp_path, tmp_path / "svc"):
        folder.mkdir(exist_ok=True)
        (folder / "cgroup.controllers").write_text("cpuset cpu io memory pids\n")
        (folder / "cgroup.procs").write_text("")
        (folder / "cgroup.subtree_control").write_text("cpu memory pids\n")
    return tmp_path


def test_version_2_is_used_where_it_has_the_controllers(v2, monkeypatch):
    made, real = [], Path.mkdir

    def mkdir(self, mode=0o777, parents=False, exist_ok=False):
        real(self, mode, parents, exist_ok)
        (self / "cgroup.subtree_control").write_text("")
        made.append(self)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    tree = find(*unified(v2, "/svc"))
    assert tree is not None and tree.version == 2
    assert tree.folders == made
    assert made[0].parent == v2
    assert (made[0] / "cgroup.subtree_control").read_text() == "+memory +pids +cpu"


def test_version_2_without_controllers_is_no_place(tmp_path):
    (tmp_path / "cgroup.controllers").write_text("")
    assert find(*unified(tmp_path, "/")) is None


def test_a_place_that_may_not_be_written_is_no_place():
    assert (
        find("35 31 0:32 / /nowhere/memory rw - cgroup cgroup rw,memory\n", "4:memory:/\n") is None
    )


@pytest.mark.parametrize(
    ("version", "lines"),
    [
        (
            1,
            {
                "memory.limit_in_bytes": str(256 * MB),
                "memory.memsw.limit_in_bytes": str(256 * MB),
                "cpu.cfs_period_us": "100000",
                "cpu.cfs_quota_us": "50000",
                "pids.max": "40",
            },
        ),
        (
            2,
            {
                "memory.max": str(256 * MB),
                "memory.swap.max": "0",
                "cpu.max": "50000 100000",
                "pids.max": "40",
            },
        ),
    ],
)
def test_each_limit_has_its_file(version, lines):
    assert {file: value for _, file, value in settings(version, LIMITS)} == lines


def test_a_group_of_version_2_tells_what_was_used(tmp_path):
    group = Group.make(Tree(2, dict.fromkeys(("memory", "pids", "cpu"), tmp_path)), "one", LIMITS)
    folder = tmp_path / "one"
    (folder / "memory.current").write_text("1000\n")
    (folder / "memory.peak").write_text("2000\n")
    (folder / "memory.events").write_text("low 0\nhigh 0\nmax 7\noom 2\noom_kill 1\n")
    (folder / "pids.current").write_text("12\n")
    (folder / "pids.events").write_text("max 3\n")
    (folder / "cpu.stat").write_text("usage_usec 2500000\nuser_usec 1\n")
    usage = group.usage()
    assert (usage.memory, usage.peak, usage.tasks) == (1000, 2000, 12)
    assert (usage.cpu_s, usage.oom_kills, usage.fork_refusals) == (2.5, 1, 3)
    assert group.doors() == [folder / "cgroup.procs"]


def test_groups_of_a_launcher_that_is_gone_are_removed(tmp_path):
    mine = tmp_path / f"yanxiu-{os.getpid()}-{started(os.getpid())}"
    reused = tmp_path / f"yanxiu-{os.getpid()}-1"  # its pid is somebody else's by now
    foreign = tmp_path / "system.slice"
    for folder in (mine, reused, reused / "sandbox", foreign):
        folder.mkdir()
    sweep(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {mine.name, foreign.name}


def test_a_group_that_cannot_be_made_leaves_nothing(tmp_path):
    for controller in ("memory", "pids"):
        (tmp_path / controller).mkdir()
    roots = {name: tmp_path / name for name in ("memory", "pids", "cpu")}  # one is missing
    with pytest.raises(FileNotFoundError):
        Group.make(Tree(1, roots), "name", LIMITS)
    assert [list(folder.iterdir()) for folder in tmp_path.iterdir()] == [[], []]
