"""Show an executed notebook without trusting a byte of it.

Everything that a learner's code wrote is escaped or cleaned, and then served as a response
of its own whose policy gives it an opaque origin, no script and no network: whatever slips
through the first can do nothing in the second.

Not nbconvert: it parses each output three times in Python, so two megabytes of table or
code keep a processor busy for a minute and a half. Here code is folded, as in the course.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jinja2
import nbformat
import nh3
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from yanxiu.errors import N_, Invalid
from yanxiu.store.blobs import Blobs
from yanxiu.web.markdown import markdown
from yanxiu.web.pages import PACKAGE, reader

POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
#: Characters of texts and outputs that are shown in all; pictures do not count.
MOST_TEXT = 400_000
_PICTURES = ("image/png", "image/jpeg")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_TAGS = {
    *("a", "b", "blockquote", "br", "caption", "code", "col", "colgroup", "dd", "del", "details"),
    *("div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol"),
    *("p", "pre", "s", "small", "span", "strong", "sub", "summary", "sup"),
    *("table", "tbody", "td", "tfoot", "th", "thead", "tr", "u", "ul"),
}
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
#: Its own, without the frame of the portal's pages: nothing of the session is at hand here.
_templates = jinja2.Environment(
    loader=jinja2.FileSystemLoader(PACKAGE / "work" / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


@dataclass
class CellView:
    """A cell as the page shows it: a text, or code and what came out of it."""

    text: Markup | None = None
    code: str = ""
    outputs: list[Markup] = field(default_factory=list)


def executed_notebook(request: Request, blobs: Blobs, digest: str) -> Response:
    """Return the notebook as a page that may be framed by ours and do nothing.

    :raises Invalid: it is no notebook
    """
    try:
        notebook = nbformat.reads(blobs.read(digest).decode("utf-8"), as_version=4)
        cells = cells_of(notebook)
    except Exception:
        # A learner's code wrote it: there is no end to the ways in which it can be wrong.
        raise Invalid(
            "executed.broken", N_("执行后的笔记本打不开。请看表格里的答案，或请老师重新提交。")
        ) from None
    tr = reader(request)
    page = _templates.get_template("notebook.html")
    return HTMLResponse(
        page.render(cells=cells, lang=tr.lang, _=tr.gettext),
        headers={"Content-Security-Policy": POLICY, "Cross-Origin-Resource-Policy": "same-origin"},
    )


def cells_of(notebook: Any) -> list[CellView]:
    """Return a notebook's cells, escaped and cleaned; whatever its code wrote, it may raise."""
    return _Shown().cells(notebook)


def clean(html: str) -> Markup:
    """Return the harmless part of HTML that a learner's code wrote."""
    cleaned = nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style", "svg", "math", "template", "title"},
        attributes=_ATTRIBUTES,
        url_schemes={"data", "http", "https"},
        attribute_filter=_attribute,
    )
    return Markup(cleaned)  # noqa: S704 - cleaned


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Keep only pictures that are in the notebook, and links that lead to the web."""
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "href":
        return value if value.startswith(("http://", "https://")) else None
    return value


class _Shown:
    """Goes through a notebook until enough is shown."""

    def __init__(self) -> None:
        self.left = MOST_TEXT

    def cells(self, notebook: Any) -> list[CellView]:
        return [self._cell(cell) for cell in notebook.cells]

    def _cut(self, text: Any) -> str:
        text = "".join(map(str, text)) if isinstance(text, list) else str(text)
        shown = text if len(text) <= self.left else text[: self.left] + "\n…"
        self.left = max(0, self.left - len(text))
        return shown

    def _cell(self, cell: Mapping[str, Any]) -> CellView:
        source = self._cut(cell["source"])
        if cell["cell_type"] == "markdown":
            return CellView(text=markdown(source))
        if cell["cell_type"] != "code":
            return CellView()
        outputs = [self._output(output) for output in cell.get("outputs", ())]
        return CellView(code=source, outputs=[one for one in outputs if one])

    def _output(self, output: Mapping[str, Any]) -> Markup | None:
        kind = output["output_type"]
        if kind == "stream":
            return self._plain(output["text"], "")
        if kind == "error":
            return self._plain(list(output.get("traceback", ()))[-12:], "error", between="\n")
        data = output.get("data", {})
        for picture in _PICTURES:
            if picture in data and _BASE64.fullmatch(str(data[picture])):
                return Markup('<img src="data:{};base64,{}" alt="">').format(picture, data[picture])
        if "text/html" in data:
            return clean(self._cut(data["text/html"]))
        if "text/markdown" in data:
            return markdown(self._cut(data["text/markdown"]))
        return self._plain(data["text/plain"], "") if "text/plain" in data else None

    def _plain(self, text: Any, style: str, between: str = "") -> Markup:
        joined = between.join(map(str, text)) if isinstance(text, list) else str(text)
        return Markup('<pre class="{}">{}</pre>').format(style, _ANSI.sub("", self._cut(joined)))
