"""Which code points are Chinese characters, and which only look like one. Pure tables.

Judged by ranges and never by ``unicodedata``: names get characters faster than Python
gets Unicode versions. Planes 2 and 3 hold nothing else, so the whole of them counts, with
room for extensions after J.
"""

#: First and last code points.
RANGES = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2FFFD),
    (0x30000, 0x3FFFD),
)
#: The same for a regular expression's class, with 〇, which is a number by Unicode.
CLASS = "〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fffd\U00030000-\U0003fffd"

#: Radicals of dictionaries → the character to write. The block of Kangxi radicals is not
#: here: compatibility normalization (NFKC) knows those, and two of these.
_PAIRS = (
    "⺁厂⺂乛⺃乚⺄乙⺅亻⺆冂⺈刀⺉刂⺊卜⺋㔾⺌小⺍小⺎兀⺏尣⺐尢⺒巳⺓幺⺔彑⺖忄⺗㣺⺘扌⺙攵⺛旡⺜日⺝月⺞歺"
    "⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺫目⺬示⺭礻⺮竹⺯糹⺰纟⺲罒⺵网⺶羊⺷羊⺸羊⺹耂⺺聿⺼肉"
    "⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑長⻒镸⻓长⻔门"
    "⻕阜⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐"
    "⻭歯⻮齿⻯竜⻰龙⻱龟⻲亀"
)
RADICALS = dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True))
#: First and last: radicals, strokes, and the signs that describe a character by its parts.
PARTS = ((0x2E80, 0x2FDF), (0x2FF0, 0x2FFF), (0x31C0, 0x31EF))


def is_hanzi(char: str) -> bool:
    """Say whether a character is a Chinese one.

    >>> [is_hanzi(char) for char in "艾〇\\U00031350\\U000323b0⻢a"]
    [True, True, True, True, False, False]
    """
    code = ord(char)
    return char == "〇" or any(first <= code <= last for first, last in RANGES)


def is_part(char: str) -> bool:
    """Say whether a character is a radical or a stroke, or describes one.

    >>> is_part("⻢"), is_part("⿰"), is_part("马")
    (True, True, False)
    """
    return any(first <= ord(char) <= last for first, last in PARTS)
