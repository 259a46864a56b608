"""What is wrong with a course, as sentences for its author.

A problem says where, what is there, what was possible, and what to do. Problems are
collected, so that an author sees all of them at once. Advice is said in the same way.
"""

from dataclasses import dataclass, field


class CourseError(Exception):
    """The course cannot be built; ``problems`` are sentences in Chinese."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass
class Problems:
    """A list of problems, each said once."""

    found: list[str] = field(default_factory=list)

    def add(self, where: str, what: str, do: str) -> None:
        """Note that at ``where`` (a file or a place in it) ``what``; the author shall ``do``."""
        sentence = f"{where}：{what}。{do}。"
        if sentence not in self.found:
            self.found.append(sentence)

    def extend(self, other: "Problems") -> None:
        """Take over what ``other`` found."""
        self.found += [one for one in other.found if one not in self.found]
