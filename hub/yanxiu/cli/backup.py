"""``yanxiu backup`` and ``yanxiu restore``: a site's database and files, out and back."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from yanxiu.backup import apart
from yanxiu.backup.archive import Folder, Manifest, find
from yanxiu.backup.make import make
from yanxiu.backup.progress import Progress
from yanxiu.backup.restore import restore as put_back
from yanxiu.backup.verify import verify
from yanxiu.errors import SettingsError
from yanxiu.settings.load import load_site
from yanxiu.up.lock import only_one

from .options import data_option
from .site import unmigrated
from .words import say

_SITE = click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    help=say(
        "含有 site.yaml 的文件夹：文件在对象存储里时要写（或设 YANXIU_SITE）。",
        "Folder with site.yaml: needed where files are in a bucket (or set YANXIU_SITE).",
    ),
)


@contextmanager
def _said(what: str) -> Iterator[None]:
    """Turn a disk that is full or broken into a sentence; what was begun is no archive."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        place = f"（{error.filename}）" if error.filename else ""
        raise SettingsError(
            say(
                f"{what}没有做完：{reason}{place}。请检查磁盘空间和权限，再运行一次。",
                f"Not finished: {reason}{place}. Check room and permissions of the disk, and run it again.",
            )
        ) from error


@click.command(
    help=say(
        "备份数据库和文件，平台可以照常运行。个人文件夹只记清单；密钥另放一处。",
        "Back up database and files while the platform runs. Of homes only the list; secrets go "
        "to a place of their own.",
    )
)
@data_option
@_SITE
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=say(
        "放备份的文件夹；每次一份，没有变的文件只存一次。",
        "Folder of the backups: one each time, and files that did not change once.",
    ),
)
@click.option(
    "--secrets-to",
    type=click.Path(path_type=Path, file_okay=False),
    help=say("把密钥存到另一个文件夹。", "Save the secrets to another folder."),
)
@click.option(
    "--keep",
    type=click.IntRange(1),
    help=say("只留最新的几份，删去更早的。", "Keep this many; remove older ones."),
)
@click.option(
    "--blobs",
    type=click.Choice(["copy", "list"]),
    default="copy",
    show_default=True,
    help=say(
        "copy 复制文件；list 只记清单并查看是否都在（对象存储自己有版本或副本时）。",
        "copy the files; or list them and look that all are there (where the object storage keeps "
        "versions or copies itself).",
    ),
)
@click.option(
    "--verify",
    "check",
    is_flag=True,
    help=say("做完后整份读一遍。", "Read the whole of it afterwards."),
)
def backup(
    data: Path,
    site: Path | None,
    to: Path,
    secrets_to: Path | None,
    keep: int | None,
    blobs: str,
    check: bool,
) -> None:
    """Make one archive."""
    os.umask(0o077)
    data, folder, progress = data.resolve(), Folder(to.resolve()), Progress(click.echo)
    if secrets_to is not None:
        saved = apart.save(data, secrets_to, folder.root)
        click.echo(say(f"密钥已存到 {saved}。", f"Secrets saved to {saved}."))
    with _said("备份"), unmigrated(data, load_site(site) if site else None) as store:
        made = make(
            store,
            data / "homes",
            folder,
            progress,
            copy=blobs == "copy",
            id_key=apart.id_key(data, os.environ),
        )
    manifest = made.manifest
    if check:
        verify(folder, folder.root / made.name, progress)
    if keep is not None:
        with folder.locked():
            folder.prune(keep)
    click.echo(_made(folder.root / made.name, manifest, made.new_blobs))
    if manifest.missing:
        raise SettingsError(
            say(
                f"有 {len(manifest.missing)} 个文件数据库里有记录而存储里没有（如 {manifest.missing[0]}），"
                "备份里也没有。其余都备份好了。请检查磁盘，从较早的备份找回它们。",
                f"{len(manifest.missing)} files are named by the database and are not there (as "
                f"{manifest.missing[0]}), nor in this backup; the rest is. Check the disk, and look "
                "for them in an older backup.",
            )
        )


