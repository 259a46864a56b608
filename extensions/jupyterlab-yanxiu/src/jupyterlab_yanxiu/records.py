"""Ask the records service, without holding up the server, and say what its answers mean.

Decides which sentence a teacher reads for which answer. ``nbgrader_yanxiu`` is the client;
the contract is docs/reference/records-api.md. Called by ``opening`` and ``api``.
"""

import asyncio
import os
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar
from urllib.parse import urlsplit

from nbgrader_yanxiu.errors import NotConnected, RecordsError, TryAgain
from nbgrader_yanxiu.records import Records

from .errors import CannotOpen

P = ParamSpec("P")
T = TypeVar("T")


def connect(language: str) -> Records:
    """Return the records service as this server reaches it, speaking ``language``."""
    return Records.from_environment(language)


def portal() -> str:
    """Return the address of the portal's first page, for the browser.

    Records is asked at an address of its own inside the platform; the hub says what browsers use.
    """
    path = urlsplit(os.environ.get("YANXIU_RECORDS_URL", "")).path.rstrip("/")
    return f"{os.environ.get('JUPYTERHUB_HOST', '')}{path}/"


async def ask(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Return what ``call``, a method of ``Records``, returns; it runs in a thread.

    :raises CannotOpen: with the sentence for the teacher
    """
    try:
        return await asyncio.to_thread(call, *args, **kwargs)
    except RecordsError as error:
        raise meaning(error) from None


async def told(records: Records) -> list[dict[str, str]]:
    """Return the notices for whoever is at work here; none, where they cannot be had.

    They come beside the units: without them the panel goes on.
    """
    try:
        found = await asyncio.to_thread(records.notices)
    except RecordsError:
        return []
    return [
        {"id": str(one["id"]), "text": str(one["text"])}
        for one in found
        if isinstance(one, dict) and {"id", "text"} <= one.keys()
    ]


async def unit_of(records: Records, assignment: str) -> dict[str, Any]:
    """Return the row of ``assignment`` in ``GET units``.

    :raises CannotOpen: also when it is none of the teacher's units
    """
    for unit in await ask(records.units):
        if unit["assignment"] == assignment:
            return unit
    raise CannotOpen("no_unit", status=404)


def meaning(error: RecordsError) -> CannotOpen:
    """Return the same trouble as a teacher who wanted to open something reads it."""
    if isinstance(error, NotConnected):
        return CannotOpen("not_configured", status=503)
    if isinstance(error, TryAgain) or error.status == 429:
        return CannotOpen("away", status=503)
    if error.status == 401:
        return CannotOpen("token", status=403)
    detail = str(error.params.get("message", ""))
    if error.status == 404:
        return CannotOpen("no_unit", status=404, detail=detail)
    return CannotOpen("refused", status=403, detail=detail)
