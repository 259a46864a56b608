# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# 这个文件会变成学员的笔记本。每个任务一格，grade_id 就是任务编号，先后和 unit.yaml 一样；
# 加一个任务，就复制一格，改两处编号。代码都折叠着，学员不用看。

# %% [markdown] nbgrader={"grade_id": "head", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# # 新单元（请改名）
#
# **怎样开始**：等几秒钟，下面会出现说明、数据表和可以填写的题目；没有出现，就点上方菜单“运行 → 运行所有单元格”。
#
# *To start: wait a few seconds for the tasks to appear; if they do not, menu “Run → Run All Cells”.*

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "intro", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 说明 / Introduction
import worksheet

worksheet.intro()

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "show_data", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 数据表 / Data
import worksheet

worksheet.show_data("data/quiz.csv")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "right", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 1
import worksheet

worksheet.task("right")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "hardest", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 2
import worksheet

worksheet.task("hardest")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "plan", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 3
import worksheet

worksheet.task("plan")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "submit", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 完成情况与提交 / Progress and submit
import worksheet

worksheet.progress()
worksheet.submit_button()
