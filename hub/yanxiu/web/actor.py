"""Who is asking: a person with roles, and by which way they came in.

Loaded once per request from the store; ``permissions`` judges it. Holds what rules need
and nothing that a page would show of somebody else.
"""

import uuid
from dataclasses import dataclass, field
from enum import StrEnum

from yanxiu.roles import Act, Reach, Role, roles_that_may

__all__ = ["ORGANIZERS", "Act", "Actor", "Role", "Way"]


ORGANIZERS = frozenset({Role.SCHOOL_ORGANIZER, Role.COUNTY_ORGANIZER})


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


@dataclass(frozen=True)
class Actor:
    """A person and what they hold.

    :param grants: ``(role, path of the organization)`` pairs; a path ends in ``/`` and
        begins every path below it
    :param duties: ``(assignment, school)`` whose submissions they are to mark; only of
        somebody who is a grader
    :param name: for the head of the person's own pages
    :param consent: the newest version of the privacy notice that they agreed to, or empty
    """

    person_id: str
    school_id: uuid.UUID
    school_path: str
    grants: frozenset[tuple[Role, str]]
    way: Way = Way.SESSION
    must_change_password: bool = False
    duties: frozenset[tuple[uuid.UUID, uuid.UUID]] = frozenset()
    consent: str = ""
    name: str = field(default="", repr=False)

    def paths(self, roles: frozenset[Role]) -> tuple[str, ...]:
        """Return the roots of the subtrees in which the actor holds one of ``roles``."""
        return tuple(sorted(path for role, path in self.grants if role in roles))

    def reaches(self, act: Act, path: str) -> bool:
        """Say whether a role lets the actor do ``act`` in the organization at ``path``."""
        return any(path.startswith(root) for root in self.paths(roles_that_may(act)))

    def is_to_mark(self, assignment_id: uuid.UUID, school_id: uuid.UUID) -> bool:
        """Say whether an organizer gave the actor these submissions to mark."""
        return (assignment_id, school_id) in self.duties and self._grades

    @property
    def _grades(self) -> bool:
        return bool(self.paths(roles_that_may(Act.MARK, Reach.ASSIGNED)))

    @property
    def marks(self) -> bool:
        """Say whether there can be submissions for the actor to mark."""
        return self.is_organizer or (self._grades and bool(self.duties))

    def organizes(self, school_path: str) -> bool:
        """Say whether the school lies in a subtree that the actor organizes."""
        return any(school_path.startswith(root) for root in self.paths(ORGANIZERS))

    @property
    def is_organizer(self) -> bool:
        """Say whether there is anything that the actor organizes."""
        return bool(self.paths(ORGANIZERS))
