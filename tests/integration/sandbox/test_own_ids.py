"""A user id for every sandbox: what the kernel counts by account, one cannot take from another.

Each attack first succeeds with the launcher's own account for all (``--ids 0``), or without
sandboxes, and then gets nothing.
"""

import contextlib
import ctypes
import json
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from yanxiu.sandbox import host, proctree

from tests.integration.sandbox.accounts import ACCOUNTS, GRANTED, Account, needs_namespaces, why_not
from tests.integration.sandbox.conftest import python
from tests.integration.sandbox.hub import environment
from tests.integration.sandbox.scene import OTHER, PERSON, Running, running
from tests.support.waiting import eventually

#: Says that it has what it wanted, and keeps it.
_HOLD = "\nimport ctypes, signal\nctypes.CDLL(None).prctl(15, b'holding')  # PR_SET_NAME\nsignal.pause()"
_PIPES = """
import contextlib, fcntl, os, threading, time
held = [*os.pipe()]
while fcntl.fcntl(held[-1], 1032) == 65536:  # F_GETPIPE_SZ
    with contextlib.suppress(OSError):
        fcntl.fcntl(held[-1], 1031, 1 << 20)  # F_SETPIPE_SZ
    held += os.pipe()

def again():
    # What others of this account give back meanwhile is taken too.
    while True:
        time.sleep(0.02)
        with contextlib.suppress(OSError):
            held.extend(os.pipe())
            fcntl.fcntl(held[-1], 1031, 1 << 20)

threading.Thread(target=again, daemon=True).start()
"""
_ONE_PIPE = """
import fcntl, os
return [{'task': 'pipe', 'points': fcntl.fcntl(os.pipe()[0], 1032)}]
"""
_WATCHES = """
import ctypes
libc = ctypes.CDLL(None)
while libc.inotify_init() >= 0:
    pass
"""
_ONE_WATCH = """
import ctypes
return [{'task': 'watch', 'points': int(ctypes.CDLL(None).inotify_init() >= 0)}]
"""
_KERNEL = """
found = []
for name in {names!r}:
    try:
        found.append({{'task': name, 'points': len(open(name, 'rb').read(8))}})
    except OSError:
        pass
return found
"""


@pytest.fixture(scope="module", params=[*ACCOUNTS, GRANTED], ids=str)
def account(request: pytest.FixtureRequest) -> Account:
    """Who runs the launcher."""
    if request.param is GRANTED and os.getuid() != 0:
        pytest.skip("needs root to be another account")
    if reason := why_not(request.param):
        pytest.skip(reason)
    return request.param


@pytest.fixture(scope="module")
def sandboxed(account: Account, hub_port: int) -> Iterator[Running]:
    """A launcher as in production."""
    needs_namespaces()
    with running(account, hub_port) as on:
        yield on


@pytest.fixture(scope="module")
def plain(account: Account, hub_port: int) -> Iterator[Running]:
    """A launcher without isolation."""
    with running(account, hub_port, "--no-isolation") as on:
        yield on


@pytest.fixture(scope="module")
def shared(account: Account, hub_port: int) -> Iterator[Running]:
    """A launcher that gives no ids to its sandboxes."""
    needs_namespaces()
    with running(account, hub_port, "--ids", "0") as on:
        yield on


@contextlib.contextmanager
def holding(on: Running, statements: str) -> Iterator[int]:
    """Let a run take something and keep it; yields the pid of who has it."""
    with on.launcher.job() as job:
        lines = "\n".join(f"    {line}" for line in (statements + _HOLD).splitlines())
        body = f"def score(answers, data):\n{lines}\n"
        on.write(job.inbox / "scoring" / "score.py", body)
        run = threading.Thread(target=job.run, args=("score",))
        run.start()
        try:
            assert eventually(lambda: _holder(on) is not None, 30)
            yield _holder(on) or 0
        finally:
            on.launcher.stop(job.handle, 0)
            run.join()


def _holder(on: Running) -> int | None:
    for task in proctree.Table.read().below(on.process.pid):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{task.pid}/comm").read_text() == "holding\n":
                return task.pid
    return None


def gets(on: Running, statements: str) -> int:
    """What another run gets at the same time."""
    return int(python(on, statements).files["scores.json"]["scores"][0]["points"])


def has_own_ids(on: Running) -> bool:
    if on.launcher.ping().own_ids:
        return True
    assert on.account.name == "ordinary", "root, and an account with subordinate ids, have some"
    return False


def test_with_one_account_a_sandbox_takes_all_pipes(shared: Running):
    assert gets(shared, _ONE_PIPE) == 65536
    with holding(shared, _PIPES):
        assert eventually(lambda: gets(shared, _ONE_PIPE) < 65536)


def test_with_ids_of_their_own_others_keep_their_pipes(sandboxed: Running):
    if not has_own_ids(sandboxed):
        pytest.skip("needs subordinate ids")
    with holding(sandboxed, _PIPES):
        assert gets(sandboxed, _ONE_PIPE) == 65536


def test_without_sandboxes_one_takes_all_watches_of_the_account(plain: Running):
    if plain.account.uid is None and os.getuid() == 0:
        pytest.skip("would take them from everything that root runs on this machine")
    with holding(plain, _WATCHES):
        assert gets(plain, _ONE_WATCH) == 0


def test_in_sandboxes_the_platform_and_others_keep_their_watches(sandboxed: Running):
    with holding(sandboxed, _WATCHES):
        assert _gets_one(sandboxed.account.uid)
        if has_own_ids(sandboxed) and sandboxed.account.uid is None:
            assert gets(sandboxed, _ONE_WATCH) == 1


