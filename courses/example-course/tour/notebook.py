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

# 笔记本的源文件：每个任务一格，先后和 unit.yaml 一样。每格自己 import，单独运行也行。
# 没有 nbgrader 的格子是学员自己的，可以留一格给会写代码的老师。

# %% [markdown] nbgrader={"grade_id": "head", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# # 九种任务走一遍
#
# **怎样开始**：等几秒钟，题目会出现；没有出现，就点上方菜单“运行 → 运行所有单元格”。 *To start: wait for the tasks to appear, or menu “Run → Run All Cells”.*

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "intro", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 说明 / Introduction
import worksheet

worksheet.intro()

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "show_data", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 数据表和 S-P 图 / Data and chart
import worksheet

worksheet.show_data("data/quiz.csv")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "pupils", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 1：有几名学生
import worksheet

worksheet.task("pupils")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "hardest", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 2：最难的题
import worksheet

worksheet.task("hardest")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "talk", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 3：要当面问的学生
import worksheet

worksheet.task("talk")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "rates", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 4：每道题的通过率
import worksheet

worksheet.task("rates")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "picture", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 5：画一张图
import worksheet

worksheet.task("picture")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "steps", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 6：先做什么
import worksheet

worksheet.task("steps")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "meaning", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 7：这些数是什么意思
import worksheet

worksheet.task("meaning")

# %%
# 您的代码（可以不写） / your code, if you like

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "plan", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 8：用到自己的课
import worksheet

worksheet.task("plan")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "material", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 任务 9：附上您的材料
import worksheet

worksheet.task("material")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "submit", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# 完成情况与提交 / Progress and submit
import worksheet

worksheet.progress()
worksheet.submit_button()
