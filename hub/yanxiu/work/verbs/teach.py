"""What organizers do from their own computer: collect submissions, give feedback back.

Each verb is audited, reading too: whoever holds an organizer's token leaves a trace of what
they took. Release itself is ``release``, new assignments are ``import_course``. Called by
``api.teach``.
"""

import re
import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import IO

from sqlalchemy.orm import Session
from yanxiu_formats.bundle import pack

from yanxiu.courses import bundles
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.roles import Act
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store
from yanxiu.store.refusals import audited
from yanxiu.web.actor import Actor
from yanxiu.work import contents
from yanxiu.work.loaders import visible_attempt, whose
from yanxiu.work.model import Attempt
from yanxiu.work.permissions import check_can_release, check_can_teach
from yanxiu.work.reads import handed_in as queries
from yanxiu.work.rules import State

from . import release as release_verb
from .claim import claim_for

PAGE = 500
_HTML = re.compile(r"[^/]+\.html")


def list_courses(store: Store, actor: Actor) -> list[queries.Taught]:
    """Return the assignments whose submissions the actor may see, newest offering first."""
    audit = Event(actor.person_id, "teach.courses", "person", actor.person_id, actor.school_id)
    with audited(store, audit):
        check_can_teach(actor)
    with store.read() as session:
        found = queries.taught(session, _paths(actor), actor.assigned)
    store.note(audit)
    return found


def list_handed_in(
    store: Store, actor: Actor, assignment_id: uuid.UUID, after: uuid.UUID | None
) -> list[queries.HandedIn]:
    """Return up to ``PAGE`` submissions to an assignment that the actor may see, oldest first.

    :param after: the last one of the page before
    :raises NotFound: there is no such assignment
    """
    audit = Event(actor.person_id, "teach.list", "assignment", str(assignment_id), actor.school_id)
    with audited(store, audit):
        check_can_teach(actor)
        with store.read() as session:
            if courses.assignment(session, assignment_id) is None:
                raise NotFound("assignment.not_here", N_("没有找到这个作业。请核对课程和作业名。"))
            found = queries.handed_in(
                session, assignment_id, _paths(actor), actor.assigned, after, PAGE
            )
    audit.details = {"count": len(found)}
    store.note(audit)
    return found


def collect(store: Store, actor: Actor, submission_id: uuid.UUID) -> IO[bytes]:
    """Open what was handed in, as a tar."""
    audit = Event(actor.person_id, "teach.collect", "submission", str(submission_id))
    with audited(store, audit):
        bundle = contents.bundle_of(_row(store, actor, submission_id, audit))
    store.note(audit)
    return store.blobs.open(bundle)


def give_feedback(
    store: Store, site: Site, actor: Actor, submission_id: uuid.UUID, chunks: Iterator[bytes]
) -> Refused | None:
    """Keep feedback that was made elsewhere, and release the result if it can be.

    :param chunks: a tar of HTML files; they are given to the author as files and never shown
        by a page of ours
    :returns: why the result was not released, None if it was or had been
    :raises Refused: not the actor's to release, or what was handed in is deleted (410)
    :raises Invalid: something other than HTML files
    """
    audit = Event(actor.person_id, "teach.feedback", "submission", str(submission_id))
    with audited(store, audit):
        # Asked again inside the transaction; here, so that nothing is stored in vain.
        row = _row(store, actor, submission_id, audit)
        check_can_release(actor, **whose(row))
        contents.check_there(row)
        files = bundles.read_files(chunks, site.bundle)
        if not files or not all(_HTML.fullmatch(name) for name in files):
            raise Invalid(
                "feedback.not_html", N_("评语应是一个或几个 .html 文件，不含文件夹，没有收下。")
            )
        blob = store.keep(iter([pack(files)]))

        def work(session: Session, now: datetime) -> bool:
            with claim_for(session, now, actor, submission_id, check_can_release, audit) as (
                held,
                attempt,
            ):
                contents.check_there(attempt)
                held.feedback(attempt, blob, actor.person_id)
                audit.details = {"files": len(files)}
                return held.standing(attempt).state == State.RELEASED

        if store.transact(work, audit):
            return None
    try:
        release_verb.release(store, actor, submission_id)
    except Refused as refusal:
        return refusal
    return None


def _row(store: Store, actor: Actor, submission_id: uuid.UUID, audit: Event) -> Attempt:
    check_can_teach(actor)
    with store.read() as session:
        return visible_attempt(session, actor, submission_id, audit)


def _paths(actor: Actor) -> tuple[str, ...]:
    return actor.subtrees(Act.SEE_WORK)
