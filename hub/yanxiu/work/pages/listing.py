"""What the organizer's list was narrowed to, carried along in the addresses.

Pure but for the request's query. The list, the grading page and its buttons read the same
``View``, so "next" means the next one of the list that the organizer came from.
"""

import uuid
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.requests import Request

from yanxiu.web.actor import Act, Actor
from yanxiu.web.listing import named_id, page_number
from yanxiu.work.reads.listing import Filter

from .words import VIEWS

_STATES = {key: states for key, _, states in VIEWS}


@dataclass(frozen=True)
class View:
    """Which submissions, and which page of them."""

    unit: uuid.UUID | None = None
    school: uuid.UUID | None = None
    state: str = "todo"
    page: int = 1

    def filter(self, actor: Actor) -> Filter:
        """Return the filter, always within what ``actor`` organizes or is to mark."""
        return Filter(
            actor.subtrees(Act.SEE_WORK),
            self.unit,
            self.school,
            _STATES[self.state],
            actor.assigned,
        )

    def query(self, **changes: object) -> str:
        """Return the view as a query, with ``changes``; defaults are left out."""
        view = replace(self, **changes)  # type: ignore[arg-type]
        pairs = {"unit": view.unit, "school": view.school}
        named = {key: str(value) for key, value in pairs.items() if value}
        if view.state != "todo":
            named["state"] = view.state
        if view.page > 1:
            named["page"] = str(view.page)
        return urlencode(named)


def read_view(request: Request) -> View:
    """Return the view that the address names; what it does not understand is not narrowed."""
    query = request.query_params
    state = query.get("state", "todo")
    return View(
        unit=named_id(query.get("unit", "")),
        school=named_id(query.get("school", "")),
        state=state if state in _STATES else "todo",
        page=page_number(query.get("page", "")),
    )
