"""Attempts by their id, for those who may have them: found, permitted, named in the audit.

For reading; who changes an attempt takes hold of it with ``verbs.claim.claim_for``.
"""

import uuid
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from yanxiu.store.audit import Event
from yanxiu.web.actor import Actor
from yanxiu.work.model import Attempt
from yanxiu.work.permissions import check_can_see_submission, no_submission
from yanxiu.work.reads import attempts


def whose(attempt: Attempt) -> dict[str, Any]:
    """Return what permissions judge an attempt by.

    The school is the one that it was handed in at: a teacher who moves leaves work with it.
    """
    return {
        "owner_id": attempt.person_id,
        "school_path": attempt.school.path,
        "assigned": (attempt.assignment_id, attempt.school_id),
    }


def visible_attempt(
    session: Session,
    actor: Actor,
    attempt_id: uuid.UUID,
    audit: Event | None = None,
    check: Callable[..., None] = check_can_see_submission,
) -> Attempt:
    """Return an attempt that the actor may see: its author, and those who may mark it.

    :param check: of ``permissions``, where seeing it is not enough
    :raises NotFound: there is none, or not for the actor: which, a stranger does not learn
    """
    found = attempts.attempt(session, attempt_id)
    if found is None:
        raise no_submission()
    if audit is not None:
        audit.school_id = found.school_id
    check(actor, **whose(found))
    return found


def own_attempt(session: Session, actor: Actor, attempt_id: uuid.UUID) -> Attempt:
    """Return an attempt of the actor's own. :raises NotFound: it is nobody's or another's"""
    found = attempts.attempt(session, attempt_id)
    if found is None or found.person_id != actor.person_id:
        raise no_submission()
    return found
