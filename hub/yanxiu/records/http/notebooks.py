"""Show an executed notebook without trusting a byte of it.

The HTML that a learner's code wrote is cleaned, and then served as a response of its own
whose policy gives it an opaque origin, no script and no network: whatever slips through
the first cannot do anything in the second.
"""

from functools import lru_cache
from typing import Any

import nbformat
from starlette.responses import HTMLResponse, Response

from yanxiu.store.blobs import Blobs

POLICY = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_STYLE = """
body{font:15px/1.6 "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif;margin:1rem;
color:#1c2733;max-width:60rem}
pre{overflow:auto;white-space:pre-wrap;font:13px/1.5 Consolas,monospace;margin:.3rem 0}
.highlight{background:#f4f6f8;border:1px solid #d8dee4;border-radius:6px;padding:.3rem .7rem}
img{max-width:100%;height:auto}
table{border-collapse:collapse}td,th{border:1px solid #d8dee4;padding:.2rem .5rem}
.prompt,.anchor-link{display:none}
.output_stderr,.output_error{background:#fcebe9;padding:.3rem .7rem;border-radius:6px}
"""
_PAGE = (
    '<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<title>notebook</title><style>{style}</style></head><body>{body}</body></html>"
)


def executed_notebook(blobs: Blobs, digest: str) -> Response:
    """Return the notebook as a page that may be framed by ours and do nothing."""
    headers = {"Content-Security-Policy": POLICY, "Cross-Origin-Resource-Policy": "same-origin"}
    return HTMLResponse(_html(blobs.root.as_posix(), digest, blobs.read(digest)), headers=headers)


@lru_cache(maxsize=1)
def _exporter() -> Any:
    from nbconvert import HTMLExporter

    return HTMLExporter(
        template_name="basic", sanitize_html=True, exclude_input_prompt=True, embed_images=False
    )


def _html(root: str, digest: str, data: bytes) -> str:
    notebook = nbformat.reads(data.decode("utf-8"), as_version=4)
    body, _ = _exporter().from_notebook_node(notebook)
    return _PAGE.format(style=_STYLE, body=body)
