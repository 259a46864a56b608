"""``yanxiu upgrade``: migrate the database, or say first what that will take."""

import os
import ssl
from collections.abc import Mapping
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import click
import httpx

from yanxiu import __version__
from yanxiu.errors import SettingsError
from yanxiu.settings.supported import JUPYTERHUB, KUBERNETES, Range
from yanxiu.store import rehearse, schema
from yanxiu.store.engine import Engine, make_engine

from .demands import changelog, demands
from .options import data_option
from .site import database_url
from .words import say

#: Where a pod finds who it is (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod).
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@click.command(
    help=say(
        "把数据库升级到本版本的结构。PostgreSQL 只能这样升级；请先备份。",
        "Migrate the database to this version's schema. The only way for PostgreSQL; back up first.",
    )
)
@data_option
@click.option(
    "--check",
    is_flag=True,
    help=say(
        "只说要做什么、要多久、磁盘够不够、您要做什么；不改数据库。不能升级时退出码是 1。",
        "Only say what will be done, how long it takes, whether the disk is large enough and what you must "
        "do; change nothing. Exit code 1 when it cannot be done.",
    ),
)
def upgrade(data: Path, check: bool) -> None:
    """Migrate the database."""
    engine = make_engine(database_url(data.resolve()))
    try:
        if check:
            if problems := _check(engine, data.resolve()):
                raise SettingsError("\n".join(problems))
            click.echo(say("可以升级。请先备份。", "Ready. Back up first."))
            return
        done = schema.upgrade(engine)
    finally:
        engine.dispose()
    click.echo(
        say("数据库已升级。", "Migrated.") if done else say("已是最新结构。", "Already current.")
    )


def _check(engine: Engine, data: Path) -> list[str]:
    """Say what stands before; return what forbids it."""
    found = rehearse.outlook(engine)
    click.echo(
        say(
            f"程序 {__version__}；数据库结构 {found.revision or '空'}，{found.rows} 行，{found.size / 1e6:.1f} MB。",
            f"Program {__version__}; schema {found.revision or 'empty'}, {found.rows} rows, "
            f"{found.size / 1e6:.1f} MB.",
        )
    )
    for revision, what in found.steps:
        click.echo(say(f"  会运行 {revision}：{what}", f"  will run {revision}: {what}"))
    if not found.steps:
        click.echo(say("  没有要运行的升级步骤。", "  No migration is to run."))
    problems = _time_and_room(engine, data, found) if found.steps and found.revision else []
    problems += _others(os.environ)
    for release, lines in demands(changelog()):
        click.echo(f"{release}：" if release else "")
        for line in lines:
            click.echo(f"  {line}")
    return problems


def _time_and_room(engine: Engine, data: Path, found: rehearse.Outlook) -> list[str]:
    """Try it where that can be done, and say whether there is room for it."""
    if engine.dialect.name != "sqlite":
        click.echo(
            say(
                "  要多久：把刚做的备份恢复到一个空的库（YANXIU_DATABASE_URL 指向它，yanxiu restore），"
                "同样的步骤在同样的行上运行，它会说用了多少秒。",
                "  How long: restore the backup just made into an empty database (YANXIU_DATABASE_URL, "
                "yanxiu restore); the same migrations run on the same rows, and it says how long they took.",
            )
        )
        return []
    folder = data / "db"
    # The copy that is kept, and what a migration may rewrite.
    needed, free = 2 * found.size, rehearse.free_bytes(folder)
    if free < needed:
        return [
            say(
                f"{folder} 只剩 {free / 1e6:.0f} MB，升级要留副本和改写，需要 {needed / 1e6:.0f} MB。请先腾出地方。",
                f"{folder} has {free / 1e6:.0f} MB left; the copy and the migration need {needed / 1e6:.0f} MB. "
                "Make room first.",
            )
        ]
    seconds = rehearse.try_on_a_copy(engine, folder)
    click.echo(
        say(
            f"  在副本上试过：{seconds:.1f} 秒（连同复制）；磁盘够（需要 {needed / 1e6:.0f} MB，剩 {free / 1e6:.0f} MB）。",
            f"  Tried on a copy: {seconds:.1f} s with copying; room needed {needed / 1e6:.0f} MB, there are "
            f"{free / 1e6:.0f} MB.",
        )
    )
    return []


def _others(environ: Mapping[str, str]) -> list[str]:
    """Say which versions of others are here; return those that this program does not know."""
    problems: list[str] = []
    with suppress(PackageNotFoundError):  # an environment of one role without it
        problems += _judge("JupyterHub", version("jupyterhub"), JUPYTERHUB)
    if (found := cluster_version(environ, ACCOUNT)) is not None:
        problems += _judge("Kubernetes", found, KUBERNETES)
    return problems


def _judge(name: str, found: str, known: Range) -> list[str]:
    if known.has(found):
        click.echo(
            say(f"{name} {found}（支持 {known}）。", f"{name} {found} (supported: {known}).")
        )
        return []
    return [
        say(
            f"{name} {found} 不在支持的范围内（{known}）。请先换成支持的版本，再升级平台。",
            f"{name} {found} is not supported ({known}). Change it first.",
        )
    ]


def cluster_version(environ: Mapping[str, str], account: Path) -> str | None:
    """Return the version of the Kubernetes that this runs in; None outside of one.

    :raises SettingsError: it is there and does not answer
    """
    host, port = (
        environ.get("KUBERNETES_SERVICE_HOST"),
        environ.get("KUBERNETES_SERVICE_PORT", "443"),
    )
    if not host:
        return None
    url = f"https://{f'[{host}]' if ':' in host else host}:{port}/version"
    try:
        token = (account / "token").read_text("ascii").strip()
        answer = httpx.get(
            url,
            headers={"Authorization": f"Bearer {token}"},
            verify=ssl.create_default_context(cafile=str(account / "ca.crt")),
            timeout=10,
            trust_env=False,
        )
        return str(answer.raise_for_status().json()["gitVersion"])
    except (httpx.HTTPError, OSError, ValueError, KeyError) as error:
        raise SettingsError(
            say(
                f"Kubernetes（{url}）没有说出版本（{type(error).__name__}）。请检查网络策略和服务账号。",
                f"Kubernetes ({url}) did not say its version ({type(error).__name__}). Check the network "
                "policy and the service account.",
            )
        ) from None
