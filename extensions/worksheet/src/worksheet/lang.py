"""Which language a teacher reads, and sentences and texts in it.

``messages`` holds what only worksheet says; what a task, an answer or a bundle is said to be is
in ``yanxiu_formats.sentences``, where the portal takes it from as well.
"""

from collections import ChainMap
from typing import Any

from yanxiu_formats import sentences, texts
from yanxiu_formats.sentences import language

from worksheet.messages import MESSAGES

_EVERY = ChainMap(MESSAGES, sentences.SENTENCES)

__all__ = ["language", "pick", "say"]


def say(name: str, /, **params: Any) -> str:
    """Return the sentence called ``name``, filled, in the teacher's language."""
    return sentences.choose(_EVERY, name, language(), **params)


def pick(text: Any) -> str:
    """Return the teacher's side of a text in both languages; Chinese if there is no other."""
    return texts.pick(text, language())
