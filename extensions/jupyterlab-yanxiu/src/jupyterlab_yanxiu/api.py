"""The panel's addresses below ``<base>/yanxiu/api``: what the browser may ask this server.

Translates between HTTP and the modules that decide. Everything needs the login, everything
that changes something also the XSRF token (both are Jupyter Server's); the token of the
records service stays here. Added to the server by the package's load function.

| call | answer |
| --- | --- |
| ``GET units`` | ``{"units", "portal", "idle", "notices", "now"}`` |
| ``GET units/<id>/tasks`` | ``{"tasks"}``, from the files alone |
| ``POST units/<id>/open`` ``{"choice"}`` | ``{"path"}`` |
| ``POST units/<id>/choose`` ``{"folder"}`` | ``{"path"}``: go on in another folder |
| ``POST units/<id>/submit`` ``{"confirmed"}`` | the job, or ``{"state": "confirm", "missing"}`` |
| ``GET units/<id>/submit`` | the newest job |
| ``GET units/<id>/feedback`` | the feedback, 404 before the marks are released |
| ``GET notebook?path=`` | ``{"assignment", "sources"}``: cells that may run by themselves |
| ``GET idle`` · ``POST here`` | ``{"minutes", "left_s"}``; the second counts as use |
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from . import errors, folder, idle, released, tasks, units
from .errors import CannotOpen
from .folder import Found
from .opening import CHOICES, open_unit, release_files
from .records import ask, connect, portal, told, unit_of
from .submitting import Submitter

Method = Callable[..., Awaitable[None]]


def said(method: Method) -> Method:
    """Answer a refusal as ``{"code", "message"}`` in the panel's language."""

    @wraps(method)
    async def wrapped(self: "Panel", *args: Any) -> None:
        try:
            await method(self, *args)
        except CannotOpen as problem:
            self.log.warning("the panel was refused: %s", problem.code)
            self.set_status(problem.status)
            self.finish({"code": problem.code, "message": problem.text(self.language)})

    return wrapped


class Panel(APIHandler):
    """What every address of the panel shares."""

    @property
    def language(self) -> str:
        """The panel's, which is JupyterLab's."""
        return errors.language(self.request.headers.get("Accept-Language", ""))

    @property
    def root(self) -> Path:
        """Where the teacher's files are."""
        return Path(self.settings["server_root_dir"]).expanduser()

    @property
    def submitter(self) -> Submitter:
        """The submits of this server."""
        found: Submitter = self.settings.setdefault("yanxiu_submitter", Submitter())
        return found

    def wish(self, name: str, kind: type) -> Any:
        """Return a field of the request's body. :raises CannotOpen: it is none, or another kind"""
        try:
            body = self.get_json_body()
        except web.HTTPError:
            raise CannotOpen("bad_request", status=400) from None
        wishes = {} if body is None else body
        if not isinstance(wishes, dict) or not isinstance(wishes.get(name, kind()), kind):
            raise CannotOpen("bad_request", status=400)
        return wishes.get(name, kind())

    async def folder_of(self, assignment: str) -> Found:
        """Return the unit's folder. :raises CannotOpen: it is not there"""
        there = await asyncio.to_thread(folder.all_of, self.root, assignment)
        if not there:
            raise CannotOpen("not_here", status=404)
        return there[0]

    def path(self, target: Path) -> str:
        """Return a path as JupyterLab names it."""
        return PurePosixPath(target).as_posix()


class Quiet(Panel):
    """What the panel asks by itself: no use of the server, or it would never be idle."""

    _track_activity = False


