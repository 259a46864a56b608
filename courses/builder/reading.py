"""Read a course's source files; what cannot be read is a sentence.

Decides nothing about their content: ``schema.py`` and ``checks.py`` do.
"""

import json
from pathlib import Path
from typing import Any

from builder.problems import Problems
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError


def read_text(path: Path, name: str, problems: Problems) -> str | None:
    """Return the text of a UTF-8 file, or None and a problem."""
    if path.is_symlink() or not path.is_file():
        problems.add(name, "没有这个文件，或者它是链接", "请建一个普通文件")
        return None
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        problems.add(name, f"第 {error.start} 个字节不是 UTF-8", "请用 UTF-8 另存")
        return None


def read_yaml(path: Path, name: str, problems: Problems) -> Any:
    """Return what a YAML file says, or None and a problem; a key twice is a problem."""
    text = read_text(path, name, problems)
    if text is None:
        return None
    try:
        content = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        line = f"第 {mark.line + 1} 行附近" if mark else ""
        what = "同一个键写了两次" if "duplicate key" in str(error) else "不是合法的 YAML"
        problems.add(name, f"{line}{what}", "请检查缩进、冒号和引号")
        return None
    if not isinstance(content, dict):
        problems.add(name, "里面不是“键: 值”", "请照 docs/how-to/write-a-unit.md 写")
        return None
    return content


def read_json(path: Path, name: str, problems: Problems) -> Any:
    """Return what a JSON file says, or None and a problem."""
    text = read_text(path, name, problems)
    if text is None:
        return None
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        problems.add(name, f"第 {error.lineno} 行不是合法的 JSON", "请检查逗号和引号")
        return None
