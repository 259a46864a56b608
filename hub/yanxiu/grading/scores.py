"""Read what the scoring run wrote, and take it whole or not at all.

Decides whether ``scores.json`` is a score of this unit: every auto task once, each
within its points. Records checks the same again, because it must not trust a worker.
Pure; called by ``job``.
"""

import json
from typing import Any

from yanxiu_formats.numbers import is_number
from yanxiu_formats.units import Unit

MAX_MESSAGE = 4000
LANGUAGES = ("zh_CN", "en")


class BadScores(Exception):
    """The scoring run's result is not a score of this unit: the course's fault or ours."""


def read_scores(raw: bytes, unit: Unit) -> list[dict[str, Any]]:
    """Return ``[{"task", "points", "message"}]`` for every auto task, in the unit's order.

    :raises BadScores: anything missing, doubled, unknown, out of range or of another shape
    """
    try:
        found = json.loads(raw)["scores"]
        scores = {score["task"]: score for score in found}
    except (ValueError, KeyError, TypeError, RecursionError):
        raise BadScores from None
    auto = {task.id: float(task.points) for task in unit.tasks if task.kind == "auto"}
    if len(found) != len(auto) or scores.keys() != auto.keys():
        raise BadScores
    return [_read_score(scores[task], most) for task, most in auto.items()]


def _read_score(score: dict[str, Any], most: float) -> dict[str, Any]:
    points, message = score.get("points"), score.get("message")
    if not is_number(points) or not 0 <= points <= most:
        raise BadScores
    if not isinstance(message, dict) or not all(
        isinstance(message.get(language), str) for language in LANGUAGES
    ):
        raise BadScores
    texts = {language: message[language][:MAX_MESSAGE] for language in LANGUAGES}
    return {"task": score["task"], "points": float(points), "message": texts}
