"""What only worksheet says, in Chinese (the source) and English. No logic.

What is said of tasks and answers is in ``yanxiu_formats.sentences``.
"""

MESSAGES: dict[str, tuple[str, str]] = {
    # a task on the screen
    "points_auto": ("{points:g} 分 · 系统评分", "{points:g} points · scored by the system"),
    "points_rubric": ("{points:g} 分 · 老师评分", "{points:g} points · graded by a person"),
    "saved": ("已保存。", "Saved."),
    "saved_chars": ("已保存，现在 {count} 字。", "Saved; {count} characters."),
    "not_saved": (
        "没有保存成功（{reason}）。请先把内容复制下来，再告诉学校管理员。",
        "Not saved ({reason}). Copy your text first, then tell your school's organizer.",
    ),
    "disk_full": ("磁盘满了", "the disk is full"),
    "disk_error": ("写文件出错", "the file could not be written"),
    "whole_number": ("填整数", "whole number"),
    "places": ("{count} 位小数", "{count} decimals"),
    "choose": ("请选择", "Choose"),
    "place": ("第几", "Place"),
    "order_hint": ("给每一项选一个位置，1 是最先。", "Give every item a place; 1 comes first."),
    "match_hint": ("给每一项选一个对应的说法。", "Choose what goes with each item."),
    "file_hint": (
        "可以放 {most} 个文件，每个不超过 {mb} MB：{types}。",
        "Up to {most} files of at most {mb} MB each: {types}.",
    ),
    "file_add": ("选择文件", "Choose a file"),
    "file_remove": ("去掉", "Remove"),
    "file_remove_this": ("去掉 {name}", "Remove {name}"),
    "criteria": ("评分标准", "Criteria"),
    "criterion": ("{title}（{points:g} 分）", "{title} ({points:g} points)"),
    "level": ("{points:g} 分：{text}", "{points:g}: {text}"),
    "chart_kind": ("图的种类", "Kind of chart"),
    "chart_x": ("横轴", "x axis"),
    "chart_y": ("纵轴", "y axis"),
    "chart_preview": (
        "选好种类并填上数，这里会画出来。",
        "Choose a kind and fill in values to see it here.",
    ),
    # data
    "rows_columns": ("共 {rows} 行 {columns} 列", "{rows} rows, {columns} columns"),
    "rows_shown": (
        "只显示前 {shown} 行，全部内容请打开文件 {file}。",
        "The first {shown} rows; open {file} for all.",
    ),
    "no_sp": (
        "这张表里有 0 和 1 以外的内容，画不出 S-P 图。请从平台网页重新取一份数据。",
        "This table holds something other than 0 and 1, so there is no S-P chart. Get the data again from the site.",
    ),
    # progress
    "progress": ("完成情况：{done} / {total}", "Progress: {done} of {total}"),
    "done": ("已填好", "done"),
    # the unit and its files
    "no_unit": (
        "这个文件夹里没有 unit.json，找不到单元的内容。请回到平台网页，从单元页重新打开。",
        "There is no unit.json in this folder. Go back to the site and open the unit again.",
    ),
    "bad_unit": (
        "unit.json 打不开，可能被改动过。请回到平台网页，从单元页重新打开。",
        "unit.json cannot be read; it may have been changed. Open the unit again from the site.",
    ),
    "no_file": (
        "没有文件 {file}。可以看的有：{known}。",
        "There is no file {file}. There are: {known}.",
    ),
    "answers_aside": (
        "answers.json 读不懂，已改名为 {name} 留着；答案从空白开始。",
        "answers.json could not be understood; it is kept as {name}, and answers start empty.",
    ),
    # handing in
    "submit": ("提交", "Submit"),
    "submit_again": ("仍要提交", "Submit all the same"),
    "submit_note": (
        "请先按 Ctrl+S 保存笔记本。截止前可以改了再交，以最后一次为准。",
        "Save the notebook first (Ctrl+S). Until the deadline you can improve and submit again; the last one counts.",
    ),
    "still_missing": (
        "还有 {count} 项没有做完：{tasks}。可以继续做；如果就这样交，请再点一次“仍要提交”。",
        "{count} tasks are not finished: {tasks}. Go on, or press “Submit all the same”.",
    ),
    "packing": ("正在打包……", "Packing…"),
    "sending": (
        "正在上传 {files} 个文件（{size}）……{percent}%",
        "Uploading {files} files ({size})… {percent}%",
    ),
    "receipt": (
        "已收到。回执编号 {receipt}，第 {attempt} 次提交，时间 {time}。",
        "Received. Receipt {receipt}, attempt {attempt}, {time}.",
    ),
    "see_result": ("查看结果", "See the result"),
}
