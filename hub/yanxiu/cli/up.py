"""``yanxiu up``: prepare the site and serve until Ctrl-C."""

from pathlib import Path

import click

from yanxiu.settings.load import load_site
from yanxiu.settings.secrets import Secrets
from yanxiu.up.main import run

from . import demo as demo_accounts
from .options import data_option, site_option
from .site import bring_up, opened
from .words import say


@click.command(
    help=say(
        "启动平台，按 Ctrl-C 停止。第一次启动会按 site.yaml 建好数据。",
        "Start the platform; Ctrl-C stops it. The first start seeds the data from site.yaml.",
    )
)
@site_option
@data_option
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
@click.pass_context
def up(
    ctx: click.Context,
    site: Path,
    data: Path,
    port: int,
    host: str,
    demo: bool,
    no_isolation: bool,
) -> None:
    """Prepare, then serve."""
    settings = load_site(site)

    def prepare(secrets: Secrets) -> None:
        click.echo("正在准备数据……")
        with opened(data.resolve(), migrate=True) as store:
            demo_accounts.check(store, demo=demo)
            store.blobs.clear_staging()
            for line in bring_up(store, settings, site, secrets, click.echo):
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
            prepare=prepare,
        )
    )
