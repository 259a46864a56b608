"""Say in Chinese where course.yaml or unit.yaml does not fit the format.

The models of ``yanxiu_formats`` decide; this module only finds words, some of them in the
models' own schema. Called by ``release.py`` and ``scaffold.py``.
"""

import json
from difflib import get_close_matches
from typing import Any, TypeVar

from builder.problems import Problems
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
KINDS = {
    "string_type": "文字",
    "float_type": "数字",
    "int_type": "整数",
    "tuple_type": "列表",
    "model_type": "“键: 值”",
    "model_attributes_type": "“键: 值”",
    "dict_type": "“键: 值”",
}
BOUNDS = {
    "greater_than_equal": ("不能小于", "ge"),
    "greater_than": ("必须大于", "gt"),
    "less_than_equal": ("不能大于", "le"),
}


def check_schema(content: Any, model: type[M], name: str, problems: Problems) -> M | None:
    """Return ``content`` as ``model`` has it; note every place that does not fit."""
    # Dates and the like, which YAML makes of some texts, are texts here.
    text = json.dumps(content, ensure_ascii=False, default=str)
    try:
        return model.model_validate_json(text)
    except ValidationError as error:
        whole, schema = json.loads(text), model.model_json_schema()
        grouped: dict[tuple[str, str], list[str]] = {}
        for one in error.errors(include_url=False):
            _note(one, whole, schema, name, problems, grouped)
        for (rule, where), keys in grouped.items():
            node = _schema_at(schema, whole, _steps(whole, json.loads(where)))
            what, do = _keys(rule, keys, node)
            problems.add(f"{name} 的 {_place(whole, json.loads(where))}", what, do)
        return None


def _note(
    error: Any,
    whole: Any,
    schema: dict[str, Any],
    name: str,
    problems: Problems,
    grouped: dict[tuple[str, str], list[str]],
) -> None:
    rule, steps = error["type"], _steps(whole, error["loc"])
    if rule == "union_tag_not_found":
        rule, steps = "missing", [*steps, "type"]
    if rule in ("missing", "extra_forbidden"):
        # One sentence for all of a place.
        grouped.setdefault((rule, json.dumps(steps[:-1])), []).append(str(steps[-1]))
    elif rule == "finite_number":
        problems.add(name, "有一个数是 nan 或 inf", "请改成普通的数")
    else:
        if rule == "union_tag_invalid":
            rule, steps = "literal_error", [*steps, "type"]
        what, do = _words(rule, error, _value(whole, steps), _schema_at(schema, whole, steps))
        problems.add(f"{name} 的 {_place(whole, steps)}", what, do)


def _steps(whole: Any, loc: Any) -> list[str | int]:
    """Return the place without the names of task types, which the union of tasks puts in."""
    steps: list[str | int] = []
    for step in loc:
        here = _value(whole, steps)
        is_type = (
            len(steps) == 2
            and steps[0] == "tasks"
            and isinstance(here, dict)
            and here.get("type") == step
        )
        if not is_type:
            steps.append(step)
    return steps


def _value(whole: Any, steps: list[str | int]) -> Any:
    here = whole
    for step in steps:
        try:
            here = here[step]
        except (KeyError, IndexError, TypeError):
            return None
    return here


def _schema_at(schema: dict[str, Any], whole: Any, steps: list[str | int]) -> dict[str, Any]:
    """Return what the schema says of a place: its description, its choices, its keys."""
    node, here = schema, whole
    for step in [*steps, None]:
        for _ in range(4):
            if "discriminator" in node:
                mapping = node["discriminator"]["mapping"]
                kind = here.get("type") if isinstance(here, dict) else None
                if kind not in mapping:
                    # Which keys there are depends on the type; that one is wrong itself.
                    kinds = {ref: kind for kind, ref in mapping.items()}
                    types = [kinds[one["$ref"]] for one in node["oneOf"]]
                    node = {"properties": {"type": {"enum": types}}}
                    break
                node = {"$ref": mapping[kind]}
            if "$ref" in node:
                node = {**schema["$defs"][node["$ref"].rsplit("/", 1)[-1]], **_without_ref(node)}
            elif "anyOf" in node:
                node = {**node["anyOf"][0], **{k: v for k, v in node.items() if k != "anyOf"}}
        if step is None:
            break
        node = (
            node.get("items", {})
            if isinstance(step, int)
            else node.get("properties", {}).get(step, {})
        )
        here = _value(here, [step])
    return node


def _without_ref(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key != "$ref"}


def _place(whole: Any, steps: list[str | int]) -> str:
    """Return where, e.g. ``tasks[2]（chart）.points``: lists count from 1 and show the id."""
    path = ""
    for count, step in enumerate(steps, start=1):
        if isinstance(step, int):
            here = _value(whole, steps[:count])
            known = here.get("id") if isinstance(here, dict) else None
            path += f"[{step + 1}]" + (f"（{known}）" if isinstance(known, str) else "")
        else:
            path += f".{step}" if path else str(step)
    return path or "最外层"


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _keys(rule: str, keys: list[str], node: dict[str, Any]) -> tuple[str, str]:
    if rule == "missing":
        return f"缺少 {'、'.join(keys)}", "请补上"
    known = list(node.get("properties", ()))
    near = {key: get_close_matches(key, known, 1, 0.6) for key in keys}
    guess = "，".join(f"{key} 是不是 {match[0]}？" for key, match in near.items() if match)
    do = f"请改名或删去（{guess}）" if guess else "请改名或删去"
    return f"有不认识的 {'、'.join(keys)}，可以用的是 {'、'.join(known)}", do


def _words(rule: str, error: Any, value: Any, node: dict[str, Any]) -> tuple[str, str]:
    """Return what is wrong and what to do."""
    hint = node.get("description", "")
    now, limits = f"现在是 {_shown(value)}", error.get("ctx", {})
    if rule in KINDS:
        return f"{now}，这里要填{KINDS[rule]}{f'（{hint}）' if hint else ''}", "请改正"
    if rule == "literal_error":
        possible = node.get("enum") or [node.get("const", limits.get("expected"))]
        return f"{now}，可以填 {'、'.join(map(str, possible))}", "请选一个"
    if rule in BOUNDS:
        word, key = BOUNDS[rule]
        return f"{now}，{word} {limits[key]:g}", "请改正"
    if rule == "too_short":
        return f"只有 {limits['actual_length']} 项，至少要 {limits['min_length']} 项", "请补上"
    return f"{now}，这里要填：{hint}", "请改正"
