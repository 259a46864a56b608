"""Uploads in pieces over HTTP: the semantics and headers of tus 1.0, as far as they fit.

Translates; ``verbs.upload`` decides. ``docs/reference/records-api.md`` is the contract.
A piece counts as far as it came: a line that breaks in its middle costs what was on the line.
"""

import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse

from yanxiu.errors import N_
from yanxiu.settings.model import Site
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.bodies import cut
from yanxiu.web.deps import get_site, get_store, learn_actor
from yanxiu.web.pages import reader
from yanxiu.work.receipts import Receipt
from yanxiu.work.uploads import Overtaken, Upload, Uploads
from yanxiu.work.verbs import upload as verb

from .learn import receipt_json, receipt_url

#: Small enough to show progress on a slow line, big enough not to be felt on a fast one.
CHUNK_BYTES = 1024 * 1024

router = APIRouter(prefix="/api/v1")

Learner = Annotated[Actor, Depends(learn_actor)]
TheStore = Annotated[Store, Depends(get_store)]
TheSite = Annotated[Site, Depends(get_site)]


class Opening(BaseModel):
    """What is to come."""

    digest: str
    bytes: int
    client_key: str


@router.post("/units/{assignment_id}/uploads", status_code=201)
def begin(
    request: Request,
    assignment_id: uuid.UUID,
    opening: Opening,
    actor: Learner,
    store: TheStore,
    site: TheSite,
    response: Response,
) -> dict[str, Any]:
    """Begin an upload, or find the one that was begun with the same key and content."""
    found = verb.begin(
        store,
        site,
        actor,
        assignment_id,
        digest=opening.digest,
        size=opening.bytes,
        client_key=opening.client_key,
    )
    if isinstance(found, Receipt):
        response.status_code = 200
        return {"receipt": receipt_json(found, receipt_url(request, found))}
    offset = Uploads(store.blobs).held(found)
    return {"upload": found.id, "offset": offset, "chunk_bytes": CHUNK_BYTES}


@router.api_route("/uploads/{upload_id}", methods=["GET", "HEAD"])
def state(upload_id: str, actor: Learner, store: TheStore, site: TheSite) -> Response:
    """Say how far an upload has come."""
    upload = verb.find(store, site, actor, upload_id)
    held = Uploads(store.blobs).held(upload)
    return JSONResponse({"upload": upload.id, "offset": held}, headers=_headers(upload, held))


@router.patch("/uploads/{upload_id}", status_code=204)
async def go_on(
    request: Request,
    upload_id: str,
    actor: Learner,
    store: TheStore,
    site: TheSite,
    upload_offset: Annotated[int, Header()],
) -> Response:
    """Take a piece."""
    upload = await run_in_threadpool(verb.find, store, site, actor, upload_id)
    uploads = Uploads(store.blobs)
    try:
        with uploads.writing(upload, upload_offset) as writer:
            # Also when no byte comes: a wrong offset is said as such.
            await run_in_threadpool(writer.write, b"")
            async for piece in request.stream():
                # No thread waits for slow lines meanwhile.
                await run_in_threadpool(writer.write, piece)
    except Overtaken:
        return await run_in_threadpool(_elsewhere, request, uploads, upload)
    except ClientDisconnect:
        raise cut() from None
    except OSError as error:
        await run_in_threadpool(verb.no_room, store, actor, upload, error)
    return Response(status_code=204, headers=_headers(upload, writer.offset))


@router.post("/uploads/{upload_id}/submit", status_code=201)
def finish(
    request: Request, upload_id: str, actor: Learner, store: TheStore, site: TheSite
) -> dict[str, Any]:
    """Hand in what was uploaded; answers as one request with the whole would."""
    receipt = verb.finish(store, site, actor, verb.find(store, site, actor, upload_id))
    return receipt_json(receipt, receipt_url(request, receipt))


def _elsewhere(request: Request, uploads: Uploads, upload: Upload) -> Response:
    """Say where it stands: part of how clients resume, so nobody was refused anything."""
    held = uploads.held(upload)
    text = reader(request).gettext(N_("上传接不上：请从第 {offset} 字节接着传。"), offset=held)
    content = {"code": "upload.offset", "message": text, "offset": held}
    return JSONResponse(content, 409, headers=_headers(upload, held))


def _headers(upload: Upload, held: int) -> dict[str, str]:
    return {
        "Tus-Resumable": "1.0.0",
        "Upload-Offset": str(held),
        "Upload-Length": str(upload.size),
        "Cache-Control": "no-store",
    }
