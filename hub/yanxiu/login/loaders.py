"""Accounts that wait for a decision by their id, for those who may decide: found and permitted."""

import uuid

from sqlalchemy.orm import Session

from yanxiu.errors import N_, NotFound
from yanxiu.login.model import SsoRequest
from yanxiu.login.permissions import check_can_decide_binding
from yanxiu.login.reads import bindings
from yanxiu.web.actor import Actor


def sso_request(
    session: Session, actor: Actor, request_id: uuid.UUID, *, for_update: bool = False
) -> SsoRequest:
    """Return an account that the roster could not place, if it is the actor's to decide.

    :raises NotFound: there is none, or not below what the actor organizes
    """
    found = bindings.request_by_id(session, request_id, for_update=for_update)
    if found is None:
        raise NotFound(
            "binding.not_found", N_("没有找到这个待确认的账号。它可能已由别人处理，请回到列表。")
        )
    check_can_decide_binding(actor, org_path=found.org.path)
    return found
