"""我的研修: what a person is to do, where they are with it, and their credit hours."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from yanxiu.web.actor import Actor
from yanxiu.web.deps import TheStore, current_actor
from yanxiu.web.pages import reader, show
from yanxiu.work.reads import my_units as learn

from . import words

router = APIRouter()


@router.get("/")
def home(
    request: Request,
    actor: Annotated[Actor, Depends(current_actor)],
    store: TheStore,
) -> Response:
    """Show 我的研修."""
    with store.read() as session:
        units = learn.my_units(session, actor.person_id)
    now, tr = store.clock(), reader(request)
    offerings: dict[str, list[dict[str, object]]] = {}
    for unit in units:
        step, primary = words.next_step(unit, now, tr)
        offerings.setdefault(unit.offering_id, []).append(
            {
                "unit": unit,
                "badge": words.unit_badge(unit, now, tr),
                "deadline": words.deadline(unit, now, tr),
                "step": step,
                "primary": primary,
            }
        )
    return show(
        request,
        "home.html",
        offerings=list(offerings.values()),
        hours=learn.hours_by_kind(units),
        kinds=words.KINDS,
    )
