"""What is said of a machine, whatever it has."""

import pytest
from yanxiu.sandbox.runtime import Runtime
from yanxiu.sandbox.weaknesses import HELD_BY, of

WHY = ("没有编号", "no ids")


@pytest.mark.parametrize(
    ("why", "grouped", "landlock", "said"),
    [
        (None, True, True, ["homes are measured"]),
        (None, True, False, ["homes are measured", "no Landlock"]),
        (None, False, True, ["no control groups", "homes are measured"]),
        (WHY, False, False, ["no ids", "no control groups", "homes are measured", "no Landlock"]),
    ],
)
def test_each_weakness_has_a_sentence(why, grouped, landlock, said):
    found = of(isolated=True, why_no_ids=why, grouped=grouped, landlock=landlock)
    assert len(found) == len(said)
    assert all(word in sentence for word, sentence in zip(said, found, strict=True))


def test_without_sandboxes_nothing_else_matters():
    assert len(of(isolated=False, why_no_ids=WHY, grouped=False, landlock=False)) == 1


async def test_what_holds_limits_is_told_in_words(tmp_path):
    on = Runtime(tmp_path, None, None)
    try:
        assert on.limits_by() in HELD_BY
    finally:
        await on.stop()
