"""The pages of the preview: the portal's own macros, styles and rules around one course.

Answers live in memory, for one author and until the program ends. The only script on them
asks whether there is a newer version.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from yanxiu_formats.notebooks import BadNotebook
from yanxiu_formats.units import Unit

from yanxiu.cli.words import language, say
from yanxiu.courses import forms
from yanxiu.courses.charts import sp_picture
from yanxiu.courses.content import course_markdown, table
from yanxiu.i18n import LANGUAGES, Translator, translator
from yanxiu.sandbox.inside import prepare, render
from yanxiu.web.assets import STATIC, static_address
from yanxiu.web.deps import texts
from yanxiu.web.pages import environment
from yanxiu.work.model import TaskScore
from yanxiu.work.pages import notebooks
from yanxiu.work.pages.attachments import take_files
from yanxiu.work.pages.tasks import task_views

from .tool import Failed
from .workshop import Workshop

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; "
    "img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_own = environment.overlay(
    loader=jinja2.ChoiceLoader(
        [jinja2.FileSystemLoader(HERE / "templates"), cast(Any, environment.loader)]
    )
)


def make_app(shop: Workshop) -> Starlette:
    """Return the preview of what ``shop`` builds."""
    pages = _Pages(shop)
    routes = [
        Route("/", pages.home),
        Route("/version", pages.version),
        Route("/preview.js", pages.script),
        Route("/static/{digest}/{name}", pages.static),
        Route("/{unit}/", pages.form, methods=["GET", "POST"]),
        Route("/{unit}/notebook", pages.notebook),
        Route("/{unit}/executed", pages.executed),
        Route("/{unit}/data/{name}", pages.data),
    ]
    # Another site's page must not reach this one under a name of its own.
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    return Starlette(routes=routes, middleware=[hosts])


class _Pages:
    def __init__(self, shop: Workshop):
        self.shop = shop
        self.typed: dict[str, dict[str, list[str]]] = {}

    def _show(self, request: Request, name: str, **context: Any) -> Response:
        tr = _reader(request)
        page = _own.get_template(name).render(
            _=tr.gettext,
            ngettext=tr.ngettext,
            t=tr.pick,
            lang=tr.lang,
            languages=LANGUAGES,
            prefix="/",
            csrf=lambda: "",
            static=lambda file: static_address("/", file),
            version=self.shop.version,
            problems=self.shop.problems,
            advice=self.shop.advice,
            units=self.shop.units,
            course=self.shop.course.name,
            say=say,
            **context,
        )
        return HTMLResponse(
            page, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
        )

    def _unit(self, request: Request) -> Unit:
        unit = self.shop.units.get(request.path_params["unit"])
        if unit is None:
            raise HTTPException(404)
        return unit

    async def home(self, request: Request) -> Response:
        """List the units, and what is wrong."""
        return self._show(request, "preview_home.html")

    async def version(self, request: Request) -> Response:
        """Say which version is the newest."""
        return PlainTextResponse(str(self.shop.version), headers={"Cache-Control": "no-store"})

    async def script(self, request: Request) -> Response:
        """Return the script that asks for it."""
        return FileResponse(HERE / "preview.js", media_type="text/javascript")

    async def static(self, request: Request) -> Response:
        """Return a file of the portal's."""
        name = request.path_params["name"]
        if name not in {path.name for path in STATIC.iterdir() if path.is_file()}:
            raise HTTPException(404)
        return FileResponse(STATIC / name)

    async def form(self, request: Request) -> Response:
        """Show a unit's form as the portal does; a sent one is read, checked and scored."""
        if request.method == "POST":
            source = urlsplit(request.headers.get("origin") or "").netloc
            if source != request.headers.get("host"):
                raise HTTPException(403)
            async with request.form(max_files=50, max_fields=2000) as form:
                return await run_in_threadpool(self._form, request, form)
        return await run_in_threadpool(self._form, request, None)

    def _form(self, request: Request, form: Any) -> Response:
        unit, tr = self._unit(request), _reader(request)
        typed = self.typed.get(unit.id, {})
        problems: list[forms.Problem] = []
        scores: dict[str, Any] = {}
        failed = ""
        if form is not None:
            typed = texts(form)
            take_files(form, unit, typed)
        filled = forms.read(unit, typed)
        if form is not None:
            typed = self.typed[unit.id] = forms.typed_again(unit, typed, filled.answers)
            problems = filled.wrong + filled.missing
            try:
                lines = self.shop.tool.score(self.shop.folder("scoring", unit.id), filled.answers)
                scores = {line["task"]: SimpleNamespace(**line) for line in lines}
            except (Failed, TypeError, KeyError, ValueError) as error:
                failed = str(error)
        views = task_views(
            unit,
            tr,
            answers=filled.answers,
            typed=typed,
            problems=problems,
            scores=cast(dict[str, TaskScore], scores),
        )
        learner = self.shop.folder("learner", unit.id)
        tables = [
            (item, table(data), sp_picture(data, tr.lang) if item.chart == "sp" else None)
            for item in unit.data
            for data in [(learner / item.file).read_bytes()]
        ]
        return self._show(
            request,
            "preview_unit.html",
            unit=unit,
            definition=unit,
            intro=_intro(learner, unit, tr),
            tables=tables,
            tasks=views,
            sent=form is not None,
            failed=failed,
            total=sum(line.points for line in scores.values()),
        )

    async def notebook(self, request: Request) -> Response:
        """Show the page around the executed notebook."""
        return self._show(request, "preview_notebook.html", unit=self._unit(request))

    async def executed(self, request: Request) -> Response:
        """Return the executed notebook as graders see it."""
        unit = self._unit(request)
        try:
            raw = await run_in_threadpool(self.shop.executed, unit.id)
            # One's own notebook on one's own machine: nobody else waits for this program.
            cells = render.unlimited(prepare.read_ours(raw)["cells"])
        except (Failed, OSError, BadNotebook) as error:
            return self._show(request, "preview_failed.html", text=str(error))
        page = notebooks.page_around(Markup(cells), _reader(request))  # noqa: S704 - cleaned
        return HTMLResponse(page, headers={"Content-Security-Policy": notebooks.POLICY})

    async def data(self, request: Request) -> Response:
        """Return a data table."""
        unit, name = self._unit(request), f"data/{request.path_params['name']}"
        if name not in {item.file for item in unit.data}:
            raise HTTPException(404)
        return FileResponse(self.shop.folder("learner", unit.id) / name, filename=name[5:])


def _reader(request: Request) -> Translator:
    asked = request.query_params.get("lang", "")
    return translator(asked if asked in LANGUAGES else language())


def _intro(learner: Path, unit: Unit, tr: Translator) -> Any:
    path = learner / unit.intro
    english = path.with_name(f"{path.stem}.{tr.lang}{path.suffix}")
    text = (english if english.is_file() else path).read_text("utf-8")
    first, _, rest = text.lstrip().partition("\n")
    return course_markdown(rest if first.startswith("# ") else text)
