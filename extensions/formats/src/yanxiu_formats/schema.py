"""The JSON Schema of ``course.yaml`` and ``unit.yaml``, for authors' editors.

The models decide; this writes them down. ``docs/generate.py`` keeps ``course.schema.json``
current, and ``make check`` says when it is not.
"""

import json

from pydantic.json_schema import models_json_schema

from .units import Course, WorksheetUnit


def course_schema() -> str:
    """Return ``course.schema.json``: ``#/$defs/Course`` and ``#/$defs/WorksheetUnit``."""
    _, schema = models_json_schema(
        [(Course, "validation"), (WorksheetUnit, "validation")],
        title="course.yaml and unit.yaml (see docs/reference/release-format.md)",
    )
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "由 docs/generate.py 生成，请改 yanxiu_formats 而不是这个文件。",
        **schema,
        "anyOf": [{"$ref": "#/$defs/Course"}, {"$ref": "#/$defs/WorksheetUnit"}],
    }
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
