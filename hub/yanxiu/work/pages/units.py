"""A unit's page: what to do, the form, upload, receipts; and its data files."""

import hashlib
import json
import secrets
import shutil
import uuid
import zipfile
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response
from yanxiu_formats.bundle import OURS, members
from yanxiu_formats.units import Unit as Definition

from yanxiu.clock import is_over, local
from yanxiu.courses import forms, kinds
from yanxiu.courses.charts import sp_picture
from yanxiu.courses.content import Content, table
from yanxiu.courses.loaders import enrolled_assignment
from yanxiu.courses.permissions import check_can_learn
from yanxiu.courses.reads import courses
from yanxiu.errors import N_, Invalid, NotFound
from yanxiu.settings.model import Site
from yanxiu.store.blobs import chunks_of
from yanxiu.store.engine import Store
from yanxiu.web.actor import Actor
from yanxiu.web.browsers import lab_problem
from yanxiu.web.deps import Posted, current_actor, get_service, get_site, get_store, posted_form
from yanxiu.web.downloads import download
from yanxiu.web.form_again import Problem, form_again
from yanxiu.web.heavy import heavy
from yanxiu.web.pages import go_to, reader, show
from yanxiu.work import rules
from yanxiu.work.model import TaskScore
from yanxiu.work.reads import attempts
from yanxiu.work.reads import my_units as learn
from yanxiu.work.reads.answers import handed_in_answers
from yanxiu.work.rules import Marking
from yanxiu.work.verbs import save_draft as draft_verb
from yanxiu.work.verbs import submit as submit_verb
from yanxiu.work.verbs import submit_uploads as upload_verb

from . import words
from .attachments import take_files
from .tasks import task_views

router = APIRouter()

Learner = Annotated[Actor, Depends(current_actor)]
TheStore = Annotated[Store, Depends(get_store)]
TheSite = Annotated[Site, Depends(get_site)]
TheForm = Annotated[Posted, Depends(posted_form)]


@dataclass
class _Loaded:
    """What the page of one unit is made of."""

    unit: learn.Unit
    learner_blob: str
    answers: dict[str, Any]
    scores: dict[str, TaskScore]
    marks: dict[tuple[str, str], Marking]
    comment: str
    #: As the released attempt was marked.
    marked: Definition | None = None


def _load(store: Store, actor: Actor, assignment_id: uuid.UUID) -> _Loaded:
    with store.read() as session:
        unit = learn.my_unit(session, actor.person_id, assignment_id)
        check_can_learn(actor, enrolled=unit is not None)
        assert unit is not None
        assignment = courses.assignment(session, assignment_id)
        assert assignment is not None
        blob = courses.unit_of(session, assignment).learner_blob
        loaded = _Loaded(unit, blob, {}, {}, {}, "")
        draft = attempts.draft(session, assignment_id, actor.person_id)
        if draft is not None:
            loaded.answers = draft.answers
        elif unit.attempts:
            # What was typed last, also when it was withdrawn to be changed.
            last = attempts.attempt(session, unit.attempts[0].id)
            loaded.answers = handed_in_answers(store.blobs, last, unit.definition) if last else {}
        if unit.released is not None:
            shown = attempts.attempt(session, unit.released.id)
            assert shown is not None
            loaded.comment = shown.comment
            loaded.marked = rules.unit_as_marked(unit.definition, shown.state, shown.auto_points)
            loaded.scores = attempts.scores(session, shown)
            loaded.marks = attempts.marks(session, shown)
    return loaded


def _page(
    request: Request,
    loaded: _Loaded,
    *,
    status: int = 200,
    typed: forms.Fields | None = None,
    problems: list[forms.Problem] | None = None,
    banner: tuple[str, str] | None = None,
    client_key: str = "",
) -> Response:
    service, tr = get_service(request), reader(request)
    content: Content = request.app.state.content
    unit = loaded.unit
    definition = unit.definition
    now = service.store.clock()
    tables = [
        (item, table(data), sp_picture(data, tr.lang) if item.chart == "sp" else None)
        for item in definition.data
        if (data := content.data_file(loaded.learner_blob, definition, item.file)) is not None
    ]
    open_now = unit.opens_at <= now and not is_over(now, unit.late_until) and not unit.passed
    used_up = unit.max_attempts is not None and unit.taken >= unit.max_attempts
    return show(
        request,
        kinds.kind_of(definition).page,
        status=status,
        unit=unit,
        full=definition.full_points,
        definition=definition,
        intro=content.intro(loaded.learner_blob, definition, tr.lang),
        tables=tables,
        tasks=task_views(
            definition,
            tr,
            answers=loaded.answers,
            typed=typed,
            problems=problems or [],
            files=f"{service.prefix}units/{unit.assignment_id}/files/",
        ),
        feedback=task_views(
            loaded.marked or definition, tr, scores=loaded.scores, marks=loaded.marks
        ),
        comment=loaded.comment,
        problem_count=len({one.task_id for one in problems or []}),
        banner=banner,
        badge=words.unit_badge(unit, now, tr),
        deadline=words.deadline(unit, now, tr),
        attempt_badge=lambda state: words.submission_badge(state, tr, author=True),
        open_now=open_now and not used_up,
        used_up=used_up,
        kinds=words.KINDS,
        jupyter=f"{service.hub_prefix}user-redirect/yanxiu/open/{unit.assignment_id}",
        lab_problem=lab_problem(request.headers.get("user-agent", "")),
        # Names this attempt: a second click on a slow line is the same attempt.
        client_key=client_key or secrets.token_urlsafe(18),
        max_mb=service.site.bundle.max_mb,
    )


