"""Judge a name that a roster gives: which character is wrong, and what to write instead.

Pure. ``yanxiu.cleaning`` finds the character, this says the sentence. Called by ``check``.
"""

from yanxiu.cleaning import clean_name, is_hanzi, oddity
from yanxiu.errors import N_

from .columns import HEADERS, MOST
from .problems import Problem

_SENTENCES = {
    "lost": N_("姓名里有乱码或遮住的字（“{char}”）。请补上完整的姓名，并另存为 .xlsx。"),
    "private": N_("姓名里有只在某台电脑上能显示的造字（{code}）。请换成标准汉字，再核对姓名。"),
    "part": N_("姓名里的“{char}”（{code}）是部首，不是汉字。请换成标准汉字。"),
    "part_right": N_("姓名里的“{char}”（{code}）是部首，不是汉字。请改成“{right}”。"),
    "circle": N_("姓名里的“{char}”（{code}）不是汉字。是“{right}”吗？请改成“{right}”。"),
    "hyphen": N_("姓名里的“{char}”在汉字之间。少数民族姓名请用间隔号“·”，其他请删去。"),
    "other": N_(
        "这不像一个姓名：“{char}”（{code}）不能用在姓名里，姓名只有文字、间隔号“·”、"
        "连字符和撇号。请核对。"
    ),
}


def name_problems(name: str, cell: object) -> list[Problem]:
    if not name:
        return [Problem("name_missing", N_("没有姓名。请填上，或删去这一行。"))]
    if len(name) > MOST["name"]:
        return [too_long("name")]
    if _several(cell):
        return [
            Problem("name_several", N_("姓名这一格里好像有几个人（分成了几行）。请每人填一行。"))
        ]
    odd = oddity(name)
    if odd is not None:
        message = _SENTENCES[f"{odd.kind}_right" if odd.kind == "part" and odd.right else odd.kind]
        params = {"char": odd.char, "code": odd.code, "right": odd.right}
        return [Problem(f"name_{odd.kind}", message, params)]
    if len(name) < 2:
        return [Problem("name_short", N_("姓名只有一个字。请填完整的姓名。"))]
    return []


def _several(cell: object) -> bool:
    """Say whether a cell has several names, one below the other."""
    if not isinstance(cell, str) or "\n" not in cell.strip():
        return False
    parts = [part for line in cell.split("\n") if (part := clean_name(line))]
    return len(parts) > 1 and all(len(part) > 1 and is_hanzi(part[0]) for part in parts)


def too_long(name: str) -> Problem:
    """Return the problem of a field with too many characters."""
    return Problem(
        "too_long",
        N_("“{column}”太长，最多 {most} 个字。"),
        {"column": HEADERS[name][0], "most": MOST[name]},
    )
