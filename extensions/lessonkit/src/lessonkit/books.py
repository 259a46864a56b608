"""The code books of the known methods: nothing but data.

Sources: S-T 傅德荣、章慧敏《教育信息处理》; FIAS Flanders 1970; ITIAS 顾小清、王炜 2004; iFIAS
方海光、高辰柱、陈佳 2012; Bloom's levels as revised by Anderson & Krathwohl 2001; 四何 from
4MAT (McCarthy), as 王陆 uses it; IRF Sinclair & Coulthard 1975 (E for F as Mehan 1979
writes it); TPACK Mishra & Koehler 2006. The lists of ITIAS and iFIAS follow the secondary
literature; compare them with the papers before a publication rests on them.
"""

from lessonkit.codebook import Code, CodeBook

ST = CodeBook(
    "st",
    "S-T 分析",
    "S-T analysis",
    (Code("T", "教师行为", "teacher"), Code("S", "学生行为", "student")),
    {"teacher": ("T",), "student": ("S",)},
    interval_s=30,
)

FIAS = CodeBook(
    "fias",
    "弗兰德斯互动分析（FIAS）",
    "FIAS",
    (
        Code(1, "接受情感", "accepts feeling"),
        Code(2, "表扬或鼓励", "praises or encourages"),
        Code(3, "接受或使用学生观点", "accepts or uses ideas"),
        Code(4, "提问", "asks questions"),
        Code(5, "讲授", "lecturing"),
        Code(6, "指示", "giving directions"),
        Code(7, "批评或维护权威", "criticizing or justifying authority"),
        Code(8, "学生应答", "pupil response"),
        Code(9, "学生主动说话", "pupil initiation"),
        Code(10, "沉默或混乱", "silence or confusion"),
    ),
    {
        "teacher": (1, 2, 3, 4, 5, 6, 7),
        "indirect": (1, 2, 3, 4),
        "direct": (5, 6, 7),
        "reinforcing": (1, 2, 3),
        "restricting": (6, 7),
        "reacting": (1, 2, 3, 6, 7),
        "question": (4,),
        "content": (4, 5),
        "student": (8, 9),
        "initiation": (9,),
        "silence": (10,),
    },
    interval_s=3,
)

ITIAS = CodeBook(
    "itias",
    "基于信息技术的互动分析（ITIAS）",
    "ITIAS",
    (
        Code(1, "教师接受情感", "accepts feeling"),
        Code(2, "教师鼓励表扬", "praises or encourages"),
        Code(3, "采纳意见", "accepts ideas"),
        Code(4, "提问开放性问题", "asks an open question"),
        Code(5, "提问封闭性问题", "asks a closed question"),
        Code(6, "讲授", "lecturing"),
        Code(7, "指示", "giving directions"),
        Code(8, "批评", "criticizing"),
        Code(9, "应答（被动）", "passive response"),
        Code(10, "应答（主动）", "active response"),
        Code(11, "主动提问", "pupil asks"),
        Code(12, "与同伴讨论", "discusses with peers"),
        Code(13, "无助于教学的混乱", "confusion"),
        Code(14, "思考问题", "thinking"),
        Code(15, "做练习", "exercises"),
        Code(16, "教师操纵技术", "teacher uses technology"),
        Code(17, "学生操纵技术", "pupils use technology"),
        Code(18, "技术作用于学生", "technology acts on pupils"),
    ),
    {
        "teacher": (1, 2, 3, 4, 5, 6, 7, 8),
        "indirect": (1, 2, 3, 4, 5),
        "direct": (6, 7, 8),
        "positive": (1, 2, 3),
        "negative": (7, 8),
        "open": (4,),
        "questions": (4, 5),
        "student": (9, 10, 11, 12),
        "responses": (9, 10),
        "active": (10,),
        "initiation": (10, 11),
        "peer": (12,),
        "silence": (13, 14, 15),
        "useful": (14, 15),
        "technology": (16, 17, 18),
        "teacher_technology": (16,),
    },
    interval_s=3,
)

# The codes are texts, because 4.1 is the name of a category and not a number.
IFIAS = CodeBook(
    "ifias",
    "改进型弗兰德斯互动分析（iFIAS）",
    "iFIAS",
    (
        Code("1", "接受情感", "accepts feeling"),
        Code("2", "表扬或鼓励", "praises or encourages"),
        Code("3", "采纳学生观点", "accepts ideas"),
        Code("4.1", "提问开放性问题", "asks an open question"),
        Code("4.2", "提问封闭性问题", "asks a closed question"),
        Code("5", "讲授", "lecturing"),
        Code("6", "指示", "giving directions"),
        Code("7", "批评", "criticizing"),
        Code("8", "被动应答", "passive response"),
        Code("9.1", "主动应答", "active response"),
        Code("9.2", "主动提问", "pupil asks"),
        Code("10", "与同伴讨论", "discusses with peers"),
        Code("11", "无助于教学的混乱", "confusion"),
        Code("12", "有益于教学的沉寂", "useful silence"),
        Code("13", "教师操纵技术", "teacher uses technology"),
        Code("14", "学生操纵技术", "pupils use technology"),
    ),
    {
        "teacher": ("1", "2", "3", "4.1", "4.2", "5", "6", "7"),
        "student": ("8", "9.1", "9.2", "10"),
        "silence": ("11", "12"),
        "technology": ("13", "14"),
    },
    interval_s=3,
)

BLOOM = CodeBook(
    "bloom",
    "布卢姆认知层次",
    "Bloom's levels",
    (
        Code(1, "记忆", "remember", ("识记",)),
        Code(2, "理解", "understand"),
        Code(3, "应用", "apply", ("运用",)),
        Code(4, "分析", "analyze", ("analyse",)),
        Code(5, "评价", "evaluate"),
        Code(6, "创造", "create"),
    ),
    {"high": (4, 5, 6)},
)

SIHE = CodeBook(
    "sihe",
    "四何问题",
    "Four kinds of question",
    (
        Code("是何", "是何问题", "what"),
        Code("为何", "为何问题", "why"),
        Code("如何", "如何问题", "how"),
        Code("若何", "若何问题", "if", ("what if",)),
    ),
    {"deep": ("如何", "若何")},
)

IRF = CodeBook(
    "irf",
    "IRF 话步",
    "IRF moves",
    (
        Code("I", "发起", "initiation", ("启动", "引发")),
        Code("R", "回应", "response", ("应答",)),
        Code(
            "F",
            "反馈",
            "feedback",
            ("E", "评价", "追问", "重述", "补充", "follow-up", "evaluation"),
        ),
    ),
)

TPACK = CodeBook(
    "tpack",
    "TPACK 知识",
    "TPACK knowledge",
    (
        Code("C", "学科内容", "content", ("CK",)),
        Code("P", "教学法", "pedagogy", ("PK",)),
        Code("T", "技术", "technology", ("TK",)),
    ),
)

#: What a coded lesson may be written in when nobody says which (``table.read_lesson``).
LESSON_BOOKS = (ST, FIAS, ITIAS, IFIAS, IRF, BLOOM, SIHE)
