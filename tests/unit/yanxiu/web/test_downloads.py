"""A download goes on where its line broke, and never joins two files."""

import asyncio
import io

import pytest
from starlette.requests import Request
from yanxiu.web.downloads import resumable

DIGEST = "ab" * 32
CONTENT = bytes(range(250)) * 4000  # more than one piece


def fetched(**headers: str) -> tuple[int, dict[str, str], bytes]:
    """Return what a browser gets that asks with these headers; the file is closed after it."""
    raw = [(name.replace("_", "-").encode(), one.encode()) for name, one in headers.items()]
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": raw})
    file = io.BytesIO(CONTENT)
    answer = resumable(request, file, "application/zip", {"Cache-Control": "no-store"}, DIGEST)

    async def body() -> bytes:
        return b"".join([part async for part in answer.body_iterator])

    whole = asyncio.run(body())
    assert file.closed
    assert answer.headers["content-length"] == str(len(whole))
    return answer.status_code, dict(answer.headers), whole


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-", slice(0, None)),
        ("bytes=700000-", slice(700_000, None)),
        ("bytes=10-19", slice(10, 20)),
        ("bytes=999990-2000000", slice(999_990, None)),
    ],
)
def test_the_rest_of_a_file(asked, part):
    status, headers, body = fetched(range=asked, if_range=f'"{DIGEST}"')
    assert (status, body) == (206, CONTENT[part])
    first = part.start
    assert headers["content-range"] == f"bytes {first}-{first + len(body) - 1}/{len(CONTENT)}"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"range": "bytes=1000000-"},  # there is no more
        {"range": "bytes=20-10"},
        {"range": "bytes=-5"},  # not understood: the whole is right as well
        {"range": "bytes=0-1,5-6"},
        {"range": "bytes=10-19", "if_range": '"another file"'},
    ],
)
def test_everything_else_is_the_whole(headers):
    status, said, body = fetched(**headers)
    assert (status, body) == (200, CONTENT)
    assert said["etag"] == f'"{DIGEST}"'
