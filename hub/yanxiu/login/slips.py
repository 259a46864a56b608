"""One-time codes for people without a password, and slips of paper to hand them out.

Decides what stands on a slip. Codes have 128 random bits and only their SHA-256 is kept,
so they are shown once, on the paper; printing again makes new codes and ends the old
ones. Who may print is the caller's to check. Called by ``verbs.activation`` and the
command line.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import pylopdf_fonts_zh_cn

from yanxiu.errors import N_, NotFound, Refused
from yanxiu.people.reads import roles
from yanxiu.people.reads import roster as sql
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

from .passwords import code_digest, new_code

if TYPE_CHECKING:
    from fpdf import FPDF

COLUMNS, ROWS = 2, 4
PER_PAGE = COLUMNS * ROWS
_WIDTH, _HEIGHT = 105.0, 74.25  # mm: an A4 page in eight
_MARGIN = 8.0


@dataclass(frozen=True)
class Slip:
    """What one person gets."""

    name: str
    login: str
    subject: str
    code: str


def make_slips(
    store: Store,
    school_id: uuid.UUID,
    *,
    paths: tuple[str, ...],
    audit: Event,
    site: str,
    school: str,
    address: str,
    gettext: Callable[[str], str] = str,
) -> tuple[bytes, int]:
    """Give everybody of a school who has no password a new code; return the PDF and how many.

    :param paths: what the one who prints organizes: whoever holds a role elsewhere is left
        out, because a code is as good as their account
    :param audit: the event of this print
    :param address: what to type into a browser
    :raises Refused: everybody has a password
    :raises NotFound: the school left what they organize meanwhile
    """
    with store.read() as session:
        waiting = _waiting(session, school_id, paths)
    if not waiting:
        raise Refused(
            "slips.nobody",
            N_("这所学校的老师都已经设好密码，不需要激活单。忘记密码的，请在教师列表里重置。"),
            status=409,
        )
    slips = {who.id: Slip(who.name, who.login, who.subject, new_code()) for who in waiting}
    # Drawn first: a code that is valid and on no paper would be of no use to anybody.
    content = draw(list(slips.values()), site=site, school=school, address=address, gettext=gettext)

    def work(session: Session, now: datetime) -> None:
        # Asked again: drawing takes seconds. Whoever was given a role elsewhere or left meanwhile
        # has a void slip, and so has everybody of a school that is another's now.
        found = roles.organization(session, school_id)
        if found is None or not found.path.startswith(paths):
            raise NotFound("school.not_found", N_("您管理的范围里没有这所学校。"))
        still = {who.id for who in _waiting(session, school_id, paths)}
        codes = {key: code_digest(slip.code) for key, slip in slips.items() if key in still}
        sql.set_codes(session, codes)
        audit.school_id = school_id
        audit.details = {**audit.details, "slips": len(codes)}

    store.transact(work, audit)
    return content, len(slips)


def _waiting(session: Session, school_id: uuid.UUID, paths: tuple[str, ...]) -> list[sql.Waiting]:
    """Return who of a school may be given a code: without a password, and no power elsewhere."""
    above = {
        person_id
        for person_id, path in sql.powers(session, school_id)
        if not path.startswith(paths)
    }
    return [who for who in sql.without_password(session, school_id) if who.id not in above]


def draw(
    slips: Sequence[Slip],
    *,
    site: str,
    school: str,
    address: str,
    gettext: Callable[[str], str] = str,
) -> bytes:
    """Return an A4 PDF of eight slips a page, to be cut along the lines.

    The font is embedded (Noto Sans SC, as a subset), with rare characters such as 䶮: no
    font of the printing machine is needed. The rarest print as ``□(U+31350)``.
    """
    from fpdf import FPDF

    pdf = FPDF(format="A4", unit="mm")
    pdf.set_auto_page_break(auto=False)
    pdf.set_margin(0)
    pdf.set_title(gettext(N_("激活单")))
    pdf.set_lang("zh-CN")
    pdf.add_font("cjk", "", pylopdf_fonts_zh_cn.sans_path())
    for index, slip in enumerate(slips):
        place = index % PER_PAGE
        if place == 0:
            pdf.add_page()
            _cutting_lines(pdf)
        left, top = place % COLUMNS * _WIDTH + _MARGIN, place // COLUMNS * _HEIGHT + _MARGIN
        lines = (
            (9, f"{site} · {school}"),
            (15, f"{slip.name}  {slip.subject}".rstrip()),
            (10, gettext(N_("登录名：{login}")).format(login=slip.login)),
            (10, gettext(N_("激活码："))),
            (12, slip.code),
            (9, gettext(N_("1. 用浏览器打开 {address}")).format(address=address)),
            (9, gettext(N_("2. 输入登录名，密码处输入激活码（大小写、横线都不限）"))),
            (9, gettext(N_("3. 设置自己的密码。这张纸就作废了，请撕毁。"))),
        )
        for size, text in lines:
            pdf.set_font("cjk", size=size)
            pdf.set_xy(left, top)
            height = size * 0.5
            pdf.cell(_WIDTH - 2 * _MARGIN, height, _fitting(pdf, _printable(pdf, text)))
            top += height + 1.8
    return bytes(pdf.output())


def _printable(pdf: "FPDF", text: str) -> str:
    """Return a text with a box and the code point for each character that the font lacks.

    Whoever hands the slips out can look the character up, and no name has a hole in it.
    """
    known = pdf.fonts["cjk"].cmap  # type: ignore[union-attr]
    return "".join(char if ord(char) in known else f"□(U+{ord(char):04X})" for char in text)


def _fitting(pdf: "FPDF", text: str) -> str:
    """Return as much of a text as fits on its line."""
    room = _WIDTH - 2 * _MARGIN
    if pdf.get_string_width(text) <= room:
        return text
    while text and pdf.get_string_width(text + "…") > room:
        text = text[:-1]
    return text + "…"


def _cutting_lines(pdf: "FPDF") -> None:
    pdf.set_draw_color(170)
    pdf.set_dash_pattern(dash=2, gap=2)
    for row in range(1, ROWS):
        pdf.line(0, row * _HEIGHT, 210, row * _HEIGHT)
    pdf.line(_WIDTH, 0, _WIDTH, 297)
    pdf.set_dash_pattern()
