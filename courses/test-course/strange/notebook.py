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
worksheet.show_data("data/strange.csv")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "quotes", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# quotes
import worksheet

worksheet.task("quotes")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "wide", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# wide
import worksheet

worksheet.task("wide")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "many", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# many
import worksheet

worksheet.task("many")

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "emoji", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# emoji
import worksheet

worksheet.task("emoji")

# %%
# a cell of the learner's own