class UnitsHandler(Quiet):
    """Everything the panel shows."""

    @web.authenticated
    @said
    async def get(self) -> None:
        """Answer with the units; records is asked, the home is read."""
        rows = await ask(connect(self.language).units)
        notices = await told(connect(self.language))
        shown = await asyncio.to_thread(self._shown, rows)
        self.finish(
            {
                "units": shown,
                "portal": portal(),
                "idle": idle.described(self.application),
                "notices": notices,
                "now": datetime.now(UTC).isoformat(),
            }
        )

    def _shown(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [units.described(self.root, row, self.submitter) for row in rows]


class TasksHandler(Quiet):
    """Which tasks are done; records is not asked."""

    @web.authenticated
    @said
    async def get(self, assignment: str) -> None:
        """Answer with the tasks of the folder that is meant."""
        there = await self.folder_of(assignment)
        self.finish({"tasks": await asyncio.to_thread(tasks.progress, there.folder)})


class OpenUnitHandler(Panel):
    """Open a unit, and fetch it if it is not there."""

    @web.authenticated
    @said
    async def post(self, assignment: str) -> None:
        """Answer with the notebook's path."""
        choice = self.wish("choice", str)
        if choice not in CHOICES:
            raise CannotOpen("bad_request", status=400)
        path = await open_unit(self.root, assignment, self.language, choice)
        self.finish({"path": self.path(path)})


class ChooseHandler(Panel):
    """Go on in another folder of the same unit."""

    @web.authenticated
    @said
    async def post(self, assignment: str) -> None:
        """Answer with the notebook's path."""
        wanted = self.wish("folder", str)
        for one in await asyncio.to_thread(folder.all_of, self.root, assignment):
            if one.folder.name == wanted:
                await asyncio.to_thread(folder.choose, one)
                path = await open_unit(self.root, assignment, self.language)
                self.finish({"path": self.path(path)})
                return
        raise CannotOpen("not_here", status=404)


class SubmitHandler(Quiet):
    """Hand in, and how it goes."""

    @web.authenticated
    @said
    async def get(self, assignment: str) -> None:
        """Answer with the newest job."""
        there = await asyncio.to_thread(folder.find, self.root, assignment)
        self.finish(self.submitter.described(assignment, there))

    @web.authenticated
    @said
    async def post(self, assignment: str) -> None:
        """Begin, or say first which tasks are missing."""
        self.settings["api_last_activity"] = datetime.now(UTC)
        confirmed = self.wish("confirmed", bool)
        there = await self.folder_of(assignment)
        found = await asyncio.to_thread(tasks.progress, there.folder)
        missing = [one["title"] for one in found if not one["done"]]
        if missing and not confirmed:
            self.finish({"state": "confirm", "missing": missing})
            return
        records = connect(self.language)
        job = self.submitter.start(assignment, there.folder, records, self.language)
        self.set_status(202)
        self.finish(job.described())


class FeedbackHandler(Panel):
    """What the graders said."""

    @web.authenticated
    @said
    async def get(self, assignment: str) -> None:
        """Answer with the newest released feedback."""
        found = await ask(connect(self.language).feedback, assignment)
        if found is None:
            raise CannotOpen("no_answer", status=404)
        self.finish(found)


class NotebookHandler(Quiet):
    """Which cells of a notebook are the course's own."""

    @web.authenticated
    @said
    async def get(self) -> None:
        """Answer with their sources; of a notebook that is no unit's, with none."""
        path = PurePosixPath(self.get_query_argument("path", ""))
        known = await asyncio.to_thread(folder.everything, self.root)
        one = next(
            (
                one
                for one in known
                if one.folder.relative_to(self.root).as_posix() == path.parent.as_posix()
            ),
            None,
        )
        sources: list[str] = []
        if one is not None and one.mark.get("notebook") == path.name:
            sources = await self._sources(one, path.name)
        assignment = one.mark["assignment"] if one else None
        self.finish({"assignment": assignment, "sources": sources})

    async def _sources(self, one: Found, notebook: str) -> list[str]:
        learner = one.mark.get("learner")
        if not isinstance(learner, str):
            return []
        kept = await asyncio.to_thread(released.recall, learner)
        if kept is not None:
            return kept
        records, assignment = connect(self.language), one.mark["assignment"]
        # An older version cannot be fetched any more: then nothing runs by itself.
        if (await unit_of(records, assignment)).get("learner") != learner:
            return []
        await release_files(records, assignment, learner, (notebook,))
        return await asyncio.to_thread(released.recall, learner) or []


class IdleHandler(Quiet):
    """When the server stops."""

    @web.authenticated
    async def get(self) -> None:
        """Answer without counting as use."""
        self.finish(idle.described(self.application))


class HereHandler(Panel):
    """我还在: counts as use, as every request of a person does."""

    @web.authenticated
    async def post(self) -> None:
        """Answer when the server stops now."""
        self.settings["api_last_activity"] = datetime.now(UTC)
        self.finish(idle.described(self.application))


def addresses(base_url: str) -> list[tuple[str, type[APIHandler]]]:
    """Return what to add to the server."""
    one = ("units", "([^/]+)")
    table: list[tuple[tuple[str, ...], type[APIHandler]]] = [
        (("units",), UnitsHandler),
        ((*one, "tasks"), TasksHandler),
        ((*one, "open"), OpenUnitHandler),
        ((*one, "choose"), ChooseHandler),
        ((*one, "submit"), SubmitHandler),
        ((*one, "feedback"), FeedbackHandler),
        (("notebook",), NotebookHandler),
        (("idle",), IdleHandler),
        (("here",), HereHandler),
    ]
    return [(url_path_join(base_url, "yanxiu", "api", *parts), kind) for parts, kind in table]
