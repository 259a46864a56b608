"""The secrets of a site, kept apart from its data.

With both, ID numbers can be read; so they go to another folder, and a fingerprint in the archive
says whether they belong together. Called by ``yanxiu backup`` and ``yanxiu restore``.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from yanxiu.errors import SettingsError
from yanxiu.settings.secrets import VARIABLES

from .archive import private

ID_KEY = "id_numbers"


def fingerprint(secret: str) -> str:
    """Return what tells one key from another and says nothing of it: it has 256 random bits."""
    return hashlib.blake2b(secret.encode(), person=b"yanxiu backup", digest_size=16).hexdigest()


def id_key(data: Path, environ: Mapping[str, str]) -> str:
    """Return the fingerprint of the site's key of ID numbers; empty where it is not at hand."""
    given = environ.get(VARIABLES[ID_KEY], "")
    file = data / "secrets" / ID_KEY
    if not given and file.is_file():
        given = file.read_text("ascii").strip()
    return fingerprint(given) if given else ""


def save(data: Path, target: Path, archives: Path) -> Path:
    """Copy the secrets into a new folder below ``target``; return it.

    :raises SettingsError: that is beside the data, where a thief would find both
    """
    target, archives = target.resolve(), archives.resolve()
    if target == archives or target in archives.parents or archives in target.parents:
        raise SettingsError(
            f"密钥不能和数据备份放在一起（{archives}）：拿到两样的人就能读出身份证号。"
            "请用 --secrets-to 指定另一块盘或另一台机器上的文件夹。"
        )
    source = data / "secrets"
    files = sorted(one for one in source.glob("*") if one.is_file() and one.name[0] != ".")
    if not files:
        raise SettingsError(f"{source} 里没有密钥。集群里的密钥在 Secret 里，请另外保存。")
    key = fingerprint((source / ID_KEY).read_text("ascii").strip())
    folder = target / f"secrets-{key[:8]}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in files:
        part = folder / f".{file.name}.{os.getpid()}"
        with private(part) as out:
            out.write(file.read_bytes())
            out.flush()
            os.fsync(out.fileno())
        part.replace(folder / file.name)
    return folder


def put_back(source: Path, data: Path) -> None:
    """Copy saved secrets into the site's folder, where none are yet.

    :raises SettingsError: there are no secrets in ``source``, or other ones in the site
    """
    if not (source / ID_KEY).is_file():
        raise SettingsError(
            f"{source} 里没有密钥（找不到 {ID_KEY}）。请给出 yanxiu backup --secrets-to 做出的 secrets-… 文件夹。"
        )
    folder = data / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for file in sorted(source.iterdir()):
        there = folder / file.name
        if there.exists():
            if there.read_bytes() != file.read_bytes():
                raise SettingsError(
                    f"{there} 已经有另一个密钥，不会覆盖。请换一个新的数据文件夹，或先移走 {folder}。"
                )
            continue
        with private(there) as out:
            out.write(file.read_bytes())


def check(data: Path, environ: Mapping[str, str], wanted: str) -> None:
    """Refuse to put rows beside a key that cannot read them.

    :raises SettingsError: the site's key is missing, or another than the archive's
    """
    if not wanted:
        return
    found = id_key(data, environ)
    if not found:
        raise SettingsError(
            f"{data / 'secrets'} 里没有密钥，恢复后身份证号会读不出来。"
            "请用 --secrets 给出另外保存的 secrets-… 文件夹。"
        )
    if found != wanted:
        raise SettingsError(
            f"{data / 'secrets' / ID_KEY} 不是做这份备份时的密钥，恢复后身份证号会读不出来。"
            "请用 --secrets 给出与这份备份同时保存的 secrets-… 文件夹。"
        )
