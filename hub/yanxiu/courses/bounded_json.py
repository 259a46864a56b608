"""Read a stranger's JSON within bounds that are known before anything of it is made.

``json.loads`` of ``[{},{},…]`` takes twenty-five times its length in memory: 500 MB of what a
bundle may bring. What it makes is counted first, in one pass that makes nothing; and only
a few are read at once. Called where a bundle is judged, which a service does itself, because the
receipt waits for it (``bundles``, ``nbgrader.handed_in``).
"""

import json
import re
import threading
from typing import Any

from yanxiu.errors import N_, Invalid

#: Objects and lists, and the commas between things: about 150 MB at the most, where a notebook of a
#: thousand cells has 10,000 of the first. A chart of a hundred thousand points is within it too.
MOST_HOLDERS, MOST_COMMAS = 200_000, 2_000_000
#: Texts are not counted. Possessive, so that nothing is gone through twice, whatever it is.
_TEXT = re.compile(rb'"[^"\\]*+(?:\\(?:.|\Z)[^"\\]*+)*+(?:"|\Z)', re.DOTALL)
_AT_ONCE = threading.BoundedSemaphore(2)


def loads(data: bytes) -> Any:
    """Return what ``json.loads`` does, of UTF-8 alone.

    :raises Invalid: it would become too many things
    :raises ValueError, RecursionError: it is no JSON, or in another encoding
    """
    with _AT_ONCE:
        if _intricate(data) and _intricate(_TEXT.sub(b"", data)):
            raise Invalid(
                "notebook.intricate",
                N_(
                    "笔记本里的内容太多太碎，没有收下（多半是很大的图表数据）。请在 Jupyter 里"
                    "清除所有单元格的输出，保存后再提交。"
                ),
                status=413,
            )
        # Decoded here: given bytes, json guesses UTF-16 and UTF-32 too, of which nothing was counted.
        return json.loads(data.decode("utf-8-sig"))


def _intricate(data: bytes) -> bool:
    if len(data) <= min(MOST_HOLDERS, MOST_COMMAS):
        return False  # too short to hold so many
    # Each count takes a millisecond for a megabyte, most notebooks end here.
    return data.count(b"{") + data.count(b"[") > MOST_HOLDERS or data.count(b",") > MOST_COMMAS
