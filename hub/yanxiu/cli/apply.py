"""``yanxiu apply``, ``yanxiu upgrade``, ``yanxiu check``: the settings and the database."""

from pathlib import Path

import click

from yanxiu.settings import secrets
from yanxiu.settings.load import load_site
from yanxiu.store import schema
from yanxiu.store.engine import make_engine

from .options import data_option, site_option
from .site import bring_up, database_url, opened
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
    with opened(data, migrate=True) as store:
        drift = bring_up(store, settings, site, secrets.load_or_create(data), click.echo)
    for line in drift:
        click.echo(say(f"与设置不同：{line}", f"differs: {line}"))
    click.echo(say("已应用。", "Applied."))


@click.command(
    help=say(
        "把数据库升级到本版本的结构。PostgreSQL 只能这样升级；请先备份。",
        "Migrate the database to this version's schema. The only way for PostgreSQL; back up first.",
    )
)
@data_option
def upgrade(data: Path) -> None:
    """Migrate the database."""
    engine = make_engine(database_url(data.resolve()))
    done = schema.upgrade(engine)
    engine.dispose()
    click.echo(
        say("数据库已升级。", "Migrated.") if done else say("已是最新结构。", "Already current.")
    )


@click.command(help=say("检查 site.yaml，不启动任何东西。", "Check site.yaml; start nothing."))
@site_option
def check(site: Path) -> None:
    """Check the settings."""
    settings = load_site(site)
    click.echo(
        say(
            f"{settings.name.zh_CN}：{len(settings.schools)} 所学校，{len(settings.courses)} 门课程。没有问题。",
            f"{settings.name.zh_CN}: {len(settings.schools)} schools, {len(settings.courses)} courses. No problems.",
        )
    )
