"""Write the reference pages that code knows best; ``--check`` says whether they are current.

Run by ``make docs`` and ``make check``. Pages are generated from the settings' model, the
table of states, the table of scopes, the dashboard's panels and the chart's schema, so they cannot
tell another story.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sizing
from ruamel.yaml import YAML
from yanxiu import scopes
from yanxiu.metrics import dashboard
from yanxiu.settings.load import json_schema
from yanxiu.settings.model import Site
from yanxiu.work import diagram
from yanxiu_formats.schema import course_schema

HERE = Path(__file__).parent / "reference"
SIZING = "../how-to/sizing.md"
CHART = Path(__file__).parents[1] / "helm" / "schools"
NOTE = "<!-- 由 docs/generate.py 生成，请改代码而不是这一页。 -->\n\n"


def settings_page() -> str:
    """Return the page about ``site.yaml``."""
    lines = [
        NOTE + "# 设置 · site.yaml\n",
        "时间不写时区时按 Asia/Shanghai。数据库里的内容优先：`yanxiu apply` 只补上缺少的，"
        "不覆盖在平台里改过的。JSON Schema 见 [site.schema.json](site.schema.json)。\n",
    ]
    schema = Site.model_json_schema()
    for name, model in [("site.yaml", schema), *schema["$defs"].items()]:
        lines.append(f"\n## {name}\n\n{model.get('description', '').splitlines()[0]}\n")
        lines.append("| 项 | 类型 | 默认 | 说明 |\n| --- | --- | --- | --- |")
        required = set(model.get("required", ()))
        for key, field in model.get("properties", {}).items():
            default = "必填" if key in required else _code(field.get("default", ""))
            lines.append(
                f"| `{key}` | {_type(field)} | {default} | {field.get('description', '')} |"
            )
    return "\n".join(lines) + "\n"


def _code(value: Any) -> str:
    return f"`{value}`" if value not in ("", None) else "（空）"


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return field["$ref"].rsplit("/", 1)[-1]
    if choices := field.get("anyOf") or field.get("oneOf"):
        return " 或 ".join(_type(one) for one in choices)
    if field.get("type") == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"{{键: {_type(field['additionalProperties'])}}}"
    if "const" in field:
        return f"`{field['const']}`"
    words = {"string": "文字", "integer": "整数", "number": "数", "boolean": "是否", "null": "空"}
    words["array"] = "列表"
    return words.get(field.get("type", ""), "任意")


def states_page() -> str:
    """Return the page about the life of a submission."""
    return f"{NOTE}# 一次提交的状态\n\n```mermaid\n{diagram.mermaid()}```\n"


def scopes_page() -> str:
    """Return the page about hub scopes."""
    lines = [NOTE + "# 权限范围 · Hub scopes\n"]
    for title, grants in (
        ("教师的浏览器会话", scopes.USER),
        ("教师服务器里的令牌", scopes.SERVER),
        ("运维签发的限时令牌（`yanxiu token`）", scopes.TOKENS),
        ("停止闲置服务器的进程", scopes.CULLER),
        ("读取指标的进程", scopes.METRICS_SERVICE),
        ("记录服务", scopes.RECORDS_SERVICE),
    ):
        lines.append(f"\n## {title}\n\n| scope | why |\n| --- | --- |")
        lines += [f"| `{grant.scope}` | {grant.reason} |" for grant in grants]
        if not grants:
            lines.append("| （没有） | it acts with the person's own token only |")
    return "\n".join(lines) + "\n"


def sizing_how_to() -> str:
    """Return the page about sizes, with today's table between its marks."""
    before, _, rest = (HERE / SIZING).read_text("utf-8").partition("<!-- sizing -->\n")
    return f"{before}<!-- sizing -->\n{sizing.table()}<!-- /sizing -->{rest.partition('<!-- /sizing -->')[2]}"


def chart_page() -> str:
    """Return the page about the values of ``helm/schools``, from its schema and defaults."""
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    defaults = YAML(typ="safe", pure=True).load((CHART / "values.yaml").read_text("utf-8"))
    lines = [
        NOTE + "# 设置 · helm/schools\n",
        "怎样安装见[部署到 Kubernetes](../how-to/install-on-kubernetes.md)。写错的值 helm 会指出位置并拒绝。\n",
        "| 项 | 默认 | 说明 |\n| --- | --- | --- |",
        *_rows(schema, defaults),
    ]
    return "\n".join(lines) + "\n"


def _rows(schema: dict[str, Any], defaults: Any, above: str = "") -> Iterator[str]:
    for key, field in schema["properties"].items():
        name, told = above + key, field.get("description", "")
        default = defaults.get(key) if isinstance(defaults, dict) else None
        inside = field.get("properties")
        shown = "" if inside or default is None else f"`{json.dumps(default, ensure_ascii=False)}`"
        if key != "global":
            yield f"| `{name}` | {shown} | {told} |"
        if inside:
            yield from _rows(field, default, f"{name}.")


PAGES = {
    SIZING: sizing_how_to,
    "settings.md": settings_page,
    "site.schema.json": json_schema,
    "states.md": states_page,
    "scopes.md": scopes_page,
    # Beside the alerts, where an operator takes both from.
    "../../hub/yanxiu/metrics/dashboard.json": dashboard.as_json,
    "helm-values.md": chart_page,
    # Beside what authors write, where their editors find it.
    "../../courses/course.schema.json": course_schema,
}


def main() -> int:
    """Write the pages, or compare them."""
    stale = []
    for name, make in PAGES.items():
        path, text = HERE / name, make()
        if "--check" in sys.argv[1:]:
            if not path.is_file() or path.read_text("utf-8") != text:
                stale.append(name)
        else:
            path.write_text(text, "utf-8")
    if stale:
        print(f"docs/reference: 这些页不是最新的，请运行 make docs：{'、'.join(stale)}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
