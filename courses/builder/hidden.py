"""Refuse a release in which learners would get something hidden.

The last look before writing: it reads the finished files, not the intentions. Secrets are
the lines of score.py, the longer lines of every text answer, and every structured answer,
in whatever spacing or quotes.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from builder.problems import Problems
from builder.reading import read_json, read_text

MARKERS = ("BEGIN SOLUTION", "BEGIN HIDDEN TESTS", "BEGIN MARK SCHEME", "def score(")
FORBIDDEN_NAMES = {"score.py", "answers.json", "make_data.py", "notebook.py"}
LINE_MIN = 16  # shorter lines of code or text say nothing of their own


def check_hidden(folder: Path, learner: dict[str, bytes], problems: Problems) -> None:
    """Note every file in ``learner`` (name → content) that shows a secret of ``folder``."""
    secrets = sorted({_squeeze(line) for line in _secrets(folder, problems)})
    for name, content in learner.items():
        where = f"学员会拿到的 {name}"
        path = Path(name)
        if path.name in FORBIDDEN_NAMES or {"solution", "wrong"} & set(path.parts):
            problems.add(where, "是不能给学员的文件", "请检查 unit.yaml")
        text = content.decode("utf-8", errors="replace")
        for marker in MARKERS:
            if marker in text:
                problems.add(where, f"里有“{marker}”", "请从源文件里删去答案和隐藏测试")
        squeezed = _squeeze(text)
        for secret in secrets:
            if secret in squeezed:
                problems.add(where, f"里有评分或答案里的内容“{secret[:40]}”", "请删去或换一种写法")


def _secrets(folder: Path, problems: Problems) -> Iterator[str]:
    for line in (read_text(folder / "score.py", f"{folder.name}/score.py", problems) or "").split(
        "\n"
    ):
        code = line.strip()
        if len(code) >= LINE_MIN and not code.startswith(("import ", "from ")):
            yield code
    for path in [folder / "solution/answers.json", *sorted((folder / "wrong").glob("*.json"))]:
        content = read_json(path, f"{folder.name}/{path.parent.name}/{path.name}", problems)
        answers = content.get("answers") if isinstance(content, dict) else None
        for value in answers.values() if isinstance(answers, dict) else ():
            yield from _answer_secrets(value)


def _answer_secrets(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from (line.strip() for line in value.split("\n") if len(line.strip()) >= LINE_MIN)
    elif isinstance(value, dict | list) and value:
        yield json.dumps(value, ensure_ascii=False)


def _squeeze(text: str) -> str:
    # A notebook escapes quotes and newlines, YAML and JSON space differently.
    return re.sub(r"\\[nt\"]|[\s\"'\\]", "", text)
