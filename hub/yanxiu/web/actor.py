"""Who is asking: a person with roles, and by which way they came in.

Loaded once per request from the store; ``permissions`` judges it. Holds what rules need
and nothing that a page would show of somebody else.
"""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from yanxiu.roles import Act, Reach, Role, givers_of, roles_that_may

__all__ = ["Act", "Actor", "Role", "Way"]


class Way(StrEnum):
    """How a request proved who it is from."""

    #: A browser session: may do all that the person may.
    SESSION = "session"
    #: The token in a teacher's server (``custom:records:learn``): a notebook that an
    #: organizer opens must not be able to grade.
    LEARN_TOKEN = "learn_token"  # noqa: S105 - the name of a way, not a token
    #: An expiring token that the operator issued for it (``custom:records:teach``): collects,
    #: releases and nothing else, from the organizer's own computer.
    TEACH_TOKEN = "teach_token"  # noqa: S105 - the name of a way, not a token
    #: The server's own command line: whoever has the machine has the database.
    COMMAND_LINE = "command_line"


#: The path of every organization begins with nothing.
EVERYWHERE = ("",)


@dataclass(frozen=True)
class Actor:
    """A person and what they hold.

    :param school_id: of the person's home school; the command line has none
    :param grants: ``(role, path of the organization)`` pairs; a path ends in ``/`` and
        begins every path below it
    :param assigned: ``(assignment, school)`` whose submissions they are to mark; only of
        somebody who is a grader
    :param name: for the head of the person's own pages
    :param consent: the newest version of the privacy notice that they agreed to, or empty
    """

    person_id: str
    school_id: uuid.UUID | None
    school_path: str
    grants: frozenset[tuple[Role, str]]
    way: Way = Way.SESSION
    must_change_password: bool = False
    assigned: frozenset[tuple[uuid.UUID, uuid.UUID]] = frozenset()
    consent: str = ""
    name: str = field(default="", repr=False)

    def paths(self, roles: frozenset[Role]) -> tuple[str, ...]:
        """Return the roots of the subtrees in which the actor holds one of ``roles``."""
        return tuple(sorted(path for role, path in self.grants if role in roles))

    def subtrees(self, act: Act) -> tuple[str, ...]:
        """Return the roots of the subtrees in which a role lets the actor do ``act``."""
        return EVERYWHERE if self.way is Way.COMMAND_LINE else self.paths(roles_that_may(act))

    def gives(self, role: Role, path: str) -> bool:
        """Say whether the actor may give ``role`` in the organization at ``path``."""
        return self.way is Way.COMMAND_LINE or path.startswith(self.paths(givers_of(role)))

    def may(self, act: Act) -> bool:
        """Say whether there is anywhere that the actor may do ``act``."""
        return bool(self.subtrees(act))

    def reaches(self, act: Act, path: str) -> bool:
        """Say whether a role lets the actor do ``act`` in the organization at ``path``."""
        return path.startswith(self.subtrees(act))

    def is_to_mark(self, assignment_id: uuid.UUID, school_id: uuid.UUID) -> bool:
        """Say whether an organizer gave the actor these submissions to mark."""
        return (assignment_id, school_id) in self.assigned and self._grades

    @property
    def _grades(self) -> bool:
        return bool(self.paths(roles_that_may(Act.MARK, Reach.ASSIGNED)))

    @property
    def marks(self) -> bool:
        """Say whether there can be submissions for the actor to mark."""
        return self.may(Act.MARK) or (self._grades and bool(self.assigned))


def at_the_command_line() -> Actor:
    """Return the operator who works on the server itself, for the same verbs as everybody's."""
    return Actor("system:cli", None, "", frozenset(), Way.COMMAND_LINE)
