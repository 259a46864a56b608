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

# %% [markdown] nbgrader={"grade_id": "head", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# # B1 技术支持的测验与练习
#
# **怎样开始**：等几秒钟，下面会出现说明、数据表、S-P 图和可以填写的题目；没有出现，就点上方菜单“运行 → 运行所有单元格”。
# 代码已经折叠，不用看，也不用改。每填一处都会自动保存；也可以随时回到平台网页，用表单做同样的题目。
#
# *To start: wait a few seconds for the tasks to appear; if they do not, menu “Run → Run All Cells”. Code is folded; everything you fill in is saved by itself.*

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "intro", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 说明 / Introduction
import worksheet

worksheet.intro()

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "show_data", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 数据表和 S-P 图 / Data and chart
import worksheet

worksheet.show_data("data/paper.csv")
worksheet.show_data("data/answers.csv")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "items", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 1：每道题的通过率 P 和区分度 D
import worksheet

worksheet.task("items")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "show_spread", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 总分离平均分多远 / Spread
import worksheet

worksheet.show_data("data/spread.csv")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "trust", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 2：信度 KR-20
import worksheet

worksheet.task("trust")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "caution", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 3：S13 的注意系数
import worksheet

worksheet.task("caution")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "pupils", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 4：从 S-P 图看学生
import worksheet

worksheet.task("pupils")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "steps", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 5：先做什么，后做什么
import worksheet

worksheet.task("steps")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "show_choices", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 各选项的人数和题目提示 / Options and hints
import worksheet

worksheet.show_data("data/choices.csv")
worksheet.show_data("data/hints.csv")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "suspects", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 6：找出两道要修的题
import worksheet

worksheet.task("suspects")

# %% [markdown]
# ## 选做：自己写代码
#
# 会一点 Python 的老师可以在下面的格子里试试；不会的请跳过，不影响得分。`marks` 是作答表，`lessonkit` 会算这些数：
# `lessonkit.items.analyse(marks)` 有通过率 `p`、区分度 `d` 和信度 `kr20`，`lessonkit.sp.chart(marks)` 有学生的注意系数 `cs` 和题目的 `cp`。
#
# *Optional, for those who like to code. Nobody needs it.*

# %%
import lessonkit
import pandas as pd

marks = pd.read_csv("data/answers.csv", index_col=0)
lessonkit.sp.arrange(marks)

# %%
# 您的代码 / your code

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "repair", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 7：修好这两道题
import worksheet

worksheet.task("repair")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "plan", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 8：一次小测的方案
import worksheet

worksheet.task("plan")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "submit", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 完成情况与提交 / Progress and submit
import worksheet

worksheet.progress()
worksheet.submit_button()
