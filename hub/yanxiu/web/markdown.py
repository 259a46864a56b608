"""Markdown of courses and of the site as HTML that a page may show.

Never a learner's: that is rendered in a run with limits, once (``sandbox.inside.render``).
"""

from markupsafe import Markup

from yanxiu.sandbox.inside.markdown import html_of


def markdown(text: str) -> Markup:
    """Return Markdown as HTML that a page may show; its headings begin at h2."""
    return Markup(html_of(text))  # noqa: S704 - cleaned
