"""What a spreadsheet made of what somebody typed: dates, times, errors, empty formulas.

Typed as ``3-12``, kept as the twelfth of March: nobody can know any more what it was, and
a guess would become somebody's login name. Pure. Called by ``check``.
"""

import re

from yanxiu.cleaning import clean_text
from yanxiu.errors import N_

from .columns import HEADERS
from .problems import Problem
from .read import Cell, Line

#: What a formula leaves when it fails, as a spreadsheet or a CSV file of one writes it.
_ERROR = re.compile(
    r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!|FIELD!|BLOCKED!|CONNECT!|BUSY!"
    r"|UNKNOWN!|GETTING_DATA|\?)|Err:[0-9]{3}",
    re.IGNORECASE,
)
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
#: What is left of ``3-12`` or ``8:30`` in a file that a spreadsheet saved as text.
_DATE = re.compile(
    r"(19|20)[0-9]{2}[-/.年][01]?[0-9][-/.月][0-3]?[0-9]日?([ T].*)?|[01]?[0-9]月[0-3]?[0-9]日"
    rf"|[0-3]?[0-9]-{_MONTH}(-[0-9]{{2,4}})?|{_MONTH}-[0-9]{{1,4}}|[0-9]{{1,2}}/[0-9]{{1,2}}(/[0-9]{{2,4}})?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"([0-9]{1,4}:[0-5][0-9](:[0-5][0-9])?|[0-9]{1,2}时[0-9]{1,2}分?)( ?[ap]m)?", re.IGNORECASE
)
#: Fields in which a date or a time can only be an accident.
_NUMBERS = frozenset({"teacher_no", "mobile", "id_number", "last4", "org_code"})
#: Cheap: most cells are neither.
_SUSPECT = re.compile(r"[#＃:：/年月时.A-Za-z-]")
_SENTENCES = {
    "formula": N_("“{column}”是没有结果的公式。请复制后选择性粘贴为数值。"),
    "error": N_("“{column}”这一格是公式的错误值 {shown}。请改成真正的内容，不知道就清空这一格。"),
    "date": N_(
        "“{column}”被表格软件变成了日期（{shown}），原来填的已无法知道。"
        "请把这一列设为文本，再重新填写。"
    ),
    "time": N_(
        "“{column}”被表格软件变成了时间（{shown}），原来填的已无法知道。"
        "请把这一列设为文本，再重新填写。"
    ),
}


def made_by_spreadsheet(line: Line) -> tuple[dict[str, str], list[Problem]]:
    """Return ``field → kind`` of the cells that cannot be used, and what to say of them."""
    odd = {**_texts(line.cells), **line.odd}
    problems = [
        Problem(
            kind,
            _SENTENCES[kind],
            {"column": HEADERS[name][0], "shown": clean_text(line.cells.get(name, ""))[:20]},
        )
        for name, kind in sorted(odd.items())
    ]
    return odd, problems


def _texts(cells: dict[str, Cell]) -> dict[str, str]:
    """Return ``field → kind`` of the texts that are what a spreadsheet made of something."""
    found = {}
    for name, cell in cells.items():
        if not isinstance(cell, str) or not _SUSPECT.search(cell):
            continue
        text = clean_text(cell)
        if _ERROR.fullmatch(text):
            found[name] = "error"
        elif name in _NUMBERS and _DATE.fullmatch(text):
            found[name] = "date"
        elif name in _NUMBERS and _TIME.fullmatch(text):
            found[name] = "time"
    return found
