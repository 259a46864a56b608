"""What the verbs for instructors share: the course that is meant, and a token for teaching."""

from typing import Any

from nbgrader_yanxiu.teaching import Teaching

from .base import Exchange, name_of
from .sentences import tell


class TeachingExchange(Exchange):
    """Base of collect, release_assignment and release_feedback."""

    @property
    def teaching(self) -> Teaching:
        """The records service, asked with the organizer's own token."""
        return Teaching.from_environment()

    def assignment(self) -> dict[str, Any]:
        """Return the assignment that is meant, or end with a sentence that names what there is."""
        course, name = self.coursedir.course_id, self.coursedir.assignment_id
        every = [one for one in self.teaching.assignments() if course in ("", one["course"])]
        if not course and len({one["course"] for one in every}) != 1:
            self._which_course(every)
        # The newest offering of a course comes first.
        found = next((one for one in every if name in (one["unit"], one["name"])), None)
        if found is None:
            known = "、".join(dict.fromkeys(name_of(one) for one in every)) or "—"
            self.fail(tell("no_assignment", course=course, name=name, known=known))
        assert found is not None
        return found
