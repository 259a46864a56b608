"""Read ``site.yaml``, check it as a whole, and say what is wrong in sentences.

Called by the command line before anything starts, and by every service process at start.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from yanxiu.errors import SettingsError

from .codes import load_codes
from .model import Site
from .notice import load_notice

FILE = "site.yaml"

_PROBLEMS = {
    "missing": "缺少这一项",
    "union_tag_not_found": "缺少 kind（oidc、cas 或 ticket）",
    "union_tag_invalid": "kind 应是 {expected_tags} 之一",
    "extra_forbidden": "没有这样的设置（请检查拼写）",
    "string_pattern_mismatch": "写法不对，应符合 {pattern}",
    "greater_than_equal": "应不小于 {ge}",
    "greater_than": "应大于 {gt}",
    "less_than_equal": "应不大于 {le}",
    "int_parsing": "应是整数",
    "int_type": "应是整数",
    "float_parsing": "应是数字",
    "string_type": "应是文字（数字请加引号）",
    "datetime_from_date_parsing": "应是时间，如 2026-12-31 23:59",
    "datetime_parsing": "应是时间，如 2026-12-31 23:59",
    "too_short": "不能为空",
    "string_too_short": "不能为空",
}


def load_site(folder: Path) -> Site:
    """Return the site described by ``folder/site.yaml``, or raise ``SettingsError``."""
    path = folder / FILE
    if not path.is_file():
        raise SettingsError(f"找不到 {path}。请用 --site 指定一个含有 {FILE} 的文件夹。")
    try:
        data = _yaml().load(path.read_text("utf-8"))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "某处"
        raise SettingsError(f"{path}: {where}不是合法的 YAML：{error.problem}。") from None
    except ReaderError as error:
        where = f"U+{error.character:04X}" if isinstance(error.character, int) else "控制字符"
        raise SettingsError(f"{path}: 里面有 YAML 不允许的字符（{where}）。请删去。") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: 不是 UTF-8 编码。请用 UTF-8 另存后再试。") from None
    except Exception as error:  # nested a thousand deep, a tag on the wrong kind of value …
        raise SettingsError(
            f"{path}: 读不出来（{type(error).__name__}）。请检查最近改过的地方，或从备份恢复。"
        ) from None
    try:
        site = Site.model_validate(data)
    except ValidationError as error:
        raise SettingsError(_sentences(path, error)) from None
    _check_references(path, site)
    # What the services read at their start, so that nothing starts with what they cannot.
    load_notice(folder / site.privacy if site.privacy else None)
    load_codes(folder / site.code_tables if site.code_tables else None)
    return site


def _yaml() -> YAML:
    """Return a parser to which a time is a text: ``times`` reads it, with zone and sentence."""
    yaml = YAML(typ="safe", pure=True)
    yaml.Constructor = _Constructor
    return yaml


class _Constructor(SafeConstructor):
    """Keeps timestamps as texts; a class of its own, because constructors belong to classes."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def _sentences(path: Path, error: ValidationError) -> str:
    lines = []
    for item in error.errors(include_url=False):
        place = ".".join(str(part) for part in item["loc"] if part != "[key]") or "文件"
        context: dict[str, Any] = item.get("ctx", {})
        known = _PROBLEMS.get(item["type"])
        if item["type"] == "value_error":
            text = str(context["error"])
        else:
            text = known.format(**context) if known else item["msg"]
        lines.append(f"{path}: {place}：{text}。")
    return "\n".join(lines)


def _check_references(path: Path, site: Site) -> None:
    """Every id that is used must be there: say which are."""

    def need(place: str, value: str, known: dict[str, Any], under: str) -> None:
        if value not in known:
            raise SettingsError(
                f"{path}: {place} 里的 {value!r} 不在 {under} 下。\n"
                f"已知: {'，'.join(known) or '（没有）'}。\n请在 {under} 下添加，或改正。"
            )

    for key, offering in site.offerings.items():
        place = f"offerings.{key}"
        need(f"{place}.course", offering.course, site.courses, "courses")
        if offering.schools != "all":
            for code in offering.schools:
                need(f"{place}.schools", code, site.schools, "schools")
        if offering.opens >= offering.closes:
            raise SettingsError(f"{path}: {place}：opens 应早于 closes。")
        for unit, dates in offering.units.items():
            if dates.late_until is not None and dates.late_until < dates.due:
                raise SettingsError(f"{path}: {place}.units.{unit}：late_until 应不早于 due。")
    for key, group in site.research_groups.items():
        need(f"research_groups.{key}.owner_school", group.owner_school, site.schools, "schools")


def json_schema() -> str:
    """Return the JSON schema of ``site.yaml``, for editors and the reference."""
    return json.dumps(Site.model_json_schema(), ensure_ascii=False, indent=2) + "\n"
