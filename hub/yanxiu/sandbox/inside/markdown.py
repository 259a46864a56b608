"""Markdown as HTML that a page may show: rendered without raw HTML and then cleaned again.

The one rule for the course's texts, which services render (``yanxiu.web.markdown``), and for
learners', which are rendered in runs alone (``render``): a few kilobytes can be minutes of work.
"""

from typing import Any

import nh3
from markdown_it import MarkdownIt

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").enable("strikethrough")
_TAGS = {
    *("a", "blockquote", "br", "code", "dd", "del", "dl", "dt", "em", "h2", "h3", "h4", "hr"),
    *("li", "ol", "p", "pre", "s", "strong", "sub", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}


def _soft_break(_: object, tokens: Any, index: int, *__: object) -> str:
    """Join lines as their script does: Chinese has no space between words."""
    before = tokens[index - 1].content[-1:] if index else ""
    after = tokens[index + 1].content[:1] if index + 1 < len(tokens) else ""
    # Bold text begins with an empty token: its neighbour is not known, Chinese is likely.
    chinese = [one == "" or one > "\u2e7f" for one in (before, after)]
    return "" if all(chinese) else "\n"


_markdown.add_render_rule("softbreak", _soft_break)


def html_of(text: str) -> str:
    """Return Markdown as HTML that a page may show; its headings begin at h2."""
    html = _markdown.render(text)
    for level in (3, 2, 1):
        html = html.replace(f"<h{level}>", f"<h{level + 1}>").replace(
            f"</h{level}>", f"</h{level + 1}>"
        )
    html = html.replace("<table>", '<div><table class="table">').replace(
        "</table>", "</table></div>"
    )
    cleaned = nh3.clean(
        html,
        tags=_TAGS | {"div"},
        attributes={"a": {"href", "title"}, "table": {"class"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
    )
    return cleaned.replace("<div>", '<div class="table-wrap">')
