"""What is wrong with a course, as sentences: where, what, what to do.

All that is found is told at once, one line for each kind of problem with all its places. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from yanxiu.errors import N_, Invalid

#: Lines of a refusal, and places in one of them.
SHOWN, PLACES = 20, 10


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

    def place(self, gettext: Any = str) -> str:
        """Return where it is, so far as one may look for it."""
        found = self.where
        if "cell" in self.params:
            message = N_("{where} 第 {cell} 格")
            found = str(gettext(message)).format(where=found, cell=self.params["cell"])
        name = self.params.get("names") or self.params.get("name")
        return f"{found} ({name})" if name and "cell" not in self.params else found


def unique(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems without those that stand there twice: a header is read for each notebook."""
    return list({(one.where, one.message, repr(one.params)): one for one in problems}.values())


def lines(problems: Iterable[Problem], gettext: Any = str) -> list[str]:
    """Return one line for each kind of problem: the first in full, of the others the places."""
    kinds: dict[str, list[Problem]] = {}
    for one in unique(problems):
        kinds.setdefault(one.message, []).append(one)
    return [_line(same, gettext) for same in kinds.values()]


def _line(same: Sequence[Problem], gettext: Any) -> str:
    first = same[0].text(gettext)
    if len(same) == 1:
        return first
    others = [one.place(gettext) for one in same[1:]]
    shown = "；".join(others[:PLACES]) + ("……" if len(others) > PLACES else "")
    message = N_("{first}（同样的共 {count} 处，还有：{places}）")
    return str(gettext(message)).format(first=first, count=len(same), places=shown)


class BadCourse(Invalid):
    """A course that cannot be imported; ``problems`` says why."""

    def __init__(self, problems: Sequence[Problem]):
        self.problems = tuple(unique(problems))
        super().__init__(
            "course.problems",
            N_("课程没有导入，要先改正 {count} 处：\n{problems}"),
            count=len(self.problems),
            problems="\n".join(lines(problems)[:SHOWN]),
        )

    def text(self, gettext: Any = str) -> str:
        """Return the sentence with every kind of problem in the language of ``gettext``."""
        found = [f"  {one}" for one in lines(self.problems, gettext)]
        told = found[:SHOWN] + (["  …"] if len(found) > SHOWN else [])
        return str(gettext(self.message)).format(count=len(self.problems), problems="\n".join(told))
