"""Find out which user ids this launcher may give to sandboxes, and take them.

Root has the ids that the settings name. An ordinary account has those that /etc/subuid and
/etc/subgid grant it: the launcher then goes on as root of a user namespace in which they
exist (newuidmap and newgidmap put them there), and everything else is as for root. Where there
are none, sandboxes have the launcher's own account, and ``Ids`` says what that means. Called
once, by ``launcher``, while it has a single thread.
"""

import ctypes
import os
import pwd
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from yanxiu.sandbox.ids import Range
from yanxiu.settings.limits import FEWEST_IDS as FEWEST

_NEW_USER = 0x10000000  # linux/sched.h: CLONE_NEWUSER
_libc = ctypes.CDLL(None, use_errno=True)
_WAIT_S = 10.0
#: Why an id of its own is of no use to a program here.
CLOSED = (
    "别的账号读不了 Python 或虚拟环境里的文件（chmod -R a+rX 虚拟环境的文件夹；日志 run/launcher/trial.log）",
    "other accounts cannot read the files of Python or of the virtual environment "
    "(chmod -R a+rX its folder; see run/launcher/trial.log)",
)
_TOOLS = ("newuidmap", "newgidmap")
_GRANTS = ("/etc/subuid", "/etc/subgid")


@dataclass(frozen=True)
class Found:
    """What there is.

    :param available: the ids, as this process counts them from now on; None: none
    :param why: what stands against it otherwise, for the operator: (Chinese, English)
    """

    available: Range | None
    why: tuple[str, str] | None = None


def find(asked: Range | None, *, only_look: bool = False) -> Found:
    """Return the ids for sandboxes; an ordinary account becomes root of a namespace for them.

    :param asked: the settings' range, for a launcher run by root; None: the settings want none
    :param only_look: stay who we are: say what a launcher would find
    """
    if asked is None:
        return Found(None, ("设置里关掉了（sandbox.ids: 0）", "switched off (sandbox.ids: 0)"))
    return _of_root(asked) if os.getuid() == 0 else _subordinate(only_look)


def _of_root(asked: Range) -> Found:
    last = asked.first + asked.count - 1
    mapped = _mapped(Path("/proc/self/uid_map").read_text())
    if not any(asked.first in one and last in one for one in mapped):
        return Found(
            None,
            (
                f"这个容器里没有用户编号 {asked.first} 到 {last}（见 /proc/self/uid_map）",
                f"this container has no user ids {asked.first} to {last} (/proc/self/uid_map)",
            ),
        )
    taken = next((one for one in pwd.getpwall() if one.pw_uid in asked), None)
    if taken or os.getuid() in asked:
        name = taken.pw_name if taken else "root"
        return Found(
            None,
            (
                f"用户编号 {asked.first} 到 {last} 里有账号 {name}，请改 sandbox.first_id",
                f"account {name} is among the user ids {asked.first} to {last}: "
                "change sandbox.first_id",
            ),
        )
    return Found(asked)


def _mapped(uid_map: str) -> list[range]:
    """Return the ids that exist here, of a ``/proc/self/uid_map``."""
    lines = (line.split() for line in uid_map.splitlines())
    return [range(int(inside), int(inside) + int(count)) for inside, _, count in lines]


def _subordinate(only_look: bool) -> Found:
    """Become root of a namespace with the account's subordinate ids, if it has any."""
    uid, gid = os.getuid(), os.getgid()
    user = _name(uid)
    tools = [shutil.which(name, path="/usr/bin:/bin:/usr/sbin:/sbin") for name in _TOOLS]
    if None in tools:
        return Found(
            None,
            (
                "系统里没有 newuidmap 和 newgidmap（Debian、Ubuntu：apt install uidmap）",
                "newuidmap and newgidmap are missing (Debian, Ubuntu: apt install uidmap)",
            ),
        )
    users, groups = (subordinate(_read(Path(file)), user, uid) for file in _GRANTS)
    count = min(len(users), len(groups))
    if count < FEWEST:
        return Found(
            None,
            (
                f"/etc/subuid 和 /etc/subgid 没有给账号 {user} 至少 {FEWEST} 个编号（以 root 运行 "
                f"usermod --add-subuids 200000-265535 --add-subgids 200000-265535 {user}）",
                f"/etc/subuid and /etc/subgid do not grant {FEWEST} ids to {user} (as root: "
                f"usermod --add-subuids 200000-265535 --add-subgids 200000-265535 {user})",
            ),
        )
    maps = [
        (str(tool), str(outside), range_)
        for tool, outside, range_ in zip(tools, (uid, gid), (users, groups), strict=True)
    ]

    def commands(pid: int) -> list[list[str]]:
        return [
            [tool, str(pid), "0", own, "1", "1", str(granted.start), str(count)]
            for tool, own, granted in maps
        ]

    # Nobody comes back out of a namespace: so a child tries it.
    if said := _tried(commands):
        return Found(None, (f"{said}", f"{said}"))
    if not only_look:
        _unshare(commands)
    return Found(Range(1, count))


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def subordinate(text: str, user: str, uid: int) -> range:
    """Return the largest range that a ``/etc/subuid`` grants to an account (subuid(5)).

    >>> subordinate("op:100000:65536", "op", 1000)
    range(100000, 165536)
    """
    found = [range(0)]
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        first, _, count = rest.partition(":")
        if name in (user, str(uid)) and first.isdigit() and count.strip().isdigit():
            found.append(range(int(first), int(first) + int(count)))
    return max(found, key=len)


def _tried(commands: Callable[[int], list[list[str]]]) -> str | None:
    """Unshare in a child; return what went wrong."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _unshare(commands)
        except BaseException as error:
            os.write(said, str(error).encode()[:1000] or b"?")
        finally:
            os._exit(0)
    os.close(said)
    with os.fdopen(heard, "rb") as answer:
        text = answer.read().decode(errors="replace")
    os.waitpid(child, 0)
    return text or None


def _unshare(commands: Callable[[int], list[list[str]]]) -> None:
    """Become root of a new user namespace.

    The tools that put the ids there run outside: in a child that was made before.

    :raises OSError: it was refused
    """
    own = os.getpid()
    word, go = os.pipe()
    heard, said = os.pipe()
    outside = os.fork()
    if outside == 0:
        try:
            os.close(go)
            if os.read(word, 1):
                for command in commands(own):
                    done = subprocess.run(
                        command, capture_output=True, text=True, check=False, timeout=_WAIT_S
                    )
                    if done.returncode:
                        os.write(said, (done.stderr.strip() or command[0]).encode()[:900])
                        break
        finally:
            os._exit(0)
    os.close(word)
    os.close(said)
    refused = _libc.unshare(_NEW_USER) != 0
    reason = os.strerror(ctypes.get_errno())
    if not refused:
        os.write(go, b"!")
    os.close(go)
    with os.fdopen(heard, "rb") as answer:
        text = answer.read().decode(errors="replace")
    os.waitpid(outside, 0)
    if refused or text:
        raise OSError(text or f"unshare: {reason}")
    os.setresgid(0, 0, 0)
    os.setresuid(0, 0, 0)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
