"""Serve an executed notebook as it was rendered, without looking at a byte of it.

Its cells were escaped and cleaned in a run with limits, once, when it was graded
(``sandbox.inside.render``). Here they get a page around them and a policy that gives them an
opaque origin, no script and no network: whatever slips through the first can do nothing in
the second. No learner's notebook, Markdown or HTML is parsed by a service.
"""

from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from fastapi import Request
from markupsafe import Markup
from starlette.responses import Response, StreamingResponse

from yanxiu.i18n import Translator
from yanxiu.store.blobs import LARGE, chunks_of
from yanxiu.web.downloads import download
from yanxiu.web.pages import environment, reader

#: Of the page, which the portal frames.
POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
#: Of a file to keep.
FILE_POLICY = (
    "sandbox; default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_CELLS = Markup("<!--cells-->")


def rendered_notebook(request: Request, cells: IO[bytes]) -> Response:
    """Return the notebook as a page that may be framed by ours and do nothing.

    :param cells: an open file of its cells as HTML; closed here
    """
    head, tail = page_around(_CELLS, reader(request)).split(str(_CELLS))

    def parts() -> Iterator[bytes]:
        with cells:
            yield head.encode()
            yield from chunks_of(cells, LARGE)
            yield tail.encode()

    return StreamingResponse(
        parts(),
        media_type="text/html",
        headers={"Content-Security-Policy": POLICY, "Cross-Origin-Resource-Policy": "same-origin"},
    )


def page_around(cells: Markup, tr: Translator) -> str:
    """Return the page around cells; nothing of the session is in it."""
    return environment.get_template("notebook.html").render(cells=cells, lang=tr.lang, _=tr.gettext)


def notebook_file(content: IO[bytes], name: str) -> Response:
    """Return an open notebook as a file to keep; no browser opens it."""
    return download(
        content,
        "application/octet-stream",
        {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": FILE_POLICY,
            "Cross-Origin-Resource-Policy": "same-origin",
        },
    )
