"""The words of the command line in Chinese and English.

``YANXIU_LANG`` decides, else ``LC_ALL``, ``LC_MESSAGES``, ``LANG``: English when it begins
with ``en``, Chinese otherwise (also under ``C``, which says nothing about the person).
"""

import os


def language() -> str:
    """Return ``zh_CN`` or ``en``."""
    names = ("YANXIU_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    value = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return "en" if value.lower().startswith("en") else "zh_CN"


def say(zh: str, en: str) -> str:
    """Return the text in the operator's language.

    Both stand side by side in the code: help texts are read next to what they describe,
    and the test compares every option's two texts.
    """
    return en if language() == "en" else zh
