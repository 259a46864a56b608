"""Render a notebook as HTML that does nothing, once, where it may fall over without harm.

Everything that a learner's code wrote is escaped or cleaned; records then serves the result as
it is, under a policy that gives it an opaque origin, no script and no network. Cleaning has no
end that one could know beforehand: 32 kB of inline tags become 39 MB of HTML, 4 kB of Markdown
65,536 cells, and a failed allocation in Rust ends a process at once. So cells are rendered in
a child with limits of its own: the one that it falls over shows its source and a sentence, and
another child goes on after it. Called by ``show``.

Not nbconvert: it parses each output three times in Python, so two megabytes of table or code
keep a processor busy for a minute and a half. Code is folded, as in the course.
"""

import os
import re
import resource
import signal
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

import nh3

from .markdown import html_of

#: Characters of texts and outputs that are shown in all; pictures do not count.
MOST_TEXT = 400_000
#: Bytes of the whole; pictures are at most eight million of them (``outputs``).
MOST_HTML = 20_000_000
#: What one child may have beyond what the parent has already, bytes.
MEMORY = 256 << 20
#: Processor seconds of all children together, and of one: a hostile cell leaves time for others.
CPU_S, CPU_EACH_S = 24, 8
#: Characters that are shown of a cell which could not be rendered.
MOST_SOURCE = 20_000
_NUMBER = 8
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
#: Both languages are in the page, and its style shows one: it is rendered before anybody reads it.
_CODE = '<span class="ui" lang="zh-CN">代码</span><span class="ui" lang="en">Code</span>'
_TOO_MUCH = (
    '<p class="error"><span class="ui" lang="zh-CN">这一格的内容太复杂，超出了显示的限制，'
    "没有显示。需要时请下载笔记本，用 Jupyter 打开。</span>"
    '<span class="ui" lang="en">This cell is too complex to be shown within the limits. '
    "Download the notebook and open it in Jupyter.</span></p>"
)


def fragment(cells: Sequence[Mapping[str, Any]]) -> bytes:
    """Return cells as ``<section>``s; what cannot be rendered within the limits says so."""
    page = bytearray()
    for part in _parts(cells):
        if len(page) + len(part) > MOST_HTML:
            page += f"<section>{_TOO_MUCH}</section>\n".encode()
            break
        page += part
    return bytes(page)


def unlimited(cells: Sequence[Mapping[str, Any]]) -> str:
    """Return the same of notebooks that one wrote oneself: without children, without limits."""
    shown = Shown()
    return "".join(shown.cell(cell) for cell in cells)


