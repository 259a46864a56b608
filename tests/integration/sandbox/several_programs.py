"""A program of its own, because sandboxes belong to a process with one thread.

Makes one sandbox, starts three programs in it and prints what each of them saw and how it
ended. Run by ``test_programs``.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
from pathlib import Path

from yanxiu.sandbox import cgroups, enter, host, limits, sandbox
from yanxiu.sandbox.cgroups import Group
from yanxiu.sandbox.spec import ProgramSpec, SandboxSpec
from yanxiu.settings.limits import RUN

LIMITS = limits.limits_from({"memory_mb": 200, "processes": 40}, RUN)
LOOK = """
grep -E '^(CapPrm|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status
echo "limits $(ulimit -n) $(ulimit -c)"
echo "open $(ls /proc/self/fd | wc -l)"
echo "said $(cat <&5)"
echo "env $(env | grep -c SECRET)"
echo first > /tmp/left
exit 7
"""
SECOND = 'echo "sees $(cat /tmp/left)"; touch /tmp/said; sleep 1000 & exec sleep 1000'
# Not before the second has spoken, however busy the machine is.
KILLS_ALL = "until [ -e /tmp/said ]; do sleep 0.05; done; kill -9 -1; echo killed; exit 0"


async def main() -> None:
    """Start them one after another; print JSON."""
    enter.adopt_orphans()
    os.environ["SECRET"] = "ours"
    tree = cgroups.find()
    group = Group.make(tree, "several", LIMITS) if tree else None
    with tempfile.TemporaryDirectory() as folder:
        spec = SandboxSpec(limits=LIMITS, is_run=True, folder=None)
        output = Path(folder, "output").open("w+b")  # noqa: SIM115 - ends with the process
        made = await sandbox.make(host.look(), spec, group, output.fileno())
        rlimits = limits.rlimits(LIMITS, own_users=True, by_cgroup=bool(tree))

        async def start(script: str, descriptors: dict[int, int]):
            program = ProgramSpec(("/bin/sh", "-c", script), {"PATH": "/usr/bin"}, "/", descriptors)
            return await made.enter(program, output.fileno(), rlimits)

        said, say = os.pipe()
        os.write(say, b"a word")
        os.close(say)
        first = await start(LOOK, {5: said})
        await first.ended.wait()
        second = await start(SECOND, {})
        alive_beside = second.exit_code is None and not made.ended.is_set()
        third = await start(KILLS_ALL, {})
        await third.ended.wait()
        await second.ended.wait()
        outlived = not made.ended.is_set()
        fourth = await start("exec sleep 1000", {})
        fourth.send(signal.SIGTERM)
        await fourth.ended.wait()
        fifth = await start("exec sleep 1000", {})
        gone = await made.gone()
        await fifth.ended.wait()
        if group:
            await group.remove()
        output.seek(0)
        found = {
            "output": output.read().decode().splitlines(),
            "codes": [one.exit_code for one in (first, second, third, fourth, fifth)],
            "alive_beside": alive_beside,
            "outlived": outlived,
            "gone": gone,
            "grouped": bool(group),
        }
    for root in tree.folders if tree else ():
        cgroups.discard(root)
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
