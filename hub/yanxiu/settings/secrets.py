"""The installation's own secrets: made once, kept as files, handed on by environment.

Decides what secrets there are and how they lie on disk (``$DATA/secrets``, folder 0700,
files 0600, backed up apart from the data). Does not decide who gets which:
``yanxiu.up.parts`` does. No secret is ever a setting, a command line or a log line.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from yanxiu.errors import SettingsError

from . import rotation


@dataclass(frozen=True, repr=False)
class Secrets:
    """Every secret of one installation, 64 hexadecimal digits (256 bits) each.

    Those of ``rotation.OVERLAPPING`` may have the one before after a comma. The field's name is
    the file's name; ``VARIABLES`` names the environment variable that
    a process gets it by.
    """

    #: signs the hub's login cookies
    hub_cookie: str
    #: the hub asks traefik with it whether a route is there
    proxy_api: str
    #: the records service towards the hub (its OAuth client secret too)
    records_api: str
    #: the process that ends idle servers, towards the hub
    culler_api: str
    #: a monitor towards the metrics' port
    metrics: str
    #: the process that serves metrics, towards the hub
    metrics_api: str
    #: the grading worker towards records
    worker: str
    #: signs the portal's forms and sessions
    portal_session: str
    #: encrypts ID numbers at rest, and keys their HMAC
    id_numbers: str

    def __repr__(self) -> str:
        """Name the fields and hide the values, for tracebacks and logs."""
        return f"Secrets({', '.join(f'{field.name}=…' for field in fields(self))})"

    def environment(self, *names: str) -> dict[str, str]:
        """Return the variables that hand on the secrets called ``names``."""
        return {VARIABLES[name]: getattr(self, name) for name in names}


#: The environment variable of each secret. A service of the hub gets its own (``records_api``,
#: ``culler_api``, ``metrics_api``) under the hub's name for it, ``JUPYTERHUB_API_TOKEN``.
VARIABLES = {
    "hub_cookie": "YANXIU_HUB_COOKIE_SECRET",
    "proxy_api": "YANXIU_PROXY_API_PASSWORD",
    "records_api": "YANXIU_RECORDS_API_TOKEN",
    "culler_api": "YANXIU_CULLER_API_TOKEN",
    "metrics": "YANXIU_METRICS_TOKEN",
    "metrics_api": "YANXIU_METRICS_API_TOKEN",
    "worker": "YANXIU_WORKER_TOKEN",
    "portal_session": "YANXIU_SESSION_KEY",
    "id_numbers": "YANXIU_ID_KEY",
}


def load_or_create(data_dir: Path) -> Secrets:
    """Read the secrets of ``data_dir``, making those that are not there yet.

    :raises SettingsError: a file that others can read, that is damaged, or that cannot
        be read or made. A damaged secret is never replaced silently: a new
        ``id_numbers`` would make every stored ID number unreadable.
    """
    folder = data_dir / "secrets"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        rotation.check_finished(folder, "id_numbers")
        return Secrets(**{name: _with_previous(folder, name) for name in VARIABLES})
    except OSError as error:
        raise SettingsError(
            f"密钥目录 {folder} 无法读写：{error.strerror}。请检查该目录的属主和磁盘空间。"
        ) from error


def from_environment(environ: Mapping[str, str], *names: str) -> dict[str, str]:
    """Return the secrets called ``names`` that this process was given.

    :raises SettingsError: one of them was not.
    """
    missing = [VARIABLES[name] for name in names if not environ.get(VARIABLES[name])]
    if missing:
        raise SettingsError(f"缺少环境变量 {', '.join(missing)}。请用 yanxiu up 启动本服务。")
    return {name: environ[VARIABLES[name]] for name in names}


def _with_previous(folder: Path, name: str) -> str:
    """Return a secret, and with it the one before where that is still understood."""
    current, previous = _load_or_create(folder / name), folder / f"{name}{rotation.PREVIOUS}"
    overlaps = name in rotation.OVERLAPPING and previous.exists()
    return rotation.both(current, _read(previous) if overlaps else "")


def id_key(data_dir: Path, environ: Mapping[str, str]) -> str:
    """Return the key of ID numbers for a command: the one given by environment, else the folder's.

    A pod has no folder of secrets; one made there would make ID numbers that nobody can read.
    """
    return environ.get(VARIABLES["id_numbers"]) or load_or_create(data_dir).id_numbers


def _load_or_create(file: Path) -> str:
    if not file.exists():
        _create(file)
    return _read(file)


def _read(file: Path) -> str:
    if file.stat().st_mode & 0o077:
        raise SettingsError(f"密钥文件 {file} 能被其他用户读取。请执行 chmod 600 {file}")
    text = file.read_text(encoding="ascii", errors="replace").strip()
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):
        raise SettingsError(
            f"密钥文件 {file} 已损坏（应为 64 位十六进制数）。请从备份恢复；"
            "若是全新安装，删除它后重新启动。"
        )
    return text


def _create(file: Path) -> None:
    """Write a new secret so that a crash leaves all of it or none."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as handle:
        handle.write(secrets.token_hex(32) + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    try:
        # link, not rename: two processes at once agree on the first one's secret.
        file.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
