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

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "intro_cell", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# intro_cell
import worksheet

worksheet.intro()

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "number", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# number
import worksheet

worksheet.task("number")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "choice", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# choice
import worksheet

worksheet.task("choice")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "choices", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# choices
import worksheet

worksheet.task("choices")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "table", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# table
import worksheet

worksheet.task("table")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "chart", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# chart
import worksheet

worksheet.task("chart")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "order", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# order
import worksheet

worksheet.task("order")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "match", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# match
import worksheet

worksheet.task("match")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
import worksheet

worksheet.task("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "file", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# file
import worksheet

worksheet.task("file")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "judged", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# judged
import worksheet

worksheet.task("judged")

# %%
# a cell of the learner's own
