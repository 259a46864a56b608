"""Courses, their releases and offerings, and who takes them; nbgrader courses in and out.

Knows nothing of what learners hand in: that is ``work``, which stands above.
"""
