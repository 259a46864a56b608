"""Build a course release from its source: read, check, make notebooks, look for leaks, write.

Called by ``build.py`` and the courses' tests. Knows the format of
docs/reference/release-format.md and nothing about the hub.
"""

from builder.problems import CourseError
from builder.release import Inspected, Release, build, inspect, write

__all__ = ["CourseError", "Inspected", "Release", "build", "inspect", "write"]
