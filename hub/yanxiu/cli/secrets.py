"""``yanxiu secrets``: what secrets there are, for a cluster too, and another one in the place of one."""

from contextlib import nullcontext
from pathlib import Path

import click

from yanxiu.login.verbs.rekey import rekey
from yanxiu.people.idnumber import IdKey
from yanxiu.settings import rotation
from yanxiu.settings import secrets as site_secrets
from yanxiu.store.audit import Event
from yanxiu.up.lock import only_one

from .options import data_option
from .secrets_manifest import manifest
from .site import opened
from .words import say

ID_NUMBERS = "id_numbers"
NAMES = tuple(sorted(site_secrets.VARIABLES))


@click.group(help=say("平台自己的密钥。", "The installation's own secrets."))
def secrets() -> None:
    """Group of the secrets' commands."""


@secrets.command(
    help=say(
        "换一个密钥，重新启动后用新的。portal_session 和 metrics 旧的还认得，直到 retire。"
        "id_numbers 要先停止平台：数据库里的身份证号全部重新加密。",
        "Replace a secret; the next start uses it. Of portal_session and metrics the old one is "
        "understood until retire. For id_numbers stop the platform first: every ID number is encrypted "
        "anew.",
    )
)
@data_option
@click.option(
    "--at-once",
    is_flag=True,
    help=say(
        "旧的立刻不认：密钥可能被别人看到过。",
        "Understand the old one no more: somebody may have seen it.",
    ),
)
@click.argument("name", type=click.Choice(NAMES))
def rotate(data: Path, name: str, at_once: bool) -> None:
    """Replace one secret."""
    data = data.resolve()
    folder = data / "secrets"
    with (
        only_one(data) if name == ID_NUMBERS else nullcontext(),
        opened(data, migrate=False) as store,
    ):
        if name == ID_NUMBERS:
            old = (folder / name).read_text("ascii").strip()
            new = rotation.begin(folder, name)
            keys = IdKey(bytes.fromhex(old)), IdKey(bytes.fromhex(new))
            count = rekey(store, *keys, "system:cli")
            rotation.finish(folder, name)
            click.echo(
                say(f"已重新加密 {count} 个身份证号。", f"{count} ID numbers encrypted anew.")
            )
        else:
            site_secrets.load_or_create(data)
            rotation.replace(folder, name, at_once=at_once)
        store.note(Event("system:cli", "secrets.rotate", "secret", name))
    click.echo(
        say(
            f"{name} 已换成新的。请重新启动平台，并重新另外备份密钥（yanxiu backup --secrets-to）。",
            f"{name} is replaced. Restart the platform, and save the secrets apart again (yanxiu "
            "backup --secrets-to).",
        )
    )


@secrets.command(
    help=say(
        "旧的不再认（portal_session 在一次登录最长的时间以后，metrics 在监控换好以后）；重新启动后生效。",
        "Understand the old one no more (portal_session: after the longest login; metrics: once the "
        "monitor has the new one); from the next start on.",
    )
)
@data_option
@click.argument("name", type=click.Choice(rotation.OVERLAPPING))
def retire(data: Path, name: str) -> None:
    """End the overlap."""
    data = data.resolve()
    with opened(data, migrate=False) as store:
        if not rotation.retire(data / "secrets", name):
            click.echo(say(f"{name} 没有旧的。", f"There is no older {name}."))
            return
        store.note(Event("system:cli", "secrets.retire", "secret", name))
    click.echo(say(f"{name} 旧的已删去。请重新启动平台。", f"The older {name} is gone. Restart."))


secrets.add_command(manifest)
