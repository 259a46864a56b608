"""What the columns of a roster are called, and what may stand in them.

Pure tables. The first header of each field is the template's; the others were met in
rosters of schools, of training platforms and of the ministry's staff system.
"""

import re
import unicodedata

#: Field → its headers, the template's first.
HEADERS: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "教师姓名", "老师姓名", "人员姓名"),
    "teacher_no": ("教师编号", "工号", "教工号", "职工号", "教师工号", "教师编码", "继续教育号"),
    "mobile": ("手机号", "手机", "手机号码", "联系电话", "移动电话", "电话", "联系方式"),
    "document": ("证件类型", "身份证件类型", "证件类别"),
    "id_number": (
        "身份证号",
        "身份证号码",
        "身份证",
        "证件号码",
        "证件号",
        "身份证件号",
        "公民身份号码",
    ),
    "last4": ("身份证后四位", "证件号后四位", "身份证末四位", "身份证号后四位"),
    "org_code": ("单位代码", "学校标识码", "学校代码", "单位标识码", "单位编码", "学校编码"),
    "org_name": ("学校", "学校名称", "单位", "单位名称", "所在学校", "任教学校", "所在单位"),
    "stage": ("学段", "任教学段"),
    "subject": ("学科", "任教学科", "任教课程"),
    "roles": ("角色", "平台角色"),
}
FIELDS = {header: field for field, headers in HEADERS.items() for header in headers}

ROLES = {
    "教师": "teacher",
    "老师": "teacher",
    "学校管理员": "school_organizer",
    "校管理员": "school_organizer",
    "县管理员": "county_organizer",
    "教研组长": "group_lead",
}
ROLE_NAMES = {role: name for name, role in reversed(ROLES.items())}

#: Kinds of identity document whose numbers have no check character, and their prefix in
#: what is matched and kept. Residents of Hong Kong, Macau and Taiwan may have an 18-digit
#: residence permit, which is checked like an ID card.
CHECKED_DOCUMENTS = {"", "居民身份证", "身份证", "二代身份证", "港澳台居民居住证", "居住证"}
OTHER_DOCUMENTS = {
    "港澳居民来往内地通行证": "HM",
    "港澳通行证": "HM",
    "回乡证": "HM",
    "台湾居民来往大陆通行证": "TW",
    "台胞证": "TW",
    "护照": "PP",
    "外国护照": "PP",
    "外国人永久居留身份证": "PR",
}

MOST = {"name": 40, "teacher_no": 40, "stage": 20, "subject": 40}
#: The sheet of the template that nobody fills in.
EXPLANATION = "填写说明"
#: Values that spread over merged cells: a school's block, never a person's own data.
SPREADING = frozenset({"org_code", "org_name", "stage", "subject"})

_NOTE = re.compile(r"\(.*?\)|\[.*?\]|【.*?】|[*:＊※\s]")


def field_of(header: object) -> str | None:
    """Return the field that a header means, however it was decorated.

    >>> field_of("*姓 名（必填）"), field_of("身份证号码"), field_of("备注")
    ('name', 'id_number', None)
    """
    text = unicodedata.normalize("NFKC", str(header))
    return FIELDS.get(_NOTE.sub("", text))
