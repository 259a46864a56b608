"""The privacy notice: a folder of versions, each a text in Chinese and English.

A file is named ``<day>.<language>.md``; the newest day is the version in force, and older
ones stay because people agreed to them. The site's own folder takes the place of the one
that comes with the platform. Called by the services at start.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from yanxiu.errors import SettingsError

BUILT_IN = Path(__file__).parent / "data" / "privacy"
_NAME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})\.(zh_CN|en)\.md")


@dataclass(frozen=True)
class Notice:
    """All versions of the notice.

    :param texts: ``{version: {language: Markdown}}``
    """

    texts: dict[str, dict[str, str]]

    @property
    def version(self) -> str:
        """The version in force."""
        return max(self.texts)

    def text(self, version: str, lang: str) -> tuple[str, str] | None:
        """Return a version's title and Markdown, Chinese for want of another; None if unknown."""
        found = self.texts.get(version)
        if found is None:
            return None
        first, _, rest = (found.get(lang) or found["zh_CN"]).strip().partition("\n")
        return first.lstrip("# ").strip(), rest


def load_notice(folder: Path | None = None) -> Notice:
    """Read the notice of ``folder``, else the platform's own.

    :raises SettingsError: there is no version in Chinese, or a file has an odd name
    """
    folder = folder or BUILT_IN
    if not folder.is_dir():
        raise SettingsError(
            f"site.yaml: privacy 指的文件夹 {folder} 不存在。请改正路径，或去掉这一项。"
        )
    texts: dict[str, dict[str, str]] = {}
    for path in sorted(folder.glob("*.md")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise SettingsError(
                f"{path}: 文件名应是“日期.语言.md”，如 2026-09-01.zh_CN.md 或 2026-09-01.en.md。"
            )
        texts.setdefault(match[1], {})[match[2]] = path.read_text("utf-8")
    lacking = [version for version, found in texts.items() if "zh_CN" not in found]
    if lacking or not texts:
        missing = lacking[0] if lacking else "2026-09-01"
        raise SettingsError(f"{folder}: 缺少中文的隐私告知 {missing}.zh_CN.md。请加上。")
    return Notice(texts)
