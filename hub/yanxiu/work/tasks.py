"""What this room has to do when nobody waits: all of a unit at once, and what nobody finishes."""

from datetime import timedelta
from typing import Any

from yanxiu.people.tasks import asker
from yanxiu.settings.model import Site
from yanxiu.store.leases import Run
from yanxiu.store.tasks import Kind

from .verbs import ask_export, draft_files, in_bulk, upload

EXPIRE_UPLOADS = Kind("uploads.expire", every=timedelta(minutes=30))
CLEAN_DRAFTS = Kind("drafts.clean", every=timedelta(hours=24))
#: A draft's files may be a little ahead of the draft.
_GRACE = timedelta(days=1)


def kinds(site: Site) -> list[Kind]:
    """Return the room's kinds with what carries them out."""

    def expire_uploads(run: Run) -> dict[str, Any]:
        return {"uploads": upload.expire(run.store, site)}

    def clean_drafts(run: Run) -> dict[str, Any]:
        looked = 0
        before = run.store.clock() - _GRACE
        for looked, draft in enumerate(draft_files.drafts_before(run.store, before), 1):
            run.step(looked)
            draft_files.clean(run.store, *draft)
        return {"drafts": looked}

    def in_bulk_for_asker(run: Run) -> dict[str, Any]:
        return in_bulk.carry_out(run, asker(run))

    def export(run: Run) -> dict[str, Any]:
        return ask_export.carry_out(run, asker(run))

    return [
        EXPIRE_UPLOADS.by(expire_uploads),
        CLEAN_DRAFTS.by(clean_drafts),
        in_bulk.RELEASE.by(in_bulk_for_asker),
        in_bulk.REGRADE.by(in_bulk_for_asker),
        ask_export.EXPORT.by(export),
    ]
