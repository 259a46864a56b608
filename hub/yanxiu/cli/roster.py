"""``yanxiu roster``: import a roster, write its template, print activation slips."""

import os
from pathlib import Path

import click

from yanxiu.courses.verbs.apply_site import enrol_newcomers
from yanxiu.errors import SettingsError
from yanxiu.i18n import translator
from yanxiu.login.slips import make_slips
from yanxiu.people.idnumber import IdKey
from yanxiu.people.model import Organization
from yanxiu.people.reads import organizations
from yanxiu.people.roster.apply import prepared, preview
from yanxiu.people.roster.plan import Plan
from yanxiu.people.roster.read import read_table
from yanxiu.people.verbs import import_roster as verbs
from yanxiu.settings import secrets
from yanxiu.settings.load import load_site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.web.actor import at_the_command_line

from .options import data_option
from .site import opened
from .words import language, say

_SHOWN = 20


@click.group(help=say("花名册和激活单。", "Rosters and activation slips."))
def roster() -> None:
    """Group of the roster's commands."""


@roster.command(
    "import",
    help=say(
        "检查花名册（.xlsx、.xls、.csv），列出会有哪些变化；加 --apply 才导入。有问题的行不导入。",
        "Check a roster (.xlsx, .xls, .csv) and tell what it would change; import it with "
        "--apply. Rows with problems are left out.",
    ),
)
@data_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--apply", "apply", is_flag=True, help=say("导入。", "Import."))
@click.option(
    "--errors",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say("把有问题的行和原因写到这个 .xlsx。", "Write rows with problems to this .xlsx."),
)
@click.option(
    "--whole",
    is_flag=True,
    help=say(
        "文件是这些学校的完整名单：不在文件里的老师标记为已离开。",
        "The file is the whole list of its schools: teachers who are not in it have left.",
    ),
)
@click.option(
    "--leave",
    "leaving",
    type=click.IntRange(0),
    help=say(
        "确认有多少位老师离开；一所学校超过十分之一时要写，和预览的人数相同。",
        "Confirm how many teachers leave, as the preview says; needed when a school loses more "
        "than a tenth.",
    ),
)
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    help=say(
        "站点文件夹；给出时新来的老师马上加入课程，否则在下次 yanxiu up 或 apply 时。",
        "Site folder: newcomers then take their courses at once, else at the next yanxiu up or apply.",
    ),
)
def import_(
    data: Path,
    file: Path,
    apply: bool,
    errors: Path | None,
    whole: bool,
    leaving: int | None,
    site: Path | None,
) -> None:
    """Preview, and import if asked."""
    settings = load_site(site) if site else None
    data = data.resolve()
    key = IdKey(bytes.fromhex(secrets.id_key(data, os.environ)))
    table = read_table(file.read_bytes(), file.name)
    with opened(data, migrate=False) as store:
        checked, actor = prepared(table, key), at_the_command_line()
        plan = preview(store, checked, verbs.scope_of(actor))
        _tell(plan, whole=whole)
        if errors and plan.problems:
            from yanxiu.people.roster.errorsheet import error_sheet

            texts = translator(language()).gettext
            _write(errors, error_sheet(table, plan, store.clock(), texts))
            click.echo(say(f"错误表：{errors}", f"Error sheet: {errors}"))
        if apply:
            verbs.import_file(
                store, key, actor, checked, whole=whole, leaving=leaving, expected=plan.digest()
            )
            click.echo(say("已导入。", "Imported."))
            if settings:
                enrolled = enrol_newcomers(store, settings, actor.person_id)
                click.echo(say(f"加入课程：{enrolled} 人次。", f"Enrolments: {enrolled}."))
        else:
            click.echo(
                say(
                    "这是预览，没有改动；加 --apply 才导入。",
                    "This is a preview, nothing has changed; import with --apply.",
                )
            )
    if plan.problems:
        click.get_current_context().exit(1)


def _tell(plan: Plan, *, whole: bool) -> None:
    texts = translator(language()).gettext
    counts = plan.counts()
    left = counts["missing"] if whole else 0
    click.echo(
        say(
            "新增 {add}，修改 {change}，调动 {move}，恢复 {back}，没有变化 {same}，"
            "不在文件里 {missing}（标记离开 {left}），需要改正 {problems}。",
            "{add} new, {change} changed, {move} moved, {back} back, {same} unchanged, "
            "{missing} not in the file ({left} leave), {problems} rows to correct.",
        ).format(**counts, left=left)
    )
    for note in [*plan.left_over, *plan.notes]:
        click.echo(f"  {note.text(texts)}")
    for one in plan.large_leaves if whole else ():
        click.echo(
            say(
                f"  {one.school.name}：现有 {one.staff} 人，其中 {one.leaving} 人不在文件里。"
                f"核对无误后加 --leave {counts['missing']} 才导入。",
                f"  {one.school.name}: {one.leaving} of {one.staff} people are not in the file. "
                f"If that is right, import with --leave {counts['missing']}.",
            )
        )
    for line, found in sorted(plan.problems.items())[:_SHOWN]:
        reason = " ".join(problem.text(texts) for problem in found)
        click.echo(say(f"  第 {line} 行：{reason}", f"  row {line}: {reason}"))
    if len(plan.problems) > _SHOWN:
        click.echo(
            say(
                f"  ……共 {len(plan.problems)} 行，用 --errors 写成表。",
                f"  … {len(plan.problems)} rows in all; write them with --errors.",
            )
        )


@roster.command(help=say("写出空白的花名册模板（.xlsx）。", "Write the empty template (.xlsx)."))
@click.argument("out", type=click.Path(path_type=Path, dir_okay=False))
def template(out: Path) -> None:
    """Write the template."""
    from yanxiu.clock import utcnow
    from yanxiu.people.roster.template import template as make

    _write(out, make(utcnow()))


@roster.command(
    help=say(
        "打印一所学校的激活单（PDF，每页 8 张）：给没有密码的人新的激活码，以前的作废。",
        "Print a school's activation slips (PDF, eight a page): new one-time passwords for "
        "those without a password; earlier ones end.",
    )
)
@data_option
@click.argument("school")
@click.option(
    "--address", required=True, help=say("老师打开的网址。", "Address that teachers open.")
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help=say("写到这个 PDF。", "Write to this PDF."),
)
def slips(data: Path, school: str, address: str, out: Path) -> None:
    """Write the slips of a school."""
    with opened(data.resolve(), migrate=False) as store:
        found = _school(store, school)
        content, count = make_slips(
            store,
            found.id,
            paths=("/",),
            audit=Event(at_the_command_line().person_id, "slips.print", "school", str(found.id)),
            site="研修Hub",
            school=found.name,
            address=address,
            gettext=translator(language()).gettext,
        )
    _write(out, content)
    click.echo(
        say(f"{found.name}：{count} 张，在 {out}。", f"{found.name}: {count} slips in {out}.")
    )


def _school(store: Store, code: str) -> Organization:
    with store.read() as session:
        found = organizations.by_code(session, code)
    if found is None:
        raise SettingsError(
            say(
                f"没有代码是 {code} 的学校。请核对学校标识码。",
                f"No school has the code {code}. Check it.",
            )
        )
    return found


def _write(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads: it holds ID numbers or codes."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
