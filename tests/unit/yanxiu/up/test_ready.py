"""A launcher is found however long the path to its socket is. Real sockets."""

import asyncio
import json
import os
from pathlib import Path

import pytest
from yanxiu.sandbox.relay import listen_unix
from yanxiu.up.ready import launcher_answers, launcher_status

STATUS = {
    "sandboxes": 0,
    "limits_by": "rlimit",
    "isolation": True,
    "own_ids": False,
    "not_isolated": ["内存没有限制。"],
}


async def a_launcher(folder: Path, answer: bytes) -> asyncio.Server:
    folder.mkdir(parents=True)

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)
        writer.close()

    opened = os.open(folder, os.O_PATH)
    try:
        return await asyncio.start_unix_server(answered, sock=listen_unix(opened, "launcher.sock"))
    finally:
        os.close(opened)


@pytest.mark.parametrize("length", [1, 120, 200])
async def test_it_is_asked_at_the_end_of_a_long_path(tmp_path, length):
    folder = tmp_path / ("x" * length)
    async with await a_launcher(folder, json.dumps(STATUS).encode() + b"\n"):
        assert await launcher_answers(folder / "launcher.sock")
        status = await launcher_status(folder / "launcher.sock")
    assert status is not None
    assert list(status.not_isolated) == ["内存没有限制。"]


@pytest.mark.parametrize("answer", [b"", b'{"error": "x", "message": "y"}\n'])
async def test_one_that_says_nothing_of_use_does_not_answer(tmp_path, answer):
    async with await a_launcher(tmp_path / "run", answer):
        assert not await launcher_answers(tmp_path / "run" / "launcher.sock")


async def test_none_does_not_answer(tmp_path):
    assert not await launcher_answers(tmp_path / "run" / "launcher.sock")
    (tmp_path / "run").mkdir()
    assert not await launcher_answers(tmp_path / "run" / "launcher.sock")
