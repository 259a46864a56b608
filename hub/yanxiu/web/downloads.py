"""Give out files that may be large, in pieces: none of them lies in memory as a whole.

A line that breaks may go on where it stopped, if the file has a name for its content. Called by
handlers; who may have the file, and what a browser may do with it, is theirs to say.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import IO

from fastapi import Request
from starlette.responses import StreamingResponse

from yanxiu.store.blobs import LARGE, chunks_of

_FROM = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


def download(
    file: IO[bytes], media_type: str, headers: Mapping[str, str] | None = None
) -> StreamingResponse:
    """Return the answer that sends an open file, and closes it."""
    return _sent(file, media_type, headers or {}, range(_size(file)))


def resumable(
    request: Request,
    file: IO[bytes],
    media_type: str,
    headers: Mapping[str, str],
    digest: str,
) -> StreamingResponse:
    """Return the answer that sends an open file, or the rest of it that the browser lacks.

    :param digest: of its content, so that no two files are put together
    """
    size, tag = _size(file), f'"{digest}"'
    said = {"ETag": tag, "Accept-Ranges": "bytes", **headers}
    asked = _FROM.fullmatch(request.headers.get("range", ""))
    # What is not understood or not there is answered with the whole, as HTTP allows.
    if asked is None or request.headers.get("if-range", tag) != tag:
        return _sent(file, media_type, said, range(size))
    first, last = int(asked[1]), int(asked[2] or size)
    part = range(first, min(last + 1, size))
    if not part:
        return _sent(file, media_type, said, range(size))
    said["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
    return _sent(file, media_type, said, part, 206)


def _size(file: IO[bytes]) -> int:
    return file.seek(0, os.SEEK_END)


def _sent(
    file: IO[bytes], media_type: str, headers: Mapping[str, str], part: range, status: int = 200
) -> StreamingResponse:
    said = {"Content-Length": str(len(part)), **headers}
    return StreamingResponse(_pieces(file, part), status, said, media_type)


def _pieces(file: IO[bytes], part: range) -> Iterator[bytes]:
    left = len(part)
    with file:
        file.seek(part.start)
        for piece in chunks_of(file, LARGE):
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return
