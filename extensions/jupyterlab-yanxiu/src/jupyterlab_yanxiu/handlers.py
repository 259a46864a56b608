"""``GET <base>/yanxiu/open/<assignment>``: from the portal's button into JupyterLab.

Decides where the browser goes: to the notebook, or to a page that says what to do. The
panel's own addresses are in ``api``. Added to the server by the package's load function.
"""

from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.escape import url_escape, xhtml_escape

from . import errors
from .errors import CannotOpen
from .opening import open_unit
from .records import portal

PAGE = """<!DOCTYPE html>
<html lang="{lang}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 1.05rem/1.7 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif; color: #1f2933;
  max-width: 34rem; margin: 12vh auto; padding: 0 1.2rem }}
h1 {{ font-size: 1.35rem }}
a {{ display: inline-block; margin: .6rem 1rem 0 0; color: #0b57a4 }}
</style></head>
<body><h1>{title}</h1>{paragraphs}<p><a href="{again}">{again_text}</a><a href="{back}">{back_text}</a></p>
</body></html>
"""


class OpenHandler(JupyterHandler):
    """Open one unit; a GET, because a link in the portal leads here."""

    @web.authenticated
    async def get(self, assignment: str) -> None:
        """Redirect to the unit's notebook, or say why not."""
        accept = self.request.headers.get("Accept-Language", "")
        # Expanded: ``~/work`` is what a command line may have given.
        root = Path(self.settings["server_root_dir"]).expanduser()
        try:
            notebook = await open_unit(root, assignment, errors.language(accept))
        except CannotOpen as problem:
            self.log.warning("a unit was not opened: %s", problem.code)
            self._say(problem, errors.language(accept))
            return
        path = "/".join(url_escape(part, plus=False) for part in notebook.parts)
        self.redirect(url_path_join(self.base_url, "lab", "tree", path))

    def _say(self, problem: CannotOpen, language: str) -> None:
        sentences: list[Any] = [problem.detail, errors.SENTENCES[problem.code][language]]
        self.set_status(problem.status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(
            PAGE.format(
                lang=language.replace("_", "-"),
                title=errors.TITLE[language],
                paragraphs="".join(f"<p>{xhtml_escape(text)}</p>" for text in sentences if text),
                again=xhtml_escape(self.request.path),
                again_text=errors.AGAIN[language],
                back=xhtml_escape(portal()),
                back_text=errors.BACK[language],
            )
        )
