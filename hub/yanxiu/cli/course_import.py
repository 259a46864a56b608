"""``yanxiu course import``: a plain nbgrader course becomes a release, and an offering."""

from datetime import datetime
from pathlib import Path

import click

from yanxiu.clock import local
from yanxiu.courses.nbgrader.problems import lines
from yanxiu.courses.nbgrader.units import Options
from yanxiu.courses.reads import courses
from yanxiu.courses.verbs.import_course import Imported, Plan, import_course, plan
from yanxiu.courses.verbs.offering import WantedOffering
from yanxiu.i18n import translator
from yanxiu.sandbox.client import SyncLauncher
from yanxiu.settings.model import SLUG
from yanxiu.settings.times import EXAMPLE, instant
from yanxiu.store.engine import Store
from yanxiu.web.actor import at_the_command_line
from yanxiu.work.reads.attempts import any_for

from .options import data_option
from .site import opened
from .words import language, say


def _slug(_: click.Context, option: click.Parameter, value: str | None) -> str | None:
    import re

    if value is not None and not re.fullmatch(SLUG, value):
        raise click.BadParameter(
            say(
                "只用小写字母、数字和连字符，以字母开头，2 到 40 个字符。",
                "lower-case letters, digits and hyphens, a letter first, 2 to 40 characters.",
            )
        )
    return value


