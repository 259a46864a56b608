"""Run B: score declared answers with the hidden ``score.py``, which the learner never meets.

Reads ``/in``, writes ``/out/scores.json`` or ``/out/error.json``. The scorer is ours, the
answers are anything. Started by the launcher as ``python -m inside.score``.
"""

import importlib.util
import json
import os
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import Any

from . import paths
from .execute import folders, leave

_EXIT_MEMORY = 86


def main() -> int:
    """Score; returns the exit code."""
    inbox, outbox, work = folders()
    paths.leave_programs()
    os.chdir(work)
    try:
        scores = score(inbox / "scoring", answers(inbox / "answers.json"))
        text = json.dumps({"scores": scores}, ensure_ascii=False, allow_nan=False)
    except MemoryError:
        return _EXIT_MEMORY
    except Exception as error:  # the scorer's fault, told to staff as a place
        leave(outbox / "error.json", json.dumps({"where": where(error)}))
        return 1
    leave(outbox / "scores.json", text)
    return 0


def answers(path: Path) -> dict[str, Any]:
    """Return the answers; anything that is not in their format is no answers at all."""
    try:
        declared = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    found = declared.get("answers") if isinstance(declared, dict) else None
    return found if isinstance(found, dict) else {}


def score(scoring: Path, given: dict[str, Any]) -> list[dict[str, Any]]:
    """Call ``score(answers, data)`` of ``scoring/score.py`` and return its list.

    :raises TypeError: it returned something else
    """
    scores = _load(scoring / "score.py").score(given, scoring / "data")
    if not isinstance(scores, list) or not all(isinstance(one, dict) for one in scores):
        raise TypeError("score() must return a list of dicts")
    return scores


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        raise ImportError(path.name)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def where(error: BaseException) -> str:
    """Return where an error happened and its kind, without what it says.

    >>> try:
    ...     {}["x"]
    ... except KeyError as error:
    ...     where(error).endswith("KeyError")
    True
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno} " if frames else ""
    return f"{place}{type(error).__name__}"


if __name__ == "__main__":
    sys.exit(main())
