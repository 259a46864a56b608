"""Give out files that may be large, in pieces: none of them lies in memory as a whole.

Called by handlers; who may have the file, and what a browser may do with it, is theirs to say.
"""

import os
from collections.abc import Iterator, Mapping
from typing import IO

from starlette.responses import StreamingResponse

#: A thread brings each piece: larger than a bundle of every day, small beside a large one.
_CHUNK = 256 * 1024


def download(
    file: IO[bytes], media_type: str, headers: Mapping[str, str] | None = None
) -> StreamingResponse:
    """Return the answer that sends an open file, and closes it."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    said = {"Content-Length": str(size), **(headers or {})}
    return StreamingResponse(_pieces(file), media_type=media_type, headers=said)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_CHUNK):
            yield piece
