"""Say in Chinese where course.yaml or unit.yaml does not fit course.schema.json.

The schema decides; this module only finds words. Called by ``release.py``.
"""

import json
import math
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from builder.problems import Problems
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

SCHEMA = json.loads((Path(__file__).parent.parent / "course.schema.json").read_text("utf-8"))
TYPES = {
    "string": "文字",
    "number": "数字",
    "integer": "整数",
    "array": "列表",
    "object": "“键: 值”",
}
BOUNDS = {"minimum": "不能小于", "exclusiveMinimum": "必须大于", "maximum": "不能大于"}


def check_schema(content: dict, definition: str, name: str, problems: Problems) -> None:
    """Note every place of ``content`` that does not fit ``definition`` (course or unit)."""
    validator = Draft202012Validator({"$ref": f"#/$defs/{definition}", "$defs": SCHEMA["$defs"]})
    for error in sorted(validator.iter_errors(content), key=lambda e: [str(p) for p in e.path]):
        what, do = words(error)
        problems.add(f"{name} 的 {place(content, error)}", what, do)
    if not all(math.isfinite(value) for value in _floats(content)):
        problems.add(name, "有一个数是 nan 或 inf", "请改成普通的数")


def _floats(content: Any) -> Iterator[float]:
    if isinstance(content, float):
        yield content
    elif isinstance(content, dict | list):
        for part in content.values() if isinstance(content, dict) else content:
            yield from _floats(part)


def place(content: dict, error: ValidationError) -> str:
    """Return where, e.g. ``tasks[2]（chart）.points``: lists count from 1 and show the id."""
    path, here = "", content
    for step in error.absolute_path:
        here = here[step]
        if isinstance(step, int):
            known = here.get("id") if isinstance(here, dict) else None
            path += f"[{step + 1}]" + (f"（{known}）" if isinstance(known, str) else "")
        else:
            path += f".{step}" if path else str(step)
    return path or "最外层"


def shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


def words(error: ValidationError) -> tuple[str, str]:
    """Return what is wrong and what to do."""
    rule, limit, value = str(error.validator), error.validator_value, error.instance
    hint = error.schema.get("description", "")
    now = f"现在是 {shown(value)}"
    match rule:
        case "required":
            missing = [key for key in limit if key not in value]
            found = f"缺少 {'、'.join(missing)}", "请补上"
        case "additionalProperties":
            known = error.schema["properties"]
            extra = [str(key) for key in value if key not in known]
            names = "、".join(known)
            near = {key: get_close_matches(key, known, 1, 0.6) for key in extra}
            guess = "，".join(f"{key} 是不是 {match[0]}？" for key, match in near.items() if match)
            do = f"请改名或删去（{guess}）" if guess else "请改名或删去"
            found = f"有不认识的 {'、'.join(extra)}，可以用的是 {names}", do
        case "type":
            kind = TYPES.get(limit, limit)
            found = f"{now}，这里要填{kind}{f'（{hint}）' if hint else ''}", "请改正"
        case "enum" | "const":
            possible = limit if rule == "enum" else [limit]
            found = f"{now}，可以填 {'、'.join(map(str, possible))}", "请选一个"
        case "minimum" | "exclusiveMinimum" | "maximum":
            found = f"{now}，{BOUNDS[rule]} {limit}", "请改正"
        case "minItems":
            found = f"只有 {len(value)} 项，至少要 {limit} 项", "请补上"
        case _:
            found = f"{now}，这里要填：{hint}", "请改正"
    return found
