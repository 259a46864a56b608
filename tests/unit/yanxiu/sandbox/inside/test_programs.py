"""The pure parts of the programs that run inside."""

import json
import os

import pytest
from yanxiu.sandbox.inside.execute import declared
from yanxiu.sandbox.inside.notebook import weight
from yanxiu.sandbox.inside.score import answers, score, where


def test_declared_answers_are_taken(tmp_path):
    (tmp_path / "answers.json").write_text('{"format": 1}')
    assert declared(tmp_path / "answers.json") == {"format": 1}


@pytest.mark.parametrize("content", ["", "{", "[" * 100_000, '"' + "x" * (1 << 20) + '"'], ids=len)
def test_broken_or_huge_answers_are_none(tmp_path, content):
    (tmp_path / "answers.json").write_text(content)
    assert declared(tmp_path / "answers.json") is None


def test_answers_that_are_no_file_are_none(tmp_path):
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (tmp_path / "link.json").symlink_to(secret)
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("link.json", "folder.json", "pipe.json", "missing.json"):
        assert declared(tmp_path / name) is None


@pytest.mark.parametrize(
    ("content", "inner"),
    [
        ('{"answers": {"a": 1}}', {"a": 1}),
        ('{"answers": [1]}', {}),
        ("[1]", {}),
        ("{", {}),
        ("[" * 100_000, {}),
    ],
    ids=["good", "list inside", "list", "broken", "deep"],
)
def test_the_scorer_gets_an_object_whatever_was_declared(tmp_path, content, inner):
    (tmp_path / "answers.json").write_text(content)
    assert answers(tmp_path / "answers.json") == inner


def scorer(folder, body):
    folder.joinpath("score.py").write_text(body)
    return folder


def test_a_scorer_is_called_with_answers_and_data(tmp_path):
    body = "def score(answers, data):\n    return [{'task': answers['a'], 'points': data.name}]\n"
    assert score(scorer(tmp_path, body), {"a": "x"}) == [{"task": "x", "points": "data"}]


def test_a_scorer_that_returns_something_else_is_an_error(tmp_path):
    body = "def score(answers, data):\n    return {'task': 1}\n"
    with pytest.raises(TypeError):
        score(scorer(tmp_path, body), {})


def test_an_error_of_the_scorer_is_a_place_without_its_words(tmp_path):
    body = "def score(answers, data):\n    raise KeyError('艾老师')\n"
    with pytest.raises(KeyError) as raised:
        score(scorer(tmp_path, body), {})
    assert where(raised.value) == "score.py:2 KeyError"


@pytest.mark.parametrize(
    ("message", "least"),
    [
        ({"text": "x" * 1000}, 1000),
        ({"data": {"image/png": "y" * 5000, "n": [1] * 100}}, 5000),
        ([memoryview(b"z" * 700)], 700),
        (["a"] * 1000, 16_000),  # many small things are large together
    ],
)
def test_a_message_weighs_at_least_its_text(message, least):
    assert least <= weight(message) <= least * 2 + 2000


def test_weight_does_not_recurse():
    deep = json.loads("[" * 900 + "]" * 900)
    for _ in range(5000):
        deep = [deep]
    assert weight(deep) > 5000
