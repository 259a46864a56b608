"""Say of a stranger's JSON, before it is read, whether it would become too many things.

``json.loads`` of ``[{},{},…]`` takes twenty-five times its length in memory: 500 MB of what a
bundle may bring. What it makes is counted first, in one pass that makes nothing. Called by
``notebooks``, wherever a notebook is judged.
"""

import re

#: Objects and lists, and the commas between things: about 150 MB at the most, where a notebook of a
#: thousand cells has 10,000 of the first. A chart of a hundred thousand points is within it too.
MOST_HOLDERS, MOST_COMMAS = 200_000, 2_000_000
#: Texts are not counted. Possessive, so that nothing is gone through twice, whatever it is.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\(?:.|\Z)[^"\\]*+)*+(?:"|\Z)', re.DOTALL)


class Intricate(Exception):
    """It would become too many things."""


def check(data: bytes) -> None:
    """Count what ``data``, JSON in UTF-8 and no other encoding, would become.

    :raises Intricate: too many things
    """
    if _intricate(data) and _intricate(_TEXT.sub(b"", data)):
        raise Intricate


def _intricate(data: bytes) -> bool:
    if len(data) <= min(MOST_HOLDERS, MOST_COMMAS):
        return False  # too short to hold so many
    # Each count takes a millisecond for a megabyte, most notebooks end here.
    return data.count(b"{") + data.count(b"[") > MOST_HOLDERS or data.count(b",") > MOST_COMMAS
