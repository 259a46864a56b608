"""``yanxiu apply``, ``yanxiu check``: the settings, and what is left undone."""

import os
from pathlib import Path

import click

from yanxiu.clock import local
from yanxiu.errors import SettingsError
from yanxiu.sandbox import cgroups, identity, landlock, weaknesses
from yanxiu.sandbox.ids import Range
from yanxiu.settings import secrets
from yanxiu.settings.load import load_site
from yanxiu.settings.model import Site
from yanxiu.settings.public import judge, resolve
from yanxiu.store import full, health
from yanxiu.store.tasks import Trouble

from .options import data_option, site_option
from .probe import probe
from .site import bring_up, opened
from .words import say


@click.command(
    help=say(
        "按 site.yaml 补上缺少的学校、人员、课程。门户里改过的不覆盖，只列出不同之处。",
        "Add the schools, people and courses that site.yaml has and the database lacks. What "
        "was edited in the portal stays; differences are listed.",
    )
)
@site_option
@data_option
def apply(site: Path, data: Path) -> None:
    """Apply the settings."""
    settings = load_site(site)
    data = data.resolve()
    with opened(data, migrate=True, site=settings) as store:
        key = secrets.id_key(data, os.environ)
        drift = bring_up(store, settings, site, key, click.echo)
    for line in drift:
        click.echo(say(f"与设置不同：{line}", f"differs: {line}"))
    click.echo(say("已应用。", "Applied."))


@click.command(
    help=say(
        "检查 site.yaml，不启动任何东西；给出 --data 时也看平台自己的后台任务有没有做成。",
        "Check site.yaml; start nothing. With --data, tell also which of the platform's own "
        "background tasks could not be done.",
    )
)
@site_option
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help=say("已经启动过的数据文件夹。", "Data folder that has been in use."),
)
def check(site: Path, data: Path | None) -> None:
    """Check the settings, and what is left undone."""
    settings = load_site(site)
    public = settings.public
    layout = resolve(public.portal, public.servers, host="127.0.0.1", port=8000)
    findings = judge(layout, proxies=bool(public.proxies))
    if refused := [one.text for one in findings if one.level == "refused"]:
        raise SettingsError("\n".join(f"{site / 'site.yaml'}: {text}" for text in refused))
    if public.portal:
        servers = layout.servers_source
        click.echo(
            say(
                f"门户 {layout.portal}，Jupyter {servers}",
                f"Portal {layout.portal}, Jupyter {servers}",
            )
        )
    for finding in findings:
        click.echo(say(f"注意：{finding.text}", f"note: {finding.text}"))
    click.echo(
        say(
            f"{settings.name.zh_CN}：{len(settings.schools)} 所学校，{len(settings.courses)} 门课程。没有问题。",
            f"{settings.name.zh_CN}: {len(settings.schools)} schools, {len(settings.courses)} courses. No problems.",
        )
    )
    for weakness in _weaknesses(settings):
        click.echo(say(f"注意：{weakness}", f"note: {weakness}"))

    wrong = False
    if public.portal:
        for found in probe(layout, proxies=bool(public.proxies)):
            wrong = wrong or found.wrong
            click.echo(
                found.text
                if not found.wrong
                else say(f"错误：{found.text}", f"error: {found.text}")
            )
    if data is None:
        click.get_current_context().exit(int(wrong))
    with opened(data.resolve(), migrate=False) as store:
        undone = [_undone(one) for one in health.troubles(store)]
    free, least = full.free_percent(data), settings.storage.min_free_percent
    if free < least:
        undone.append(
            say(
                f"磁盘只剩 {free:.1f}%，少于 storage.min_free_percent（{least:g}%）：不再收提交和文件。"
                f"请清理 {data} 所在的盘或换一块大的。",
                f"{free:.1f} % of the disk is free, less than storage.min_free_percent ({least:g} %): "
                f"no work is taken. Make room on the disk of {data}.",
            )
        )
    for line in undone:
        click.echo(line)
    if undone or wrong:
        click.get_current_context().exit(1)
    click.echo(say("平台自己的后台任务都正常。", "The platform's own background tasks are well."))


def _weaknesses(settings: Site) -> tuple[str, ...]:
    """Return what sandboxes would not keep apart, were this account to run the platform here."""
    chosen = settings.sandbox
    asked = Range(chosen.first_id, chosen.ids) if chosen.ids else None
    groups = cgroups.find()
    for folder in groups.folders if groups else ():
        cgroups.discard(folder)
    why = identity.find(asked, only_look=True).why
    return weaknesses.of(
        isolated=True,
        why_no_ids=why,
        grouped=groups is not None,
        landlock=landlock.version() > 0,
    )


def _undone(one: Trouble) -> str:
    when = f"{local(one.since):%Y-%m-%d %H:%M}"
    if one.what == "late":
        return say(
            f"后台任务 {one.kind} 应在 {when} 运行，到现在没有。请确认 yanxiu up 和其中的 housekeeping 在运行。",
            f"Background task {one.kind} was due at {when} and has not run. Is yanxiu up running, "
            "and housekeeping in it?",
        )
    return say(
        f"后台任务 {one.kind} {when} 没有做成（{one.code}），以后会再试。原因在 log/housekeeping.log 里找 {one.kind}。",
        f"Background task {one.kind} failed at {when} ({one.code}) and will be tried again. Look "
        f"for {one.kind} in log/housekeeping.log.",
    )
