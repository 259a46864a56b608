"""Run the launcher: ``python -m yanxiu.sandbox.launcher --data DIR --hub-api … --records …``.

Sets everything up, listens, and takes every sandbox with it when it ends, however it
ends. ``yanxiu up`` starts it; nothing imports it.
"""

import argparse
import asyncio
import contextlib
import fcntl
import logging
import os
import secrets
import signal
import sys
from pathlib import Path

from yanxiu.errors import SettingsError
from yanxiu.sandbox import (
    bwrap,
    cgroups,
    descriptors,
    enter,
    host,
    identity,
    landlock,
    process,
    weaknesses,
)
from yanxiu.sandbox.ids import Ids, Range
from yanxiu.sandbox.jobs import Jobs
from yanxiu.sandbox.relay import listen_unix
from yanxiu.sandbox.runtime import Runtime, make_folder
from yanxiu.sandbox.servers import Servers
from yanxiu.sandbox.service import LONGEST, Service
from yanxiu.settings import limits as sandboxes

log = logging.getLogger("yanxiu.sandbox")

#: So often homes that are to be removed, and are not housekeeping's to open, are looked for.
SWEEP_S = 600.0


def address(text: str) -> tuple[str, int]:
    """Read ``HOST:PORT``; for argparse."""
    name, _, port = text.rpartition(":")
    if not name or not port.isdigit() or not 0 < int(port) < 65536:
        raise argparse.ArgumentTypeError(f"{text!r}: HOST:PORT")
    return name.strip("[]"), int(port)


def ids(text: str) -> Range | None:
    """Read ``FIRST:COUNT``, or ``0`` for none; for argparse."""
    first, _, count = text.partition(":")
    if text == "0":
        return None
    if (
        not first.isdigit()
        or not count.isdigit()
        or int(count) < sandboxes.FEWEST_IDS
        or int(first) < 1
    ):
        raise argparse.ArgumentTypeError(f"{text!r}: FIRST:COUNT, COUNT ≥ {sandboxes.FEWEST_IDS}")
    return Range(int(first), int(count))


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    out = argparse.ArgumentParser(
        prog="python -m yanxiu.sandbox.launcher", description="沙箱启动器 · the sandbox launcher"
    )
    out.add_argument("--data", type=Path, required=True, help="数据目录 · the data folder")
    out.add_argument("--hub-api", type=address, required=True, metavar="HOST:PORT")
    out.add_argument("--records", type=address, required=True, metavar="HOST:PORT")
    out.add_argument(
        "--ids",
        type=ids,
        default=Range(sandboxes.FIRST_ID, sandboxes.IDS),
        metavar="FIRST:COUNT",
        help="root：沙箱的用户编号，0 表示不用 · root: user ids of sandboxes, 0 for none",
    )
    out.add_argument(
        "--min-free-percent",
        type=float,
        default=0.0,
        metavar="N",
        help="磁盘剩余少于 N%% 时，个人文件夹只能删除 · with less of the disk free, homes only shrink",
    )
    out.add_argument(
        "--no-isolation",
        action="store_true",
        help="不用沙箱，只设限额 · plain processes with limits",
    )
    return out


def prepare(data: Path, *, isolated: bool) -> bwrap.Host | None:
    """Check the machine; return what sandboxes will see of it.

    What a launcher that is gone left behind is ended, and its folders put aside.

    :raises SettingsError: another launcher has this data folder, sandboxes are not
        allowed here, or they would see the data
    """
    make_folder(data)
    run = make_folder(data / "run" / "launcher")
    run.chmod(0o700)
    lock = os.open(run / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise SettingsError(
            f"数据目录 {data} 已经有一个启动器在运行。请先停止它，或换一个目录。\n"
            f"A launcher is already running on {data}. Stop it first, or choose another folder."
        ) from None
    process.sweep()
    seen = None
    if isolated:
        host.probe()
        seen = host.look()
        host.check_data(data, seen)
    trash = make_folder(run / "trash")
    for name in ("sandboxes", "jobs"):
        with contextlib.suppress(FileNotFoundError):
            (run / name).rename(trash / secrets.token_hex(8))
    return seen


async def serve(
    data: Path,
    seen: bwrap.Host | None,
    found: identity.Found,
    hub: tuple[str, int],
    records: tuple[str, int],
    min_free_percent: float,
) -> None:
    """Listen until SIGTERM or SIGINT, then end every sandbox."""
    enter.adopt_orphans()
    on = Runtime(
        data.resolve(),
        seen,
        cgroups.find(),
        Ids(found.available),
        min_free_percent=min_free_percent,
    )
    on.ids.learn(on.homes)
    asyncio.get_running_loop().add_signal_handler(signal.SIGCHLD, process.reap_orphans)
    servers, jobs = Servers(on, hub, records), Jobs(on)
    service = Service(on, servers, jobs)
    folder = os.open(on.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    (on.folder / "launcher.sock").unlink(missing_ok=True)
    listener = await asyncio.start_unix_server(
        service.connected, sock=listen_unix(folder, "launcher.sock"), limit=LONGEST
    )
    done = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, done.set)
    if on.ids.available and not await on.may_give_ids():
        found = identity.Found(None, identity.CLOSED)
        on.ids.available = None
    on.not_isolated = weaknesses.of(
        isolated=on.isolated,
        why_no_ids=found.why,
        grouped=on.tree is not None,
        landlock=landlock.version() > 0,
    )
    log.info("ready: limits by %s, isolation %s, own ids %s", *on.how())
    for weakness in on.not_isolated:
        log.warning("not isolated: %s", weakness)
    on.trash.sweep(on.homes)
    measuring = asyncio.ensure_future(on.home_sizes.measure())
    while not await process.within(done.wait(), SWEEP_S):
        on.trash.sweep(on.homes)
    listener.close()
    measuring.cancel()
    (on.folder / "launcher.sock").unlink(missing_ok=True)
    await asyncio.gather(servers.stop_all(), jobs.stop_all())
    await on.stop()
    # Each sandbox's own follower still tidies up after it.
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
    for root in on.tree.folders if on.tree else ():
        cgroups.discard(root)


def main(argv: list[str] | None = None) -> int:
    """Run; returns the exit code."""
    asked = parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    os.umask(0o077)
    descriptors.allow_all()
    try:
        seen = prepare(asked.data, isolated=not asked.no_isolation)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    # An ordinary account becomes somebody else here: before there is a loop or a thread.
    found = identity.find(asked.ids if seen else None)
    room = asked.min_free_percent
    asyncio.run(serve(asked.data, seen, found, asked.hub_api, asked.records, room))
    return 0


if __name__ == "__main__":
    sys.exit(main())
