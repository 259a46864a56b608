"""The organizer's pages for roles: who holds what, give, take, and what graders are to mark."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid
from yanxiu.people.loaders import person_with_roles
from yanxiu.people.permissions import can_give_role, can_take_role
from yanxiu.people.reads import roles
from yanxiu.people.verbs import grant_role as verbs
from yanxiu.roles import ROLES, Act, Role
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.deps import Posted, TheForm, TheStore, get_service, who_may
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.listing import Pager, named_id, page_number, query_of, typed_words
from yanxiu.web.pages import go_to, show
from yanxiu.work.reads import graders
from yanxiu.work.verbs import assign_grader

router = APIRouter(prefix="/organize/roles")

Organizer = Annotated[Actor, Depends(who_may(Act.GIVE_ROLE))]
_DONE = {
    "given": N_("角色已给出，马上生效。"),
    "held": N_("原来就有，没有改动。"),
    "taken": N_("角色已收回，马上生效。"),
    "assigned": N_("已分配。评分员登录后在“提交与评分”里看到。"),
    "ended": N_("已取消分配，已经评的分保留。"),
}


def _paths(actor: Actor) -> tuple[str, ...]:
    return actor.subtrees(Act.GIVE_ROLE)


@router.get("")
def holders(
    request: Request, actor: Organizer, store: TheStore, q: str = "", page: str = "1"
) -> Response:
    """Show who holds a role in the organizer's subtree, or whom the words match."""
    size, words, paths = get_service(request).site.page_size, typed_words(q), _paths(actor)
    with store.read() as session:
        total = roles.holders_count(session, paths, words)
        pager = Pager.at(page_number(page), size, total)
        rows = roles.holders_page(session, paths, words, offset=pager.offset, limit=size)
    return show(
        request,
        "roles.html",
        rows=rows,
        pager=pager,
        words=words,
        rules=ROLES,
        query=lambda number: query_of(q=words, page=number),
    )


@router.get("/{person_id}")
def person_page(request: Request, person_id: str, actor: Organizer, store: TheStore) -> Response:
    """Show a person's roles in the organizer's subtree, with the buttons to change them."""
    return _page(request, store, actor, person_id)


def _page(
    request: Request,
    store: Store,
    actor: Actor,
    person_id: str,
    status: int = 200,
    problem: str = "",
) -> Response:
    paths = _paths(actor)
    with store.read() as session:
        who, held = person_with_roles(session, actor, person_id)
        grants = roles.grants_below(session, person_id, paths)
        orgs = roles.organizations_below(session, paths)
        assigned = graders.assigned_below(session, person_id, paths)
        grades_in = [path for role, path in held if role == Role.GRADER]
        schools = [
            org
            for org in orgs
            if org.kind == "school" and any(org.path.startswith(path) for path in grades_in)
        ]
        units = courses.assignment_choices(session, paths) if schools else []
    return show(
        request,
        "roles_one.html",
        status=status,
        person=who,
        grants=grants,
        rules=ROLES,
        own=person_id == actor.person_id,
        may_take=lambda grant: can_take_role(
            actor, role=Role(grant.role), org_path=grant.org_path, person_id=person_id
        ),
        may_give=[
            role
            for role in ROLES
            if any(
                org.kind in ROLES[role].kinds and can_give_role(actor, role=role, org_path=org.path)
                for org in orgs
            )
        ],
        orgs=orgs,
        assigned=assigned,
        schools=schools,
        units=units,
        done=_DONE.get(request.query_params.get("done", ""), ""),
        problem=problem,
    )


def _again(
    request: Request, store: Store, posted: Posted, person_id: str, problem: Problem
) -> Response:
    return _page(request, store, posted.actor, person_id, problem.status, problem.text)


def _done(request: Request, person_id: str, outcome: str) -> Response:
    return go_to(request, f"organize/roles/{person_id}?done={outcome}")


@router.post("/{person_id}/grants")
@form_again(_again)
def give(request: Request, person_id: str, posted: TheForm, store: TheStore) -> Response:
    """Give a role."""
    role, org_id = _role(posted.text("role")), _id(posted.text("org"))
    given = verbs.grant(store, posted.actor, person_id, role, org_id)
    return _done(request, person_id, "given" if given else "held")


@router.post("/{person_id}/grants/{grant_id}/withdraw")
@form_again(_again)
def take(
    request: Request, person_id: str, grant_id: uuid.UUID, posted: TheForm, store: TheStore
) -> Response:
    """Take a role back."""
    verbs.withdraw(store, posted.actor, person_id, grant_id)
    return _done(request, person_id, "taken")


@router.post("/{person_id}/assigned")
@form_again(_again)
def assign(request: Request, person_id: str, posted: TheForm, store: TheStore) -> Response:
    """Put a grader in charge of a unit of a school."""
    unit, school = _id(posted.text("unit")), _id(posted.text("school"))
    given = assign_grader.assign(store, posted.actor, person_id, unit, school)
    return _done(request, person_id, "assigned" if given else "held")


@router.post("/{person_id}/assigned/{grader_assignment_id}/end")
def unassign(
    request: Request,
    person_id: str,
    grader_assignment_id: uuid.UUID,
    posted: TheForm,
    store: TheStore,
) -> Response:
    """Take an assignment away."""
    assign_grader.unassign(store, posted.actor, person_id, grader_assignment_id)
    return _done(request, person_id, "ended")


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise Invalid("role.unknown", N_("请选择一个角色。")) from None


def _id(text: str) -> uuid.UUID:
    found = named_id(text)
    if found is None:
        raise Invalid("role.incomplete", N_("请把每一项都选上，没有改动。"))
    return found
