"""The grading worker's API. Mounted at ``/internal/v1``, which the proxy does not route.

Translates between HTTP and ``verbs.grade``; ``docs/reference/records-api.md`` is the
contract. The worker's token opens it, and a job's inputs only with the job's lease.
"""

import json
import math
import uuid
from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Response, UploadFile
from pydantic import BaseModel, Field
from yanxiu_formats.units import unit_json

from yanxiu.errors import N_, Invalid
from yanxiu.settings.model import Site
from yanxiu.store.engine import Store
from yanxiu.web.deps import check_worker, get_capabilities, get_site, get_store
from yanxiu.web.downloads import download
from yanxiu.web.service import Capabilities
from yanxiu.work.verbs import grade

MAX_EXECUTED_BYTES = 30_000_000
MAX_REPORT_BYTES = 4_000_000

router = APIRouter(prefix="/internal/v1", dependencies=[Depends(check_worker)])

TheStore = Annotated[Store, Depends(get_store)]
TheCapabilities = Annotated[Capabilities, Depends(get_capabilities)]
TheSite = Annotated[Site, Depends(get_site)]


class LeaseRequest(BaseModel):
    """Who wants work, and for how long at a time."""

    worker: str = Field(min_length=1, max_length=80)
    lease_s: int | None = Field(default=None, ge=5, le=3600)


class WithLease(BaseModel):
    """Proof that a job is the caller's."""

    lease: str


class Failure(WithLease):
    """Why a job was given back."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_.]{0,79}$")
    retry: bool


@router.post("/jobs/lease", response_model=None)
def lease(
    body: LeaseRequest, store: TheStore, site: TheSite, capabilities: TheCapabilities
) -> Response | dict[str, Any]:
    """Lend a job."""
    found = grade.lease(store, site, body.worker, body.lease_s, capabilities.grading_shares)
    if found is None:
        return Response(status_code=204)
    return {
        "job": str(found.job_id),
        "lease": found.lease,
        "lease_until": found.until.isoformat(),
        "attempt": found.attempt,
        "unit": unit_json(found.unit),
        "has_notebook": found.has_notebook,
        "limits": site.grading.of_a_run(),
    }


def _tar(store: Store, job_id: uuid.UUID, secret: str, what: str) -> Response:
    return download(grade.open_input(store, job_id, secret, what), "application/x-tar")


@router.get("/jobs/{job_id}/bundle")
def bundle(job_id: uuid.UUID, lease: str, store: TheStore) -> Response:
    """Return the submission."""
    return _tar(store, job_id, lease, "bundle")


@router.get("/jobs/{job_id}/learner")
def learner(job_id: uuid.UUID, lease: str, store: TheStore) -> Response:
    """Return what learners of the pinned release got."""
    return _tar(store, job_id, lease, "learner")


@router.get("/jobs/{job_id}/scoring")
def scoring(job_id: uuid.UUID, lease: str, store: TheStore) -> Response:
    """Return the scoring package of the pinned release."""
    return _tar(store, job_id, lease, "scoring")


@router.post("/jobs/{job_id}/heartbeat")
def heartbeat(job_id: uuid.UUID, body: WithLease, store: TheStore, site: TheSite) -> dict[str, str]:
    """Keep a lease."""
    return {"lease_until": grade.heartbeat(store, site, job_id, body.lease).isoformat()}


@router.post("/jobs/{job_id}/started")
def started(job_id: uuid.UUID, body: WithLease, store: TheStore) -> dict[str, str]:
    """Note that the work begins."""
    grade.started(store, job_id, body.lease)
    return {}


@router.post("/jobs/{job_id}/failed")
def failed(job_id: uuid.UUID, body: Failure, store: TheStore, site: TheSite) -> dict[str, str]:
    """Take a job back."""
    grade.failed(store, site, job_id, body.lease, body.code, retry=body.retry)
    return {}


@router.post("/jobs/{job_id}/report")
def report(
    job_id: uuid.UUID,
    report: Annotated[UploadFile, File()],
    store: TheStore,
    executed: Annotated[UploadFile | None, File()] = None,
    rendered: Annotated[UploadFile | None, File()] = None,
) -> dict[str, str]:
    """Keep what a worker found.

    The report is a file among the parts: a field may have a megabyte, whatever is said of it here.
    """
    if (report.size or 0) > MAX_REPORT_BYTES:
        raise Invalid("report.long", N_("批改结果太大，没有收下。"), status=413)
    for sent in (executed, rendered):
        if sent is not None and (sent.size or 0) > MAX_EXECUTED_BYTES:
            raise Invalid("report.executed", N_("执行后的笔记本太大，没有收下。"), status=413)
    notebook, page = (sent.file.read() if sent else None for sent in (executed, rendered))
    grade.report(store, job_id, _content(report.file.read()), notebook, page)
    return {}


def _content(report: bytes) -> dict[str, Any]:
    """Read a report, strictly: Python's reader takes numbers that JSON and PostgreSQL have not."""
    try:
        content = json.loads(report.decode(), parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise Invalid("report.json", N_("批改结果不是 JSON。"))
    return content


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise Invalid(
            "report.number",
            N_("批改结果里有无穷大或 NaN，没有收下。请检查批改程序和课程的评分程序。"),
        )
    return value
