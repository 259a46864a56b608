"""Who is asking: a person with roles, and by which way they came in.

Loaded once per request from the store; ``permissions`` judges it. Holds what rules need
and nothing that a page would show of somebody else.
"""

import uuid
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may be, several at once, each in an organization (design §7)."""

    TEACHER = "teacher"
    SCHOOL_ORGANIZER = "school_organizer"
    COUNTY_ORGANIZER = "county_organizer"
    GROUP_LEAD = "group_lead"
    GRADER = "grader"
    OPERATOR = "operator"


ORGANIZERS = frozenset({Role.SCHOOL_ORGANIZER, Role.COUNTY_ORGANIZER})


class Way(StrEnum):
    """How a request proved who it is from."""

    #: A browser session: may do all that the person may.
    SESSION = "session"
    #: The token in a teacher's server (``custom:records:learn``): a notebook that an
    #: organizer opens must not be able to grade.
    LEARN_TOKEN = "learn_token"  # noqa: S105 - the name of a way, not a token


@dataclass(frozen=True)
class Actor:
    """A person and what they hold.

    :param grants: ``(role, path of the organization)`` pairs; a path ends in ``/`` and
        begins every path below it
    """

    person_id: str
    school_id: uuid.UUID
    school_path: str
    grants: frozenset[tuple[Role, str]]
    way: Way = Way.SESSION
    must_change_password: bool = False

    def paths(self, roles: frozenset[Role]) -> tuple[str, ...]:
        """Return the roots of the subtrees in which the actor holds one of ``roles``."""
        return tuple(sorted(path for role, path in self.grants if role in roles))

    def organizes(self, school_path: str) -> bool:
        """Say whether the school lies in a subtree that the actor organizes."""
        return any(school_path.startswith(root) for root in self.paths(ORGANIZERS))

    @property
    def is_organizer(self) -> bool:
        """Say whether there is anything that the actor organizes."""
        return bool(self.paths(ORGANIZERS))
