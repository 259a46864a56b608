"""Take bodies of requests: forms, and long ones streamed into an unnamed file, so that no thread
waits for a line.

Called by the handlers that take bundles, and by ``deps`` and ``errors`` for forms; what is in them
is the verbs' to judge.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect

from yanxiu.errors import N_, Invalid
from yanxiu.settings.model import Site
from yanxiu.store.blobs import Blobs

#: What is written to the disk at a time; a chunk of the line is 64 KB.
_AT_ONCE = 1_000_000
#: A form has a file field for each task that asks for files, and up to five files in each.
MOST_FILES = 50


@asynccontextmanager
async def received(request: Request, blobs: Blobs, site: Site) -> AsyncIterator[IO[bytes]]:
    """Give the body, at its start; past twice a bundle's size the verb refuses it anyway.

    No thread waits meanwhile: forty teachers on slow lines must not stop the portal.
    """
    most, taken, waiting = site.bundle.max_mb * 2_000_000, 0, bytearray()
    with blobs.unnamed() as body:
        try:
            async for chunk in request.stream():
                taken += len(chunk)
                waiting += chunk
                if len(waiting) >= _AT_ONCE:
                    await run_in_threadpool(body.write, waiting)
                    waiting = bytearray()
                if taken > most:
                    break
        except ClientDisconnect:
            raise cut() from None
        if taken > _AT_ONCE:
            await run_in_threadpool(body.write, waiting)
        else:
            body.write(waiting)  # stays in memory: not worth a thread
        body.seek(0)
        yield body


def is_short(request: Request) -> bool:
    """Say whether a body announces that it comes in one go and stays in memory."""
    length = announced(request)
    return length is not None and length <= _AT_ONCE


async def read_form(request: Request) -> FormData:
    """Return the posted form, whoever sent it; how long it may be, ``limits`` has said.

    :raises Invalid: it does not say how long it is
    """
    known: FormData | None = getattr(request.state, "form", None)
    if known is not None:
        return known
    if announced(request) is None:
        raise Invalid("form.length", N_("请求没有说明长度，没有收下。"), status=411)
    form = await request.form(max_files=MOST_FILES, max_fields=2000, max_part_size=1024 * 1024)
    request.state.form = form
    return form


def announced(request: Request) -> int | None:
    """Return how many bytes a body says it has; None if it does not say, or says nonsense."""
    length = request.headers.get("content-length", "")
    # Not "²", which Python calls a digit, nor a number longer than it reads.
    return int(length) if re.fullmatch("[0-9]{1,18}", length) else None


def cut() -> Invalid:
    """Return the refusal of what broke off; nobody is there to read it."""
    return Invalid(
        "bundle.cut",
        N_("上传中断了，没有收下。您的文件没有改动，请检查网络后再提交一次。"),
        status=400,
    )