def _made(archive: Path, manifest: Manifest, new: int) -> str:
    rows = sum(one.rows for one in manifest.tables.values())
    files = manifest.blobs.count + manifest.drafts.count
    size = (manifest.blobs.bytes + manifest.drafts.bytes) / 1e6
    return say(
        f"备份做好了：{archive}（{len(manifest.tables)} 张表 {rows} 行，{files} 个文件 {size:.1f} MB，"
        f"其中新的 {new} 个；个人文件夹 {manifest.homes.count} 个，只有清单）。",
        f"Backed up: {archive} ({rows} rows of {len(manifest.tables)} tables, {files} files of "
        f"{size:.1f} MB, {new} of them new; the list of {manifest.homes.count} homes).",
    )


@click.command(
    help=say(
        "把一份备份恢复到空的数据文件夹（和空的数据库，SQLite 或 PostgreSQL 都行）。",
        "Put a backup back into an empty data folder (and an empty database, of either kind).",
    )
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help=say(
        "一份备份；给出放备份的文件夹时是最新的一份。",
        "A backup; of a folder of backups, the newest.",
    ),
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help=say("数据文件夹（没有会新建）。", "Data folder (made if missing)."),
)
@_SITE
@click.option(
    "--secrets",
    "secrets_from",
    type=click.Path(path_type=Path, file_okay=False),
    help=say("另外保存的密钥文件夹。", "Folder of the secrets that were saved apart."),
)
@click.option(
    "--verify",
    "only_check",
    is_flag=True,
    help=say("只整份读一遍，什么也不写。", "Read all of it and write nothing."),
)
def restore(
    source: Path, data: Path | None, site: Path | None, secrets_from: Path | None, only_check: bool
) -> None:
    """Put an archive back, or only read it."""
    os.umask(0o077)
    folder, archive = find(source.resolve())
    progress = Progress(click.echo)
    if only_check:
        verify(folder, archive, progress)
        click.echo(say(f"{archive} 完好，可以恢复。", f"{archive} is whole and can be restored."))
        return
    if data is None:
        raise click.MissingParameter(param_hint="--data", param_type="option")
    data = data.resolve()
    with _said("恢复"), only_one(data):
        if secrets_from is not None:
            apart.put_back(secrets_from.resolve(), data)
        with unmigrated(data, load_site(site) if site else None) as store:
            found = put_back(
                store,
                data / "homes",
                folder,
                archive,
                progress,
                check=lambda wanted: apart.check(data, os.environ, wanted),
            )
    manifest = found.manifest
    rows = sum(one.rows for one in manifest.tables.values())
    click.echo(
        say(
            f"已恢复 {archive.name}：{len(manifest.tables)} 张表 {rows} 行，"
            f"{manifest.blobs.count + manifest.drafts.count} 个文件。",
            f"Restored {archive.name}: {rows} rows of {len(manifest.tables)} tables, "
            f"{manifest.blobs.count + manifest.drafts.count} files.",
        )
    )
    if found.migrated_s is not None:
        click.echo(
            say(
                f"数据库已升级到本版本的结构（{found.migrated_s:.1f} 秒）。",
                f"The database was migrated to this version ({found.migrated_s:.1f} s).",
            )
        )
    if manifest.missing:
        click.echo(
            say(
                f"注意：做备份时就缺少 {len(manifest.missing)} 个文件。",
                f"note: {len(manifest.missing)} files were missing when it was made.",
            )
        )
    if found.homes_missing:
        click.echo(
            say(
                f"注意：{len(found.homes_missing)} 个个人文件夹还没有放回 {data / 'homes'}。",
                f"note: {len(found.homes_missing)} homes are not back in {data / 'homes'} yet.",
            )
        )
