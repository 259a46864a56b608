"""Give texts in the reader's language, and keep the catalogues complete.

Chinese (zh_CN) is the source language: a sentence without a translation is still a
sentence. Catalogues are ``.po`` files under ``locale/``, read as they are, so there is no
compiled file that could be older than its source. ``python -m yanxiu.i18n update``
rewrites them from the code and templates; ``check`` fails when that would change
anything or when English is incomplete.
"""

import io
import sys
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from yanxiu_formats.sentences import english as format_sentences

SOURCE = "zh_CN"
LANGUAGES = ("zh_CN", "en")
#: Where a browser keeps the language that its reader chose, for portal and hub alike.
LANG_COOKIE = "yanxiu-lang"
LOCALE = Path(__file__).parent / "locale"

_METHODS = [("**.py", "python"), ("**.html", "jinja2")]
_KEYWORDS: dict[str, Any] = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


class Translator:
    """Texts in one language.

    >>> Translator("zh_CN").gettext("第 {page} 页", page=2)
    '第 2 页'
    """

    def __init__(self, lang: str):
        self.lang = lang if lang in LANGUAGES else SOURCE
        self._texts = _translations(self.lang)

    def gettext(self, message: str, **params: Any) -> str:
        """Return the sentence, its ``{placeholders}`` filled."""
        text = self._texts.gettext(message) if message else ""
        if text == message and self.lang != SOURCE:
            # What both sides say of a format has its English beside its Chinese.
            text = format_sentences().get(message, message)
        return text.format(**params) if params else text

    def ngettext(self, one: str, many: str, n: int, **params: Any) -> str:
        """Return the sentence for ``n`` things; ``{n}`` may be used in it."""
        return self._texts.ngettext(one, many, n).format(n=n, **params)

    def pick(self, text: Any) -> str:
        """Return the text of content that comes as ``{zh_CN, en}``."""
        if isinstance(text, dict):
            return str(text.get(self.lang) or text.get(SOURCE) or "")
        return str(getattr(text, self.lang, None) or getattr(text, SOURCE, text) or "")


@cache
def translator(lang: str) -> Translator:
    """Return the texts in ``lang``, Chinese when there is no such language."""
    return Translator(lang)


@cache
def _translations(lang: str) -> GNUTranslations:
    compiled = io.BytesIO()
    write_mo(compiled, _read(_catalogue_path(lang), lang))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _catalogue_path(lang: str) -> Path:
    return LOCALE / lang / "LC_MESSAGES" / "messages.po"


def _read(path: Path, lang: str) -> Catalog:
    if not path.is_file():
        return Catalog(locale=lang)
    with path.open("rb") as file:
        return read_po(file, locale=lang)


def extract() -> Catalog:
    """Return every sentence that is marked in the package, its templates included."""
    found = Catalog(charset="utf-8")
    for name, _, message, comments, context in extract_from_dir(
        Path(__file__).parent,
        _METHODS,
        keywords=_KEYWORDS,
        comment_tags=("I18N:",),
        strip_comment_tags=True,
    ):
        # No line numbers: they would change the catalogues with every edit.
        found.add(message, None, [(f"yanxiu/{name}", 0)], (), comments, context=context)
    return found


def updated(lang: str) -> bytes:
    """Return the catalogue of ``lang`` as it should be."""
    catalogue = _read(_catalogue_path(lang), lang)
    catalogue.update(extract(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    # Babel's header carries the time of writing: the same sentences shall give the same file.
    out = io.BytesIO()
    write_po(out, catalogue, width=100, sort_output=True, omit_header=True, include_lineno=False)
    return _HEADER.format(lang=lang, plural=catalogue.plural_forms).encode() + out.getvalue()


_HEADER = """\
msgid ""
msgstr ""
"Language: {lang}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def problems() -> list[str]:
    """Return what keeps the catalogues from being current and English from being complete."""
    found = []
    for lang in LANGUAGES:
        path = _catalogue_path(lang)
        if not path.is_file() or path.read_bytes() != updated(lang):
            found.append(
                f"{path.relative_to(LOCALE)} 不是最新的：运行 python -m yanxiu.i18n update"
            )
    for message in _read(_catalogue_path("en"), "en"):
        given = message.string
        texts = [given or ""] if isinstance(given, str | None) else list(given)
        if message.id and not all(texts):
            found.append(f"en 缺少译文：{message.id!r}")
        elif message.id and "{" in str(message.id):
            found += [
                f"en 占位符不一致：{message.id!r}" for text in texts if _differ(message, text)
            ]
    return found


def _differ(message: Any, text: str) -> bool:
    source = message.id[0] if isinstance(message.id, tuple) else message.id
    # A singular may say "one" where the source has {n}.
    return bool(_names(text) - _names(source)) or bool(_names(source) - _names(text) - {"n"})


def _names(text: str) -> set[str]:
    from string import Formatter

    return {name for _, name, _, _ in Formatter().parse(text) if name}


def main(arguments: list[str]) -> int:
    """Run ``check`` or ``update``; return the exit code."""
    if arguments == ["update"]:
        for lang in LANGUAGES:
            path = _catalogue_path(lang)
            text = updated(lang)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
        return 0
    if arguments == ["check"]:
        found = problems()
        print("\n".join(found) if found else "译文齐全。")
        return 1 if found else 0
    print("用法：python -m yanxiu.i18n check|update")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
