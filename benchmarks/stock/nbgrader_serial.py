"""Grade notebooks with nbgrader, one after another, as its formgrader's button does.

Runs in the stock environment: ``nbgrader_serial.py FOLDER``. ``FOLDER/source`` is ready. For
each line on stdin, a JSON list of students whose work is in ``submitted``, grades them and
prints ``{"seconds", "points"}``. nbgrader is imported and warm when the first line is read.
"""

import json
import sys
import time
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

ASSIGNMENT = "ps1"


def main(folder: Path) -> None:
    """Serve lines until there are no more."""
    config = Config()
    config.CourseDirectory.root = str(folder)
    config.CourseDirectory.course_id = "bench"
    # Results only: its log is on stderr, and the first round warms everything up.
    api = NbGraderAPI(config=config)
    made = api.generate_assignment(ASSIGNMENT)
    if not made["success"]:
        sys.exit(made["log"])
    print("ready", flush=True)
    for line in sys.stdin:
        students = json.loads(line)
        began = time.perf_counter()
        for student in students:
            done = api.autograde(ASSIGNMENT, student, force=False, create=True)
            if not done["success"]:
                sys.exit(done["log"])
        seconds = time.perf_counter() - began
        with api.gradebook as gradebook:
            points = [gradebook.find_submission(ASSIGNMENT, one).score for one in students]
        print(json.dumps({"seconds": seconds, "points": points}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
