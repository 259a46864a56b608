"""What the exchange says in a terminal, in Chinese (the source) and English.

nbgrader's own log lines are English and its own; these are ours. No logic beyond the choice.
"""

from typing import Any

from yanxiu_formats.sentences import choose, language

SENTENCES: dict[str, tuple[str, str]] = {
    "which_course": (
        "请说明课程：加上 --course 课程代码。您的课程有：{known}。",
        "Say which course: add --course. Your courses: {known}.",
    ),
    "no_courses": (
        "您现在没有要学的课程。请回到研修门户看看。",
        "You take no course at present. Look at the portal.",
    ),
    "no_assignment": (
        "课程 {course} 里没有作业“{name}”。有的是：{known}。",
        "Course {course} has no assignment “{name}”. There are: {known}.",
    ),
    "released": ("已发布的作业：", "Released assignments:"),
    "submitted": ("已提交的作业：", "Submitted assignments:"),
    "listed": ("{course} {name}　截止 {due}", "{course} {name}  due {due}"),
    "listed_here": (
        "{course} {name}　截止 {due}（already downloaded，已取到 {place}）",
        "{course} {name}  due {due} (already downloaded to {place})",
    ),
    "attempt": (
        "{course} {student} {name} {timestamp}　第 {attempt} 次，回执 {receipt}，{state}",
        "{course} {student} {name} {timestamp}  attempt {attempt}, receipt {receipt}, {state}",
    ),
    "feedback_here": ("评语已取到本地", "feedback already fetched"),
    "feedback_ready": ("成绩已发布，可以取评语", "feedback ready to be fetched"),
    "feedback_none": ("还没有评语", "no feedback available"),
    "no_remove": (
        "这里不能删除：作业和提交都由平台保存。",
        "Nothing can be removed here: the platform keeps assignments and submissions.",
    ),
    "have_it": (
        "这里已经有 {place}，没有动它。要补上缺少的文件，请加 --replace；要一份新的，请先把它改名。",
        "There is {place} already; it was left alone. Add --replace to put back missing files, or rename it to get a fresh one.",
    ),
    "put_back": ("补上了 {known}", "Put back {known}"),
    "fetched": ("已取到 {place}", "Fetched into {place}"),
    "bad_archive": (
        "平台给的文件看不懂，没有写入。请再试一次；还不行就告诉学校管理员。",
        "The platform's archive could not be understood; nothing was written. Try again, or tell your school's organizer.",
    ),
    "disk": (
        "写不进 {place}（{reason}）。请检查磁盘空间和文件夹的权限。",
        "Could not write to {place} ({reason}). Check the disk space and the folder's permissions.",
    ),
    "no_folder": (
        "这里没有文件夹 {name}。请先 cd 到它的上一层，或先运行 nbgrader fetch_assignment {name} --course {course}。",
        "There is no folder {name} here. Go to the folder that holds it, or run nbgrader fetch_assignment {name} --course {course} first.",
    ),
    "other_folder": (
        "文件夹 {place} 是另一门课或另一个作业的，没有提交。请核对 --course 和作业名。",
        "The folder {place} belongs to another course or assignment; nothing was submitted. Check --course and the name.",
    ),
    "not_as_others": (
        "提交总是以您自己的名义。--student {asked} 不是您，没有提交；请去掉它再试。",
        "Submissions are always your own. --student {asked} is not you; nothing was submitted. Leave it out.",
    ),
    "missing": (
        "文件夹里缺少笔记本：{known}。",
        "Notebooks are missing in the folder: {known}.",
    ),
    "sending": (
        "正在提交 {place}（{count} 个文件，{size}）……",
        "Submitting {place} ({count} files, {size})…",
    ),
    "part": ("已传 {percent}%", "{percent}% sent"),
    "receipt": (
        "已收到。回执编号 {receipt}，第 {attempt} 次提交，时间 {time}。",
        "Received. Receipt {receipt}, attempt {attempt}, {time}.",
    ),
    "no_feedback": (
        "作业 {name} 还没有可以取的评语。",
        "There is no feedback for {name} yet.",
    ),
    "got_feedback": ("评语已放到 {place}", "Feedback is in {place}"),
    # teachers of a course
    "nothing_to_collect": (
        "课程 {course} 的作业 {name} 还没有您能收的提交。",
        "There is no submission of {name} in {course} for you to collect.",
    ),
    "collecting": (
        "课程 {course} 的作业 {name}：有 {count} 人的提交。",
        "{course} {name}: submissions of {count} people.",
    ),
    "collected": ("收到 {student}（第 {attempt} 次）", "Collected {student} (attempt {attempt})"),
    "collected_newer": (
        "换成新的：{student}（第 {attempt} 次）",
        "Updated {student} (attempt {attempt})",
    ),
    "contents_deleted": (
        "{student} 的提交（第 {attempt} 次）过了保存年限，内容已删除，跳过",
        "Skipped {student} (attempt {attempt}): its contents are deleted after their time",
    ),
    "collected_before": (
        "已有 {student} 的，没有动；要换成新的请加 --update",
        "Already there: {student}; add --update for newer ones",
    ),
    "no_html": (
        "{place} 里没有评语。请先运行 nbgrader generate_feedback {name}。",
        "There is no feedback in {place}. Run nbgrader generate_feedback {name} first.",
    ),
    "no_timestamp": (
        "{place} 里没有 timestamp.txt，不知道是哪一次提交的，跳过。",
        "{place} has no timestamp.txt, so it is unknown which attempt it belongs to; skipped.",
    ),
    "no_attempt": (
        "平台上没有 {student} 在那个时间的提交，跳过。",
        "The platform has no attempt of {student} at that time; skipped.",
    ),
    "feedback_sent": (
        "{student}：评语已交给平台，成绩已发布",
        "{student}: feedback sent, result released",
    ),
    "feedback_kept": (
        "{student}：评语已交给平台，成绩没有发布：{why}",
        "{student}: feedback sent, result not released: {why}",
    ),
    "some_failed": ("有 {count} 份没有成功，见上。", "{count} did not succeed, see above."),
    "no_release": (
        "没有 {place}。请先运行 nbgrader generate_assignment {name}。",
        "There is no {place}. Run nbgrader generate_assignment {name} first.",
    ),
    "no_source": (
        "没有 {place}：平台要用它来批改。请在课程文件夹里运行。",
        "There is no {place}, which the platform grades with. Run this in the course's folder.",
    ),
    "not_released": (
        "有 {count} 个文件或文件夹没有发布（设置排除的、隐藏文件或链接）：{known}",
        "{count} files or folders are not released (left out by the settings, hidden, or links): {known}",
    ),
    "release_too_large": (
        "{place} 有 {size} KB，超过设置 CourseDirectory.max_dir_size（{most} KB），没有发布。请删去不需要的文件，或把这个设置改大。",
        "{place} has {size} KB, more than CourseDirectory.max_dir_size ({most} KB); nothing was released. Remove files that are not needed, or raise the setting.",
    ),
    "released_as": (
        "已发布：课程 {course} 的作业 {name}。",
        "Released: {name} of course {course}.",
    ),
    "already_released": (
        "课程 {course} 的作业 {name} 已经发布过。要换成这一版，请加 --force；已有人提交时平台会拒绝。",
        "{name} of {course} was released before. Add --force to replace it; the platform refuses once somebody has submitted.",
    ),
}


def tell(name: str, /, **params: Any) -> str:
    """Return the sentence called ``name``, filled, in the language of this terminal."""
    return choose(SENTENCES, name, language(), **params)
