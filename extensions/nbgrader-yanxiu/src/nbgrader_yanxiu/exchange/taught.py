"""What ``nbgrader list`` shows an organizer: the assignments they teach, and what came in.

In the shape of nbgrader's own lister, one entry for each course, person and assignment.
Called by ``list`` when it runs outside of a server, with a token for teaching.
"""

from itertools import groupby
from pathlib import Path
from typing import Any

from nbgrader_yanxiu.teaching import Teaching

from .base import name_of, timestamp_of


def released(assignments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the assignments that are released."""
    return [
        {
            "course_id": one["course"],
            "assignment_id": name_of(one),
            "status": "released",
            "path": one["assignment"],
            "notebooks": [
                {"notebook_id": Path(name).stem, "path": name} for name in one["notebooks"]
            ],
        }
        for one in assignments
    ]


def inbound(teaching: Teaching, assignments: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return every submission to ``assignments``, by person."""
    found = []
    for one in assignments:
        rows = sorted(teaching.submissions(one["assignment"]), key=lambda row: str(row["student"]))
        for student, group in groupby(rows, key=lambda row: str(row["student"])):
            said = {
                "course_id": one["course"],
                "student_id": student,
                "assignment_id": name_of(one),
                "status": "submitted",
            }
            submissions = [
                {
                    **said,
                    "timestamp": timestamp_of(row["received_at"]),
                    "path": row["submission"],
                    "receipt": row["receipt"],
                    "attempt": row["attempt"],
                    "notebooks": [],
                    "has_local_feedback": False,
                    "has_exchange_feedback": row["state"] == "released",
                    "local_feedback_path": None,
                    "feedback_updated": False,
                }
                for row in group
            ]
            found.append({**said, "submissions": submissions})
    return found
