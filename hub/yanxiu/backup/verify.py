"""Read an archive whole, and say what is wrong with it before anybody needs it.

Called by ``yanxiu backup --verify``, and by a restore for what it writes.
"""

from pathlib import Path

from yanxiu.errors import SettingsError
from yanxiu.store import schema

from . import archive as archives
from . import contents
from .archive import Folder, Manifest
from .progress import Progress


def judge(archive: Path) -> Manifest:
    """Return what an archive says of itself, if this program can put it back.

    :raises SettingsError: it is damaged, incomplete, or of a newer program
    """
    manifest = archives.read_manifest(archive)
    if manifest.schema not in schema.known_revisions():
        raise SettingsError(
            f"{archive} 的数据库结构是 {manifest.schema}，本程序只认得到 {schema.head_revision()}："
            f"它是更新版本（{manifest.yanxiu}）做的备份。请安装那个版本再恢复。"
        )
    for table, one in manifest.tables.items():
        _check(archive / "tables" / f"{table}.gz", one.sha256)
    _check(archive / "blobs.gz", manifest.blobs.sha256)
    _check(archive / "drafts.gz", manifest.drafts.sha256)
    _check(archive / "homes.gz", manifest.homes.sha256)
    return manifest


def _check(file: Path, digest: str) -> None:
    try:
        found = archives.sha256_of(file)
    except OSError:
        found = ""
    if found != digest:
        raise archives.damaged(file)


def verify(folder: Folder, archive: Path, progress: Progress) -> Manifest:
    """Read all of it: every table, every list, every blob.

    :raises SettingsError: anything is not what it was
    """
    manifest = judge(archive)
    for table, one in manifest.tables.items():
        file = archive / "tables" / f"{table}.gz"
        if sum(1 for _ in archives.read_lines(file)) != one.rows:
            raise archives.damaged(file)
    if manifest.copied:
        contents.check(folder.blobs, archives.digests_of(archive), progress.steps("校验文件"))
    return manifest
