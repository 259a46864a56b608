"""``answers.json``: the declared answers of a unit, as notebook, form and grader keep them.

Decides what such a file is and how big. What its values may be is ``answers``'. Pure.
"""

import json
from collections.abc import Mapping
from typing import Any

from .answers import Answers
from .units import Unit

ANSWERS = "answers.json"
FORMAT = 1
MAX_BYTES = 1024 * 1024


class BadAnswers(ValueError):
    """Bytes are not the ``answers.json`` of this unit. Carries nothing of what they are."""


def read(raw: bytes, unit: Unit) -> dict[str, Any]:
    """Return ``{task id: value}`` as the file has it, of any shape: ``clean_all`` is next.

    :raises BadAnswers: too large, not JSON, or not in the declared format
    """
    if len(raw) > MAX_BYTES:
        raise BadAnswers
    try:
        found = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise BadAnswers from None
    answers = found.get("answers") if isinstance(found, dict) else None
    if (
        not isinstance(answers, dict)
        or found.get("format") != FORMAT
        or found.get("unit") != unit.id
    ):
        raise BadAnswers
    return answers


def write(unit: Unit, answers: Mapping[str, Any] | Answers) -> bytes:
    """Return ``answers`` as the file of ``unit``; the same answers give the same bytes."""
    whole = {"format": FORMAT, "unit": unit.id, "answers": answers}
    text = json.dumps(whole, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return text.encode("utf-8", "replace") + b"\n"
