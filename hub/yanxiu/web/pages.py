"""Render a page: templates, language, the frame that every page has.

Decides how values look (times on the site's clock, points, hours). Handlers call
``show`` with what their page is about; nothing here asks for more than the reader's name.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from yanxiu import __version__
from yanxiu.clock import local
from yanxiu.i18n import LANG_COOKIE, LANGUAGES, SOURCE, Translator, translator

from .actor import Act, Actor
from .assets import static_address
from .deps import PASSWORD_PATH, get_capabilities, get_service
from .permissions import can_list_work, may
from .sessions import Session, form_token

PACKAGE = Path(__file__).parents[1]
YEAR_S = 365 * 24 * 3600

environment = jinja2.Environment(
    # Each room has the templates of its own pages; no two have one of the same name.
    loader=jinja2.FileSystemLoader(sorted(PACKAGE.glob("*/templates"))),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def _when(instant: datetime | None) -> Markup | str:
    if instant is None:
        return "—"
    here = local(instant)
    return Markup('<time datetime="{}">{}</time>').format(
        here.isoformat(timespec="seconds"), f"{here:%Y-%m-%d %H:%M}"
    )


def _points(value: float | None) -> str:
    return "—" if value is None else f"{round(value, 2):g}"


def _hours(value_x100: int) -> str:
    return f"{value_x100 / 100:g}"


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{max(1, count // 1000)} KB"


environment.filters.update(when=_when, points=_points, hours=_hours, size=_size)


def reader_language(request: Request) -> str:
    """Return the reader's language: asked for in the address, or chosen before.

    Programs say it in a header; browsers send one too, but there people choose.
    """
    if request.url.path.startswith(f"{get_service(request).prefix}api/"):
        wanted = request.headers.get("accept-language", "").strip().lower()
        return "en" if wanted.startswith("en") else SOURCE
    asked = request.query_params.get("lang") or request.cookies.get(LANG_COOKIE, "")
    return asked if asked in LANGUAGES else SOURCE


def reader(request: Request) -> Translator:
    """Return texts in the reader's language."""
    return translator(reader_language(request))


def show(
    request: Request,
    name: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """Return the page ``name``.

    It asks the database nothing, unless the template calls ``beside_jupyter``: the reader's name
    came with the actor.
    """
    service = get_service(request)
    tr = reader(request)
    actor: Actor | None = getattr(request.state, "actor", None)
    session: Session | None = getattr(request.state, "session", None)
    frame = {
        "_": tr.gettext,
        "ngettext": tr.ngettext,
        "t": tr.pick,
        "lang": tr.lang,
        "languages": _language_links(request, tr.lang),
        "site_name": tr.pick(service.site.name),
        "version": __version__,
        "isolation": service.isolation,
        "one_origin": service.layout.one_origin,
        "prefix": service.prefix,
        "base_url": service.base_url,
        "password_path": PASSWORD_PATH,
        "static": lambda file: static_address(service.prefix, file),
        "actor": actor,
        "sso": bool(service.site.sso),
        "may": lambda act: actor is not None and may(actor, Act(act)),
        "marker": actor is not None and can_list_work(actor),
        "beside_jupyter": lambda: (
            get_capabilities(request).beside_jupyter(request, actor, tr) if actor else None
        ),
        "display_name": actor.name if actor else "",
        "csrf": lambda: form_token(session) if session else "",
        "nonce": lambda: _nonce(request),
        "here": request.url.path.removeprefix(service.prefix),
    }
    text = environment.get_template(name).render({**frame, **context})
    response = HTMLResponse(text, status, headers)
    if request.query_params.get("lang") in LANGUAGES:
        # The hub's own pages read it too, so it is not only for this service.
        response.set_cookie(
            LANG_COOKIE, tr.lang, max_age=YEAR_S, path=service.base_url, samesite="lax"
        )
    return response


def _nonce(request: Request) -> str:
    """Return what lets one script of this page run, and no other: the policy names it too."""
    known: str | None = getattr(request.state, "script_nonce", None)
    if known is None:
        known = request.state.script_nonce = secrets.token_urlsafe(16)
    return known


def _language_links(request: Request, current: str) -> list[tuple[str, str, bool]]:
    """Return (name, address, is current) for every language."""
    names = {"zh_CN": "中文", "en": "English"}
    rest = [(key, value) for key, value in request.query_params.multi_items() if key != "lang"]
    return [
        (names[lang], "?" + urlencode([*rest, ("lang", lang)]), lang == current)
        for lang in LANGUAGES
    ]


def go_to(request: Request, path: str) -> Response:
    """Send the reader on to another page of this service, after a form was taken.

    :param path: below the service's own, without a slash in front
    """
    return RedirectResponse(f"{get_service(request).prefix}{path}", 303)


def download(content: bytes, name: str, kind: str) -> Response:
    """Return a file that the browser saves."""
    return Response(
        content,
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
