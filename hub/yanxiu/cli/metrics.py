"""``yanxiu metrics``: what a monitor would read now, for an operator without one."""

from pathlib import Path

import click
import httpx

from yanxiu.errors import SettingsError
from yanxiu.up.parts import METRICS_ADDRESS

from .options import data_option
from .words import say


@click.command(
    help=say(
        "显示平台现在的运行指标（排队、批改、登录、沙箱、名额……）；要接监控见 docs/how-to/monitor.md。",
        "Show the platform's metrics as they are now; for a monitor see docs/how-to/monitor.md.",
    )
)
@data_option
@click.option(
    "--hub",
    is_flag=True,
    help=say("改为显示 JupyterHub 自己的指标。", "Show JupyterHub's own metrics instead."),
)
@click.option(
    "--where",
    is_flag=True,
    help=say("只显示地址和令牌文件在哪里。", "Only say the address and the file of the token."),
)
def metrics(data: Path, hub: bool, where: bool) -> None:
    """Print the metrics of the platform that runs on ``data``."""
    data = data.resolve()
    token_file = data / "secrets" / "metrics"
    try:
        address = (data / METRICS_ADDRESS).read_text("ascii").strip()
        token = token_file.read_text("ascii").strip()
    except OSError:
        raise SettingsError(
            say(
                f"{data} 里没有平台在运行。请先用 yanxiu up 启动，或改正 --data。",
                f"No platform has run on {data}. Start it with yanxiu up, or correct --data.",
            )
        ) from None
    url = f"http://{address}/metrics{'/hub' if hub else ''}"
    if where:
        click.echo(f"{url}\n{token_file}")
        return
    try:
        answer = httpx.get(
            url, headers={"Authorization": f"Bearer {token}"}, timeout=30, trust_env=False
        )
    except httpx.HTTPError:
        answer = None
    if answer is None or answer.status_code != 200:
        raise SettingsError(
            say(
                f"{url} 没有给出指标。平台在运行吗？日志在 {data / 'log' / 'metrics.log'}。",
                f"{url} gave no metrics. Is the platform running? See {data / 'log' / 'metrics.log'}.",
            )
        )
    click.echo(answer.text, nl=False)