@router.get("/units/{assignment_id}")
def unit_page(
    request: Request, assignment_id: uuid.UUID, actor: Learner, store: TheStore
) -> Response:
    """Show a unit."""
    banner = None
    if request.query_params.get("saved") == "draft":
        banner = ("success", N_("草稿已保存。您可以随时回来接着填，填完后再提交。"))
    return _page(request, _load(store, actor, assignment_id), banner=banner)


def _form_again(
    request: Request, store: Store, posted: Posted, assignment_id: uuid.UUID, problem: Problem
) -> Response:
    # The texts as they were sent, the files as the draft has them by now.
    loaded = _load(store, posted.actor, assignment_id)
    typed = forms.typed_again(loaded.unit.definition, posted.texts(), loaded.answers)
    return _page(request, loaded, status=problem.status, typed=typed, banner=problem.banner)


@router.post("/units/{assignment_id}")
@form_again(_form_again)
def unit_form(
    request: Request, assignment_id: uuid.UUID, posted: TheForm, store: TheStore, site: TheSite
) -> Response:
    """Save a draft or hand in the form; either way nothing that was typed is lost."""
    loaded = _load(store, posted.actor, assignment_id)
    definition = loaded.unit.definition
    typed = posted.texts()
    received = take_files(posted.form, definition, typed)
    filled = forms.read(definition, typed)
    # Files cannot be shown as they were typed: what was kept of them is shown.
    typed = forms.typed_again(definition, typed, filled.answers)
    handing_in = posted.text("do") == "submit"
    problems = filled.wrong + (filled.missing if handing_in else [])
    key = posted.text("client_key")[:32]
    draft_verb.save_draft(store, posted.actor, assignment_id, filled.answers, received)
    if not problems and handing_in:
        receipt = submit_verb.submit_form(
            store, site, posted.actor, assignment_id, filled.answers, _key(key, filled.answers)
        )
        return go_to(request, f"receipts/{receipt.submission_id}?new=1")
    if posted.text("do") == "autosave":
        saved_at = f"{local(store.clock()):%H:%M}"
        return JSONResponse({"saved_at": saved_at, "wrong": len(filled.wrong)})
    if not problems:
        return go_to(request, f"units/{assignment_id}?saved=draft#form")
    loaded.answers = filled.answers
    kind, text = (
        ("error", N_("还不能提交：标出的任务需要补充或改正。已填的内容存为草稿了。"))
        if handing_in
        else ("warn", N_("草稿已保存，但标出的地方没有存上，请改正后再保存。"))
    )
    return _page(
        request,
        loaded,
        status=422,
        typed=typed,
        problems=problems,
        banner=(kind, text),
        client_key=key,
    )


def _upload_again(
    request: Request, store: Store, posted: Posted, assignment_id: uuid.UUID, problem: Problem
) -> Response:
    loaded = _load(store, posted.actor, assignment_id)
    return _page(request, loaded, status=problem.status, banner=problem.banner)


@router.post("/units/{assignment_id}/upload")
@form_again(_upload_again)
def upload(
    request: Request, assignment_id: uuid.UUID, posted: TheForm, store: TheStore, site: TheSite
) -> Response:
    """Hand in notebook files; of our own units there is one, whatever it is called."""
    files = [one for one in posted.form.getlist("notebook") if isinstance(one, UploadFile)]
    named = [(one.filename, one.file) for one in files if one.filename]
    if not named:
        raise Invalid("upload.none", N_("没有选择文件。请先选择笔记本，再点“上传并提交”。"))
    key = posted.text("client_key")[:64] or None
    receipt = upload_verb.submit_uploads(store, site, posted.actor, assignment_id, named, key)
    return go_to(request, f"receipts/{receipt.submission_id}?new=1")


def _key(key: str, answers: dict[str, Any]) -> str | None:
    """Name the attempt by its content too: going back and changing it is another attempt."""
    content = json.dumps(answers, sort_keys=True, ensure_ascii=False).encode()
    return f"{key}.{hashlib.sha256(content).hexdigest()[:24]}" if key else None


@router.get("/units/{assignment_id}/files.zip")
@heavy
def files_zip(
    request: Request, assignment_id: uuid.UUID, actor: Learner, store: TheStore
) -> Response:
    """Return what learners get as a zip, for those who work on a computer of their own."""
    loaded = _load(store, actor, assignment_id)
    out = store.blobs.unnamed()
    folder = loaded.unit.definition.name
    with store.blobs.open(loaded.learner_blob) as tar, zipfile.ZipFile(out, "w") as archive:
        for one in members(chunks_of(tar), OURS):
            entry = zipfile.ZipInfo(f"{folder}/{one.name}", local(store.clock()).timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w") as file:
                shutil.copyfileobj(one.content, file)
    quoted = quote(f"{folder}.zip")
    said = {"Content-Disposition": f"attachment; filename*=UTF-8''{quoted}"}
    return download(out, "application/zip", said)


@router.get("/units/{assignment_id}/data/{name}")
def data_file(
    request: Request, assignment_id: uuid.UUID, name: str, actor: Learner, store: TheStore
) -> Response:
    """Return a data table as CSV, with the mark that makes Excel and WPS read UTF-8."""
    with store.read() as session:
        assignment = enrolled_assignment(session, actor, assignment_id)
        unit = courses.unit_of(session, assignment)
    content: Content = request.app.state.content
    data = content.data_file(unit.learner_blob, unit.definition, f"data/{name}")
    if data is None:
        raise NotFound("data.not_found", N_("这个单元没有这张数据表。请从单元页面下载。"))
    mark = b"\xef\xbb\xbf"
    return Response(
        data if data.startswith(mark) else mark + data,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
