"""A group of commands whose modules are imported when they are asked for.

A start needs not wait for all the others' libraries, and where one role's libraries are installed
only, the commands that these carry are there: the others say what is missing. Used by ``main``
and ``course``.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

from yanxiu.errors import SettingsError

from .words import say


class LazyGroup(click.Group):
    """A group with commands that it names and has not imported.

    :param lazy: the command's name → ``"module.attribute"`` beside this module
    """

    def __init__(self, *args: Any, lazy: Mapping[str, str], **more: Any):
        super().__init__(*args, **more)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands, of those not yet imported too."""
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None, and so no line of the help, where its libraries are not."""
        try:
            return self._load(cmd_name) or super().get_command(ctx, cmd_name)
        except SettingsError:
            return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that ``args`` begin with.

        :raises SettingsError: its libraries are not installed here
        """
        self._load(args[0])
        return super().resolve_command(ctx, args)

    def _load(self, name: str) -> click.Command | None:
        if name not in self._lazy:
            return None
        module, _, attribute = self._lazy[name].partition(".")
        try:
            command = getattr(import_module(f"{__package__}.{module}"), attribute)
        except ModuleNotFoundError as missing:
            if (missing.name or "").partition(".")[0] == "yanxiu":
                raise
            raise SettingsError(
                say(
                    f"yanxiu {name} 要用的程序库 {missing.name} 没有安装：这里只装了一个角色需要的。"
                    "请在装了 yanxiuhub[machine] 或 yanxiuhub[records] 的环境里运行。",
                    f"yanxiu {name} needs {missing.name}, which is not installed: this environment "
                    "has one role's libraries only. Run it where yanxiuhub[machine] or "
                    "yanxiuhub[records] is installed.",
                )
            ) from missing
        assert isinstance(command, click.Command)
        return command