def _when(_: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    if value is None:
        return None
    try:
        return instant(value, end=option.name != "opens")
    except ValueError as error:
        raise click.BadParameter(
            say(f"{error}。", f"not a time; write it like {EXAMPLE}, or a day alone.")
        ) from None


@click.command(
    "import",
    help=say(
        "导入 nbgrader 课程（DIR 里有 source/<作业>/*.ipynb）：先检查，列出会怎样；加 --apply 才导入。"
        "课程里的程序一行也不运行；只有 AUTOTEST 在沙箱里展开。加 --offering 就同时开课。同样的课程再导入一次，什么也不变。",
        "Import an nbgrader course (DIR with source/<assignment>/*.ipynb): check it and tell what "
        "would happen; import with --apply. Not a line of the course is run, but for AUTOTEST, which is "
        "expanded in a sandbox. With --offering it "
        "is held as well. The same course again changes nothing.",
    ),
)
@data_option
@click.argument(
    "folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False, exists=True)
)
@click.option(
    "--assignment",
    "only",
    metavar="NAME",
    multiple=True,
    help=say(
        "只导入这个作业（文件夹的名字；可以写几次）。不写就导入全部。",
        "Import this assignment only (its folder's name; may be given several times). All if left out.",
    ),
)
@click.option("--apply", "apply", is_flag=True, help=say("导入。", "Import."))
@click.option(
    "--course",
    "course_id",
    callback=_slug,
    help=say("课程代码；不给就用课程自己的名字。", "The course's id; its own name if left out."),
)
@click.option("--title", help=say("课程名称。", "The course's title."))
@click.option(
    "--pass",
    "pass_percent",
    type=click.FloatRange(0, 100),
    default=60.0,
    show_default=True,
    help=say("每个作业得到百分之几算通过。", "Percent of an assignment's points that pass."),
)
@click.option(
    "--hours",
    type=click.FloatRange(0, 100),
    default=0.0,
    show_default=True,
    help=say("通过一个作业登记多少网络学时。", "Online credit hours of a passed assignment."),
)
@click.option(
    "--offering",
    callback=_slug,
    help=say("开课代码；没有这一期就新开。", "Id of the offering; made if there is none."),
)
@click.option(
    "--org",
    "--county",
    "org",
    help=say("哪个县或学校的老师参加（代码）。", "Code of the county or school that takes part."),
)
@click.option("--term", default="", help=say("学期，如 2026 秋。", "Term, such as 2026 autumn."))
@click.option(
    "--opens",
    metavar="TIME",
    callback=_when,
    help=say("开课时间（本地时间）。", "When it opens (local time)."),
)
@click.option(
    "--closes",
    metavar="TIME",
    callback=_when,
    help=say("结课时间（本地时间）。", "When it closes (local time)."),
)
@click.option(
    "--due",
    metavar="TIME",
    callback=_when,
    help=say(
        "所有作业的截止时间；不给就用 gradebook.db 里的，再没有就是结课时间。",
        "Deadline of every assignment; else that of gradebook.db, else when it closes.",
    ),
)
def import_(
    data: Path,
    folder: Path,
    only: tuple[str, ...],
    apply: bool,
    course_id: str | None,
    title: str | None,
    pass_percent: float,
    hours: float,
    offering: str | None,
    org: str | None,
    term: str,
    opens: datetime | None,
    closes: datetime | None,
    due: datetime | None,
) -> None:
    """Preview, and import if asked."""
    wanted = plan(
        folder,
        course_id=course_id,
        title=title,
        options=Options(pass_percent=pass_percent, credit_hours=hours),
        only=only,
        launcher=SyncLauncher(data.resolve() / "run/launcher/launcher.sock"),
    )
    holding = None
    if offering:
        dues = {unit.definition.id: due for unit in wanted.made} if due else {}
        holding = WantedOffering(offering, org, term, opens, closes, dues)
    with opened(data.resolve(), migrate=False) as store:
        _tell(store, wanted)
        if apply:
            _told(import_course(store, wanted, at_the_command_line(), holding, handed_in=any_for))
        else:
            click.echo(
                say(
                    "这是预览，没有改动；加 --apply 才导入。",
                    "This is a preview, nothing has changed; import with --apply.",
                )
            )


def _tell(store: Store, wanted: Plan) -> None:
    texts = translator(language()).gettext
    with store.read() as session:
        digest = wanted.digest_after(session)
        known = courses.release_by_digest(session, digest) is not None
    state = say("已经导入过", "imported before") if known else say("新的发布", "a new release")
    click.echo(f"{wanted.course_id}  {wanted.title}  {digest[:12]}  {state}")
    for unit in wanted.made:
        about = unit.definition
        tests = sum(task.kind == "auto" for task in about.tasks)
        by_hand = len(about.tasks) - tests
        when = wanted.due.get(about.id)
        tail = say("，截止 ", ", due ") + f"{local(when):%Y-%m-%d %H:%M}" if when else ""
        click.echo(
            say(
                f"  {about.assignment}（{about.id}）：笔记本 {len(about.notebooks)} 个，"
                f"其他文件 {len(about.files)} 个，测试 {tests} 项，人工评分 {by_hand} 项，"
                f"共 {about.max_total:g} 分，{about.pass_total:g} 分通过",
                f"  {about.assignment} ({about.id}): {len(about.notebooks)} notebooks, "
                f"{len(about.files)} other files, {tests} tests, {by_hand} marked by hand, "
                f"{about.max_total:g} points, {about.pass_total:g} to pass",
            )
            + tail
        )
    click.echo(
        say(
            "测试和学员代码在同一内核里运行：自动分只是建议，每份都要由人确认。",
            "Tests run in the learner's own kernel: their points are proposals, and a person "
            "confirms each submission.",
        )
    )
    for line in lines(wanted.notes, texts):
        click.echo(say("注意：", "note: ") + line)
    if wanted.not_chosen:
        names = "、".join(wanted.not_chosen)
        click.echo(say(f"没有选的作业：{names}。", f"Assignments not chosen: {names}."))
    if wanted.refused:
        names = "、".join(wanted.refused)
        click.echo(
            say(
                f"这些作业不能导入：{names}。其余的照常；改正以后再导入一次，就会补上。",
                f"These assignments cannot be imported: {names}. The others are; correct these and "
                "import again, and they are added.",
            )
        )
        for line in lines((one for every in wanted.refused.values() for one in every), texts):
            click.echo(f"  {line}")


def _told(done: Imported) -> None:
    click.echo(
        say("已导入。", "Imported.")
        if done.new
        else say("内容没有变化，没有新的发布。", "Nothing has changed, no new release.")
    )
    if done.held:
        held = done.held
        click.echo(
            say(
                f"开课 {held.offering}：{'新开' if held.new else '已有'}，"
                f"新增作业 {len(held.added)} 个，加入 {held.enrolled} 人。",
                f"Offering {held.offering}: {'new' if held.new else 'was there'}, "
                f"{len(held.added)} assignments added, {held.enrolled} people enrolled.",
            )
        )
