"""``yanxiu up``: prepare the site and serve until Ctrl-C."""

from pathlib import Path

import click

from yanxiu.errors import SettingsError
from yanxiu.settings.load import load_site
from yanxiu.settings.secrets import Secrets
from yanxiu.up.main import run

from . import demo as demo_accounts
from .content import installed
from .site import bring_up, opened
from .words import say


@click.command(
    help=say(
        "启动平台，按 Ctrl-C 停止。第一次启动会按 site.yaml 建好数据。",
        "Start the platform; Ctrl-C stops it. The first start seeds the data from site.yaml.",
    )
)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    help=say(
        "含有 site.yaml 的文件夹；--demo 时可以不写，就用随软件安装的演示站点。",
        "Folder with site.yaml; with --demo, the installed demonstration if not given.",
    ),
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help=say(
        "数据文件夹（没有会新建）；--demo 时可以不写，就用这里的 var。",
        "Data folder (made if missing); with --demo, var in this folder if not given.",
    ),
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    help=say("端口。", "Port."),
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help=say("监听的地址。", "Address to listen on."),
)
@click.option(
    "--demo",
    is_flag=True,
    help=say(
        "演示：给每个账号随机密码，写在数据文件夹的 demo-accounts.csv 里；只能在本机使用。",
        "Demonstration: random passwords for all accounts in demo-accounts.csv in the data "
        "folder; this machine only.",
    ),
)
@click.option(
    "--no-isolation",
    is_flag=True,
    help=say(
        "不用沙箱隔离。教师的代码会看到本机的文件，只适合自己试用；每一页都会提醒。",
        "Without sandboxes. Teachers' code then sees this machine's files: for trying out "
        "alone; every page says so.",
    ),
)
@click.option(
    "--one-origin",
    is_flag=True,
    help=say(
        "教师的 Jupyter 和门户在同一个网址。任何笔记本都能以打开它的人的身份操作门户，只适合一个人试用；每一页都会提醒。",
        "Servers on the portal's own address. Every notebook can then act in the portal as whoever "
        "opens it: for one person's trial; every page says so.",
    ),
)
@click.pass_context
def up(
    ctx: click.Context,
    site: Path | None,
    data: Path | None,
    port: int,
    host: str,
    demo: bool,
    no_isolation: bool,
    one_origin: bool,
) -> None:
    """Prepare, then serve."""
    site, data = _folders(ctx, site, data, demo)
    settings = load_site(site)

    def prepare(secrets: Secrets) -> None:
        click.echo("正在准备数据……")
        with opened(data.resolve(), migrate=True, site=settings) as store:
            demo_accounts.check(store, demo=demo)
            store.blobs.clear_staging()
            for line in bring_up(store, settings, site, secrets.id_numbers, click.echo):
                click.echo(f"  与设置不同：{line}")
            if demo:
                click.echo("  演示账号……")
                demo_accounts.make_accounts(store, data.resolve())

    ctx.exit(
        run(
            settings,
            site,
            data,
            port,
            demo,
            not no_isolation,
            click.echo,
            host=host,
            one_origin=one_origin,
            prepare=prepare,
        )
    )


def _folders(
    ctx: click.Context, site: Path | None, data: Path | None, demo: bool
) -> tuple[Path, Path]:
    """Return site and data folder; only a demonstration may leave them out.

    :raises click.UsageError: one is missing
    :raises SettingsError: the demonstration's site is not installed
    """
    for option, given in (("--site", site), ("--data", data)):
        if given is None and not demo:
            raise click.MissingParameter(ctx=ctx, param_hint=option, param_type="option")
    if site is None:
        wheel = installed()
        if wheel is None:
            raise SettingsError(
                say(
                    "演示站点没有安装。请安装 yanxiu-courses，或用 --site 指定含有 site.yaml 的文件夹。",
                    "The demonstration's site is not installed. Install yanxiu-courses, or name a folder "
                    "with site.yaml by --site.",
                )
            )
        site = wheel / "demo"
    return site, data or Path("var")
