"""Which route takes how long a body, from whom: the table that ``web.limits`` goes by.

Who may send follows from what the route's handler asks for, so the two cannot differ; how much is
1 MB unless it is said here. A route that takes a body from nobody in particular does not start.
"""

from collections.abc import Callable, Iterable
from typing import Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.routing import compile_path

from yanxiu.settings.model import Site
from yanxiu.web import deps
from yanxiu.web.limits import Body, Sender
from yanxiu.work.api.grading_jobs import MAX_EXECUTED_BYTES

MB = 1_000_000
WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SENDERS: dict[Callable[..., Any], Sender] = {
    deps.posted_form: Sender.SESSION,
    deps.posted_form_before_consent: Sender.SESSION,
    deps.posted_form_of_newcomer: Sender.SESSION,
    deps.check_origin: Sender.SESSION,
    deps.learn_actor: Sender.LEARNER,
    deps.learner_id: Sender.LEARNER,
    deps.teach_actor: Sender.TEACHER,
    deps.check_worker: Sender.WORKER,
}
#: Forms with files, and whole bundles; the rest is text.
FILES = frozenset({"/units/{assignment_id}", "/units/{assignment_id}/upload", "/organize/roster"})
BUNDLES = frozenset(
    {
        "/api/v1/units/{assignment_id}/submissions",
        "/api/v1/uploads/{upload_id}",
        "/api/v1/teach/submissions/{submission_id}/feedback",
        "/api/v1/teach/courses/{course_id}/assignments/{name}",
    }
)
REPORT = "/internal/v1/jobs/{job_id}/report"
#: As long as a form may take, and 20 MB over 128 kbit/s.
FORM_S, FILES_S = 120.0, 1800.0


def bodies(site: Site, prefix: str, routers: Iterable[APIRouter], inner: APIRouter) -> list[Body]:
    """Return what each route takes.

    :param routers: mounted at ``prefix``
    :param inner: the worker's, at the root
    :raises LookupError: a route takes a body, and from nobody in particular
    """
    found = [(prefix.rstrip("/"), route) for router in routers for route in router.routes]
    found += [("", route) for route in inner.routes]
    return [
        _body(site, before, route)
        for before, route in found
        if isinstance(route, APIRoute) and (route.methods or set()) & WRITES
    ]


def _body(site: Site, prefix: str, route: APIRoute) -> Body:
    asked = {one.call for one in route.dependant.dependencies}
    sender = next((sender for call, sender in SENDERS.items() if call in asked), None)
    if sender is None:
        raise LookupError(f"{route.path}: nobody is said who may send a body")
    most, said_mb, longest_s = MB, 1, FORM_S
    if route.path in FILES:
        most, said_mb = (site.bundle.max_mb + 1) * MB, site.bundle.max_mb
        longest_s = FILES_S
    elif route.path in BUNDLES:
        # The verb says why a bundle is too large; twice its size is refused here.
        most, said_mb = site.bundle.max_mb * 2 * MB + MB, site.bundle.max_mb
        longest_s = FILES_S
    elif route.path == REPORT:
        most = 2 * MAX_EXECUTED_BYTES + 5 * MB
        said_mb = most // MB
    pattern, _, _ = compile_path(prefix + route.path)
    return Body(
        frozenset((route.methods or set()) & WRITES), pattern, sender, most, said_mb, longest_s
    )
