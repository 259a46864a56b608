"""``yanxiu course export``: a course as nbgrader's folders and gradebook."""

from pathlib import Path

import click

from yanxiu.web.actor import at_the_command_line
from yanxiu.work.verbs.export_course import export_course

from .options import data_option
from .site import opened
from .words import say


@click.command(
    "export",
    help=say(
        "把课程写成 nbgrader 的文件夹（source、release、submitted、autograded、feedback）和 gradebook.db。"
        "里面有大家的作业和成绩：请妥善保管。记入审计。",
        "Write a course as nbgrader's folders (source, release, submitted, autograded, feedback) and "
        "a gradebook.db. It holds people's works and marks: keep it safe. Audited.",
    ),
)
@data_option
@click.argument("course_id", metavar="COURSE")
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path),
    required=True,
    help=say("写到这个新文件夹。", "The new folder to write."),
)
@click.option(
    "--offering",
    help=say("哪一期；只开过一期时不用给。", "Which offering, if there are several."),
)
@click.option(
    "--names",
    is_flag=True,
    help=say("连同姓名；不给就只有编号。", "With people's names; only ids otherwise."),
)
def export(data: Path, course_id: str, target: Path, offering: str | None, names: bool) -> None:
    """Export."""
    with opened(data.resolve(), migrate=False) as store:
        done = export_course(
            store,
            course_id,
            target.absolute(),
            at_the_command_line().person_id,
            offering_id=offering,
            names=names,
        )
    click.echo(
        say(
            f"已导出到 {target}：作业 {done.assignments} 个，{done.people} 人，提交 {done.submissions} 份。",
            f"Exported to {target}: {done.assignments} assignments, {done.people} people, "
            f"{done.submissions} submissions.",
        )
    )
    if done.unfinished:
        click.echo(
            say(
                f"其中 {done.unfinished} 份还没有评完或没有确认，在 formgrader 里显示为待人工评分。",
                f"{done.unfinished} of them are not marked or confirmed yet; formgrader shows them "
                "as needing manual grading.",
            )
        )
    for place in done.incomplete:
        click.echo(
            say(
                f"{place}：笔记本读不了或超出了限制（内存或时间）。分数、评语和原件（submitted）都在，"
                "autograded 和 feedback 里没有学员的内容。",
                f"{place}: the notebook cannot be read or is beyond the limits of memory and time. "
                "Points, comments and the original (submitted) are there; autograded and feedback "
                "have nothing that the learner wrote.",
            )
        )
    if done.by_hand:
        click.echo(
            say(
                "这门课不是 nbgrader 批改的：每项任务在 gradebook.db 里是人工评分的格，分数照抄；"
                "再运行 nbgrader autograde 不会得出这些分数。",
                "This course was not graded by nbgrader: each task is a manually graded cell in "
                "gradebook.db with the points it has here; nbgrader autograde would not find them.",
            )
        )
