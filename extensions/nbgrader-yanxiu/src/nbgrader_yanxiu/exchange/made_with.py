"""Tell which nbgrader settings a learners' version was made with.

The values in force, wherever they came from: nbgrader has run the course's configuration
itself, on the teacher's own computer. Only the settings of the steps that make a learners'
version are told, and only where they differ from nbgrader's defaults; nothing of the machine.
Called by ``release_assignment``.
"""

import json
from pathlib import Path
from typing import Any

from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import abc
from nbgrader.preprocessors import IncludeHeaderFooter
from traitlets.config import LoggingConfigurable

_FILES = ("ignore", "include", "max_file_size", "max_dir_size")
_MAKING = ("exporter_class", "post_convert_hook", "pre_convert_hook", "preprocessors")


def settings(exchange: abc.Exchange) -> tuple[dict[str, dict[str, Any]], dict[str, bytes]]:
    """Return the settings as nbgrader writes them in JSON, and header and footer by name.

    A value that JSON cannot carry is told as its text: the platform knows no such value.
    """
    coursedir = exchange.coursedir
    converter = GenerateAssignment(coursedir=coursedir, parent=exchange.parent)
    told = {
        "CourseDirectory": _changed(coursedir, CourseDirectory(), _FILES),
        "GenerateAssignment": _changed(converter, GenerateAssignment(), _MAKING),
    }
    headers: dict[str, bytes] = {}
    for step in GenerateAssignment().preprocessors:
        used = step(parent=converter)
        told[step.__name__] = _changed(used, step(), tuple(step.class_trait_names(config=True)))
        if isinstance(used, IncludeHeaderFooter):
            for option in ("header", "footer"):
                if path := getattr(used, option):
                    name = f"{option}.ipynb"
                    told[step.__name__][option] = name
                    headers[name] = Path(coursedir.root, path).read_bytes()
    return {section: options for section, options in told.items() if options}, headers


def _changed(
    used: LoggingConfigurable, default: LoggingConfigurable, names: tuple[str, ...]
) -> dict[str, Any]:
    return {
        name: _plain(getattr(used, name))
        for name in names
        if getattr(used, name) != getattr(default, name)
    }


def _plain(value: Any) -> Any:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return repr(value)
    return value
