"""What is wrong with a course, as sentences for its author.

A problem says where, what is there, what was possible, and what to do. Problems are
collected, so that an author sees all of one step at once.
"""

from dataclasses import dataclass, field


class CourseError(Exception):
    """The course cannot be built; ``problems`` are sentences in Chinese."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Problems:
    """A list of problems that raises at the end of a step."""

    found: list[str] = field(default_factory=list)

    def add(self, where: str, what: str, do: str) -> None:
        """Note that at ``where`` (a file or a place in it) ``what``; the author shall ``do``."""
        sentence = f"{where}：{what}。{do}。"
        if sentence not in self.found:
            self.found.append(sentence)

    def stop_if_any(self) -> None:
        """Raise CourseError if anything was noted."""
        if self.found:
            raise CourseError(self.found)
