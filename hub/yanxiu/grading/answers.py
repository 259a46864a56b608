"""Take the declared answers out of bytes that a learner's code may have written.

Decides what reaches the scoring run and the database: the answers to the unit's own
tasks, of a bounded size and depth, with numbers that every reader can hold. Whether a
value has the right shape for its task is ``score.py``'s to say. Pure; called by ``job``.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 6
#: No task asks for a number near this; beyond 2**53 JSON readers disagree.
MAX_NUMBER = 1e15


class UnreadableAnswers(Exception):
    """The bytes are not an ``answers.json`` of this unit. Carries nothing of what they are."""


def read_answers(raw: bytes, unit: dict[str, Any]) -> dict[str, Any]:
    """Return ``{task id: value}`` for the tasks of ``unit`` that are answered.

    Unknown tasks are left out; a value nested too deep or with a number out of range
    is as good as none.

    :raises UnreadableAnswers: too large, not JSON, or not in the declared format
    """
    if len(raw) > MAX_BYTES:
        raise UnreadableAnswers
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise UnreadableAnswers from None
    if not isinstance(found, dict) or found.get("format") != 1 or found.get("unit") != unit["id"]:
        raise UnreadableAnswers
    answers = found.get("answers")
    if not isinstance(answers, dict):
        raise UnreadableAnswers
    tasks = (task["id"] for task in unit["tasks"])
    return {task: _clean(answers[task], MAX_DEPTH) for task in tasks if task in answers}


def without_strange_files(
    answers: dict[str, Any], unit: dict[str, Any], bundle: Mapping[str, bytes]
) -> dict[str, Any]:
    """Return ``answers`` without files that the learner did not hand in.

    A notebook may declare anything when it runs: a file that its bundle does not hold,
    byte for byte and under this task, would be a promise to the grader that nobody can keep.

    >>> unit = {"tasks": [{"id": "plan", "type": "file"}]}
    >>> without_strange_files({"plan": [{"name": "a.pdf", "sha256": "0", "size": 1}]}, unit, {})
    {'plan': []}
    """
    tasks = [task["id"] for task in unit["tasks"] if task["type"] == "file"]
    kept = {
        task: [one for one in answers[task] if _is_in(bundle, task, one)]
        if isinstance(answers[task], list)
        else []
        for task in tasks
        if task in answers
    }
    return answers | kept


def _is_in(bundle: Mapping[str, bytes], task: str, entry: Any) -> bool:
    if not isinstance(entry, dict) or set(entry) != {"name", "size", "sha256"}:
        return False
    content = bundle.get(f"files/{task}/{entry['name']}")
    return content is not None and (len(content), hashlib.sha256(content).hexdigest()) == (
        entry["size"],
        entry["sha256"],
    )


def write_answers(answers: dict[str, Any], unit: dict[str, Any]) -> bytes:
    """Return ``answers`` as the ``answers.json`` of ``unit``."""
    whole = {"format": 1, "unit": unit["id"], "answers": answers}
    return json.dumps(whole, ensure_ascii=False, allow_nan=False).encode()


def _clean(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        # Neither NUL nor half a character fits into every database.
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value if math.isfinite(value) and abs(value) <= MAX_NUMBER else None
    if depth == 0:
        return None
    if isinstance(value, list):
        return [_clean(item, depth - 1) for item in value]
    return {_clean(key, 0): _clean(item, depth - 1) for key, item in value.items()}
