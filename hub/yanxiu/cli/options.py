"""Options that several subcommands have. Called by their modules."""

from pathlib import Path
from typing import Any

import click

from .words import say


def site_option(command: Any) -> Any:
    """Add ``--site``."""
    return click.option(
        "--site",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        help=say("含有 site.yaml 的文件夹。", "Folder with site.yaml."),
    )(command)


def data_option(command: Any) -> Any:
    """Add ``--data``."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path, file_okay=False),
        required=True,
        help=say("数据文件夹（没有会新建）。", "Data folder (made if missing)."),
    )(command)
