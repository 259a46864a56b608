"""The portal draws the S-P chart of a unit's table, and says nothing of a table that is none."""

import xml.etree.ElementTree as ET

import pytest
from yanxiu.courses.charts import sp_picture

TABLE = "\ufeff学生,第1题,第2题\nS01,1,1\nS02,1,0\n".encode()


def test_a_table_of_marks_is_drawn_in_the_readers_language():
    root = ET.fromstring(sp_picture(TABLE, "zh_CN"))
    assert root.get("aria-label") == "S-P 图：2 名学生，2 道题。"
    assert "S-P chart" in sp_picture(TABLE, "en")


@pytest.mark.parametrize(
    "table", [b"", b"a,b\n", b"a,b\nS01,5\n", "a,b\nS01,对\n".encode(), b"a,b\nS01,\n", b"\xff\xfe"]
)
def test_what_cannot_be_drawn_is_not_drawn(table):
    assert sp_picture(table, "zh_CN") is None