def _parts(cells: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
    """Give each cell's section, of those that a child fell over their source alone."""
    at, left, cpu_s = 0, MOST_TEXT, float(CPU_S)
    while at < len(cells):
        if cpu_s >= 1:
            child = _Child(cells[at:], left, int(min(CPU_EACH_S, cpu_s)))
            try:
                for still_left, part in child:
                    at, left = at + 1, still_left
                    yield part
            finally:
                # A fork is never free, so a thousand cells cannot ask for a thousand of them.
                cpu_s -= max(child.end(), 0.25)
        if at < len(cells):
            yield _source_of(cells[at])
            at += 1


def _source_of(cell: Mapping[str, Any]) -> bytes:
    """Return a cell that could not be rendered: what was written, and a sentence."""
    written = f"<pre>{escape(cell['source'][:MOST_SOURCE])}</pre>"
    if cell["cell_type"] == "code":
        written = f"<details><summary>{_CODE}</summary>{written}</details>"
    return f"<section>{written}{_TOO_MUCH}</section>\n".encode("utf-8", "replace")


class _Child:
    """A process that renders cells in turn until it is through, or falls over one.

    :param left: characters of text that may still be shown
    """

    def __init__(self, cells: Sequence[Mapping[str, Any]], left: int, cpu_s: int):
        reading, writing = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(reading)
                _render(cells, left, cpu_s, writing)
            finally:
                os._exit(0)
        os.close(writing)
        self._answers = os.fdopen(reading, "rb")

    def __iter__(self) -> Iterator[tuple[int, bytes]]:
        """Give how many characters are left, and a section."""
        while len(head := self._answers.read(2 * _NUMBER)) == 2 * _NUMBER:
            left, length = int.from_bytes(head[:_NUMBER]), int.from_bytes(head[_NUMBER:])
            part = self._answers.read(length)
            if len(part) < length:
                return
            yield left, part

    def end(self) -> float:
        """End it; return the processor seconds that it took."""
        self._answers.close()
        os.kill(self._pid, signal.SIGKILL)
        used = os.wait4(self._pid, 0)[2]
        return used.ru_utime + used.ru_stime


def _render(cells: Sequence[Mapping[str, Any]], left: int, cpu_s: int, writing: int) -> None:
    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    for name, most in (
        (resource.RLIMIT_AS, now + MEMORY),
        (resource.RLIMIT_CPU, cpu_s),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(name, (most, most))
    shown = Shown(left)
    with os.fdopen(writing, "wb", buffering=0) as out:
        for cell in cells:
            part = shown.cell(cell).encode("utf-8", "replace")
            head = shown.left.to_bytes(_NUMBER) + len(part).to_bytes(_NUMBER)
            for piece in (head, part):
                rest = memoryview(piece)
                while rest:
                    rest = rest[out.write(rest) :]


def clean(html: str) -> str:
    """Return the harmless part of HTML that a learner's code wrote."""
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style", "svg", "math", "template", "title"},
        attributes=_ATTRIBUTES,
        url_schemes={"data", "http", "https"},
        attribute_filter=_attribute,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Keep only pictures that are in the notebook, and links that lead to the web."""
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "href":
        return value if value.startswith(("http://", "https://")) else None
    return value


class Shown:
    """Goes through a notebook, as ``outputs`` or ``prepare`` made it, until enough is shown."""

    def __init__(self, left: int = MOST_TEXT) -> None:
        self.left = left

    def cell(self, cell: Mapping[str, Any]) -> str:
        """Return a cell's section, empty when there is nothing to show of it."""
        source = self._cut(cell["source"])
        if cell["cell_type"] == "markdown":
            return f"<section>{html_of(source)}</section>\n" if source else ""
        if cell["cell_type"] != "code":
            return ""
        code = ""
        if source:
            code = f"<details><summary>{_CODE}</summary><pre>{escape(source)}</pre></details>"
        outputs = [self._output(output) for output in cell.get("outputs", ())]
        came = "".join(f"<div>{one}</div>\n" for one in outputs if one)
        return f"<section>{code}{came}</section>\n" if code or came else ""

    def _cut(self, text: Any) -> str:
        text = "".join(map(str, text)) if isinstance(text, list) else str(text)
        shown: str = text if len(text) <= self.left else text[: self.left] + "\n…"
        self.left = max(0, self.left - len(text))
        return shown

    def _output(self, output: Mapping[str, Any]) -> str:
        kind = output["output_type"]
        if kind == "stream":
            return self._plain(output["text"], "")
        if kind == "error":
            return self._plain(list(output.get("traceback", ()))[-12:], "error", between="\n")
        data = output.get("data", {})
        for picture in _PICTURES:
            if picture in data and _BASE64.fullmatch(str(data[picture])):
                return f'<img src="data:{picture};base64,{data[picture]}" alt="">'
        if "text/html" in data:
            return clean(self._cut(data["text/html"]))
        if "text/markdown" in data:
            return html_of(self._cut(data["text/markdown"]))
        return self._plain(data["text/plain"], "") if "text/plain" in data else ""

    def _plain(self, text: Any, style: str, between: str = "") -> str:
        joined = between.join(map(str, text)) if isinstance(text, list) else str(text)
        shown = escape(_ANSI.sub("", self._cut(joined)))
        return f'<pre class="{style}">{shown}</pre>' if style else f"<pre>{shown}</pre>"