def _gets_one(uid: int | None) -> bool:
    """Say whether the launcher's account, outside, still gets an inotify instance."""
    pid = os.fork()
    if pid == 0:
        if uid is not None:
            os.setresuid(uid, uid, uid)
        os._exit(0 if ctypes.CDLL(None).inotify_init() >= 0 else 1)
    return os.waitpid(pid, 0)[1] == 0


def test_only_root_reads_what_the_kernel_shows_to_root(sandboxed, shared, plain):
    names = host.root_s_own(Path("/proc"))
    if not names:
        pytest.skip("this machine's /proc has no such file")
    look = _KERNEL.format(names=names)
    if plain.account.uid is None and os.getuid() == 0:
        found = python(plain, look).files["scores.json"]["scores"]
        assert {one["task"] for one in found} >= {"/proc/timer_list", "/proc/slabinfo"} & set(names)
    for on in (shared, sandboxed):
        assert python(on, look).files["scores.json"]["scores"] == []


def test_two_runs_are_two_accounts_and_neither_is_the_platform_s(sandboxed: Running):
    if not has_own_ids(sandboxed):
        pytest.skip("needs subordinate ids")
    with holding(sandboxed, "pass") as first:
        one = _uids(first)
    with holding(sandboxed, "pass") as second:
        other = _uids(second)
    assert len(one) == len(other) == 1
    assert one != other
    assert not (one | other) & {0, os.getuid(), sandboxed.account.uid}


def _uids(pid: int) -> set[int]:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("Uid:")]
    return {int(word) for word in line.split()[1:]}


def _owners(home: Path) -> dict[str, int]:
    return {str(path.relative_to(home)): path.lstat().st_uid for path in (home, *home.rglob("*"))}


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that the account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="yanxiu-ids-"))
    yield folder
    shutil.rmtree(folder)


def test_homes_of_another_time_are_carried_over_and_back(account, hub_port, data):
    with running(account, hub_port, "--ids", "0", data=data) as before:
        home = before.data / "homes" / PERSON
        before.write(home / "a" / "b" / "notes.txt", "mine")
        before.write(home / "twice.txt", "two names")
        os.link(home / "twice.txt", home / "a" / "again.txt")
        outside = before.write(before.data / "not-mine.txt", "another's")
        os.link(outside, home / "foreign.txt")
        own = os.getuid() if account.uid is None else account.uid
        (home / "link").symlink_to("/etc/passwd")
        os.chown(home / "link", own, own, follow_symlinks=False)
        _start_and_stop(before, PERSON, hub_port)
        assert set(_owners(home).values()) == {own}
    with running(account, hub_port, data=data) as on:
        if not has_own_ids(on):
            pytest.skip("needs subordinate ids")
        # As after a crash in the middle: some are another id's, the folder is still as it was.
        crashed = _others_id(on)
        os.chown(home / "a" / "b" / "notes.txt", crashed, crashed)
        _start_and_stop(on, PERSON, hub_port)
        found = _owners(home)
        assert found.pop("foreign.txt") == own, "it has a name elsewhere: it may be another's"
        (new,) = set(found.values())
        assert new not in (0, own)
        assert outside.stat().st_uid == own
        assert Path("/etc/passwd").stat().st_uid == 0
        _start_and_stop(on, PERSON, hub_port)
        assert home.stat().st_uid == new
        _start_and_stop(on, OTHER, hub_port)
        assert (on.data / "homes" / OTHER).stat().st_uid not in (own, new)
    with running(account, hub_port, data=data) as again:
        _start_and_stop(again, PERSON, hub_port)
        assert home.stat().st_uid == new, "for good"
    with running(account, hub_port, "--ids", "0", data=data) as after:
        if account.granted:
            # Only who has the ids can give them up; it is refused, and nothing is lost.
            with pytest.raises(Exception, match="launcher"):
                after.launcher.start_server(PERSON, environment(hub_port))
            assert home.stat().st_uid == new
        else:
            _start_and_stop(after, PERSON, hub_port)
            assert set(_owners(home).values()) == {own}


def test_homes_that_are_closed_to_housekeeping_are_removed_by_the_launcher(account, hub_port, data):
    with running(account, hub_port, data=data) as on:
        _start_and_stop(on, PERSON, hub_port)
        home = on.data / "homes" / PERSON
        left = home.rename(home.with_name(".gone-0123456789abcdef"))
        owner = left.stat().st_uid
    with running(account, hub_port, data=data) as again:
        if not has_own_ids(again):
            assert owner == (os.getuid() if account.uid is None else account.uid)
            return  # it is housekeeping's to remove
        assert eventually(lambda: not left.exists())


def _others_id(on: Running) -> int:
    return 1_900_000_099 if on.account.uid is None else 3_000_099


def _start_and_stop(on: Running, person: str, hub_port: int) -> None:
    server = on.launcher.start_server(person, environment(hub_port))
    on.launcher.stop(server.handle, 0)


def test_what_is_not_isolated_is_said(account, sandboxed, shared, plain):
    said = sandboxed.launcher.ping().not_isolated
    assert any("共用平台的系统账号" in one for one in said) == (not has_own_ids(sandboxed))
    assert any("没有控制组" in one for one in said) == (
        sandboxed.launcher.ping().limits_by == "rlimit"
    )
    assert "sandbox.ids: 0" in shared.launcher.ping().not_isolated[0]
    assert "没有沙箱" in plain.launcher.ping().not_isolated[0]
    assert json.dumps(said)  # one line each, for the log
    assert all("\n" not in one for one in said)
