"""Listen on this machine only, until Ctrl+C."""

import socket
from pathlib import Path

import click
import uvicorn

from yanxiu.cli.words import say
from yanxiu.errors import SettingsError

from .pages import make_app
from .tool import Tool, find_tool
from .workshop import Workshop

HOST = "127.0.0.1"


def serve(course: Path, unit: str | None, port: int) -> None:
    """Serve the preview of ``course``.

    :raises SettingsError: there is no such folder, or the port is taken
    """
    if not course.is_dir():
        raise SettingsError(
            say(f"没有这个课程文件夹：{course}。请检查路径。", f"No such course folder: {course}.")
        )
    listening = _listen(port)
    shop = Workshop(course, Tool(find_tool()))
    try:
        click.echo(say("正在生成课程……", "Building the course…"))
        shop.start()
        for sentence in shop.problems:
            click.echo(f"- {sentence}", err=True)
        address = f"http://{HOST}:{listening.getsockname()[1]}/{f'{unit}/' if unit else ''}"
        click.echo(
            say(
                f"预览在 {address} ，改了文件会自动更新。按 Ctrl+C 结束。",
                f"Preview at {address} ; it follows your files. Ctrl+C ends it.",
            )
        )
        config = uvicorn.Config(make_app(shop), log_level="warning", lifespan="off")
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        shop.close()
        listening.close()


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, port))
    except OSError:
        listening.close()
        raise SettingsError(
            say(
                f"端口 {port} 正在被别的程序使用。请换一个，或不写 --port。",
                f"Port {port} is in use. Choose another, or leave --port out.",
            )
        ) from None
    return listening
