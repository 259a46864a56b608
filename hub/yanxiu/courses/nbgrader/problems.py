"""What is wrong with a course, as sentences: where, what, what to do.

All that is found is told at once; nothing is imported while there is one. Pure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_, Invalid

SHOWN = 20


@dataclass(frozen=True)
class Problem:
    """Something to correct, or (as a note) something to know.

    :param where: a path below the course's folder
    :param message: a gettext msgid with ``{placeholders}``
    """

    where: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)

    def text(self, gettext: Any = str) -> str:
        """Return the sentence in the language of ``gettext``."""
        return f"{self.where}: {str(gettext(self.message)).format(**self.params)}"


class BadCourse(Invalid):
    """A course that cannot be imported; ``problems`` says why."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(problems)
        super().__init__(
            "course.problems",
            N_("课程没有导入，要先改正 {count} 处：\n{problems}"),
            count=len(problems),
            problems="\n".join(one.text() for one in problems[:SHOWN]),
        )

    def text(self, gettext: Any = str) -> str:
        """Return the sentence with every problem in the language of ``gettext``."""
        lines = [f"  {one.text(gettext)}" for one in self.problems[:SHOWN]]
        if len(self.problems) > SHOWN:
            lines.append("  …")
        return str(gettext(self.message)).format(
            count=len(self.problems), problems="\n".join(lines)
        )
