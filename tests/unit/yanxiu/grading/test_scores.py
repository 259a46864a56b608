"""A score is taken whole or not at all."""

import json

import pytest
from yanxiu.grading.scores import BadScores, read_scores

SAYS = {"zh_CN": "正确", "en": "right"}


def written(*scores):
    return json.dumps({"scores": list(scores)}).encode()


def points(task, value, message=SAYS):
    return {"task": task, "points": value, "message": message}


@pytest.mark.parametrize("missing, weak", [(0, 0), (6, 4), (2.5, 4)])
def test_every_auto_task_once_within_its_points_is_a_score(unit, missing, weak):
    found = read_scores(written(points("weak", weak), points("missing", missing)), unit)
    assert [(score["task"], score["points"]) for score in found] == [
        ("missing", missing),
        ("weak", weak),
    ]


@pytest.mark.parametrize(
    "scores",
    [
        [],
        [points("missing", 1)],
        [points("missing", 1), points("missing", 1)],
        [points("missing", 1), points("weak", 1), points("weak", 2)],
        [points("missing", 1), points("weak", 1), points("plan", 90)],
        [points("missing", 6.01), points("weak", 1)],
        [points("missing", -0.01), points("weak", 1)],
        [points("missing", "6"), points("weak", 1)],
        [points("missing", True), points("weak", 1)],
        [points("missing", None), points("weak", 1)],
        [points("missing", float("nan")), points("weak", 1)],
        [points("missing", 1, "好"), points("weak", 1)],
        [points("missing", 1, {"zh_CN": "好"}), points("weak", 1)],
        ["missing", "weak"],
    ],
)
def test_anything_else_is_refused_as_a_whole(unit, scores):
    with pytest.raises(BadScores):
        read_scores(written(*scores), unit)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b'{"scores": 5}', b'{"scores": {}}', b"[" * 99_999]
)
def test_what_is_no_score_file_is_refused(unit, raw):
    with pytest.raises(BadScores):
        read_scores(raw, unit)


def test_a_long_message_is_cut(unit):
    found = read_scores(
        written(points("missing", 1, {"zh_CN": "长" * 9999, "en": "x"}), points("weak", 1)), unit
    )
    assert len(found[0]["message"]["zh_CN"]) == 4000
