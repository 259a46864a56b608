"""``nbgrader collect``: what is deleted after its time is skipped, and the rest is there."""

import logging
from types import SimpleNamespace

from nbgrader.coursedir import CourseDirectory
from nbgrader_yanxiu.exchange.collect import ExchangeCollect
from yanxiu_formats.bundle import pack

RECEIVED = "2026-09-02T09:00:00+08:00"


class Collect(ExchangeCollect):
    """With submissions of its own; everything after the list is as it is."""

    teaching = SimpleNamespace(bundle=lambda _: pack({"u1.ipynb": b"{}"}))

    def assignment(self):
        return {"course": "c1", "name": "u1", "unit": "u1"}

    def _newest(self, found):
        old = {"submission": "1", "attempt": 1, "received_at": RECEIVED, "deleted": True}
        return {"u1": old, "u2": {**old, "submission": "2", "deleted": False}}


def test_a_submission_whose_contents_are_deleted_is_skipped_with_a_sentence(tmp_path, caplog):
    collect = Collect(coursedir=CourseDirectory(root=str(tmp_path), assignment_id="u1"))
    collect.log = logging.getLogger("collect")
    with caplog.at_level(logging.INFO):
        collect.copy_files()
    assert [one.name for one in (tmp_path / "submitted").iterdir()] == ["u2"]
    assert (tmp_path / "submitted" / "u2" / "u1" / "u1.ipynb").is_file()
    assert "deleted after their time" in caplog.text or "内容已删除" in caplog.text
