"""The answers of a submission: as graded, else as they lie in its bundle."""

from typing import Any

from yanxiu_formats.answers_file import ANSWERS, BadAnswers, read
from yanxiu_formats.bundle import read_file
from yanxiu_formats.units import Unit

from yanxiu.store.blobs import Blobs, chunks_of
from yanxiu.work.model import Attempt


def handed_in_answers(blobs: Blobs, submission: Attempt, unit: Unit) -> dict[str, Any]:
    """Return a submission's answers: as graded, else as they lie in its bundle.

    Whoever shows them cleans them, as ``forms.fields`` does: they are what was handed in.
    """
    if isinstance(submission.answers, dict):
        return submission.answers
    if submission.bundle_blob is None:
        return {}  # retention has removed them
    with blobs.open(submission.bundle_blob) as tar:
        declared = read_file(chunks_of(tar), ANSWERS)
    try:
        return read(declared or b"", unit)
    except BadAnswers:
        return {}
