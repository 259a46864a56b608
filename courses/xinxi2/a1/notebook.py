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
# # A1 技术支持的学情分析
#
# **怎样开始**：等几秒钟，下面会出现说明、数据表和可以填写的题目；没有出现，就点上方菜单“运行 → 运行所有单元格”。
# 代码已经折叠，不用看，也不用改。每填一处都会自动保存；也可以随时回到平台网页，用表单做同样的题目。
#
# *To start: wait a few seconds for the tasks to appear; if they do not, menu “Run → Run All Cells”. Code is folded; everything you fill in is saved by itself.*

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "intro", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 说明 / Introduction
import worksheet

worksheet.intro()

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "show_data", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 数据表 / Data
import worksheet

worksheet.show_data("data/prequiz.csv")
worksheet.show_data("data/prequiz_items.csv")
worksheet.show_data("data/prequiz_pairs.csv")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "clean", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 1：先看数据，再算数
import worksheet

worksheet.task("clean")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "p_table", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 2：每道题的通过率 P
import worksheet

worksheet.task("p_table")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "chart", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 3：画一张四个知识点的图
import worksheet

worksheet.task("chart")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "groups", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 4：分出两组需要帮助的学生
import worksheet

worksheet.task("groups")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "show_survey", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 问卷 / Survey
import worksheet

worksheet.show_data("data/survey_counts.csv")
worksheet.show_data("data/survey.csv")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "indicators", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 5：选三个指标
import worksheet

worksheet.task("indicators")

# %% [markdown]
# ## 选做：自己写代码
#
# 会一点 Python 的老师可以在下面的格子里试试；不会的请跳过，不影响得分。
# `quiz` 是小测成绩表。算好的数可以填进上面的题目，也可以用代码交：
#
# ```python
# worksheet.answer("groups", {"basic": {"count": jia}, "apply": {"count": yi}, "ahead": {"count": bing}})
# ```
#
# `lessonkit.items.difficulty(成绩表)` 会算通过率：空白的得分不计入人数，不可能的得分要您先处理。
#
# *Optional, for those who like to code. Nobody needs it.*

# %%
import pandas as pd

quiz = pd.read_csv("data/prequiz.csv").convert_dtypes()
quiz.head()

# %%
# 您的代码 / your code

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "plan", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 6：学情分析方案
import worksheet

worksheet.task("plan")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "report", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 7：一页学情分析报告
import worksheet

worksheet.task("report")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "submit", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 完成情况与提交 / Progress and submit
import worksheet

worksheet.progress()
worksheet.submit_button()
