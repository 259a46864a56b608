"""Keep the sums right when an organization is moved, merged or given another code.

In the transaction of the move: what runs below a school goes on counting, above it from then on
in the new place. Handed to ``people.verbs.change_schools`` by the command.
"""

from sqlalchemy.orm import Session

from yanxiu.quota import counters, homes


class FollowTree:
    """See ``people.verbs.change_schools.Beside``."""

    def before(self, session: Session) -> None:
        """Hold every start until the tree stands again."""
        counters.lock(session)

    def after(self, session: Session) -> None:
        """Count everything where it stands now."""
        counters.rebuild(session, None)
        homes.recount(session)
