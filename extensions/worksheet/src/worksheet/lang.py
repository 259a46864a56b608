"""Which language a teacher reads, and the sentences in it.

Chinese is the source and the default; a server's locale is often just ``C``, so only one
that begins with ``en`` means English. ``messages.py`` holds the sentences.
"""

import os
from collections.abc import Mapping
from typing import Any

from worksheet.messages import MESSAGES

LANGUAGES = ("zh_CN", "en")


def language(environ: Mapping[str, str] = os.environ) -> str:
    """Return ``zh_CN`` or ``en``; YANXIU_LANG goes before the locale.

    >>> language({"LANG": "C.UTF-8"}), language({"LANG": "en_GB.UTF-8"})
    ('zh_CN', 'en')
    >>> language({"LANG": "en_GB.UTF-8", "YANXIU_LANG": "zh_CN"})
    'zh_CN'
    """
    for name in ("YANXIU_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if environ.get(name):
            return "en" if environ[name].lower().startswith("en") else "zh_CN"
    return "zh_CN"


def say(name: str, /, **params: Any) -> str:
    """Return the sentence called ``name``, filled, in the teacher's language."""
    return MESSAGES[name][LANGUAGES.index(language())].format(**params)


def pick(text: Any) -> str:
    """Return the teacher's side of a ``{zh_CN, en}`` text; Chinese if there is no other."""
    if not isinstance(text, Mapping):
        return "" if text is None else str(text)
    return str(text.get(language()) or text.get("zh_CN") or "")
