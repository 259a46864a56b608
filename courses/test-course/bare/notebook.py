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

# %% jupyter={"source_hidden": true} nbgrader={"grade_id": "only", "grade": false, "locked": true, "solution": false, "task": false, "schema_version": 3}
# only
import worksheet

worksheet.task("only")

# %%
# a cell of the learner's own
