"""A chart answer is drawn as it is, and an answer that cannot be drawn is left out."""

import math
import re
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yanxiu.courses.charts import draw
from yanxiu_formats.tasks import Option
from yanxiu_formats.texts import Bilingual
from yanxiu_formats.units import unit_of

from tests.support.every_task import ANSWERS, EVERY_TASK

TASK = unit_of(EVERY_TASK).task("chart")


def zh(text):
    return text.zh_CN


def chart(**changes):
    return draw(TASK, {**ANSWERS["chart"], **changes}, zh)


def heights(svg):
    return [float(h) for h in re.findall(r'<rect class="chart-c0"[^>]* height="([\d.]+)"', svg)]


def test_bars_are_as_high_as_their_values():
    svg = chart()
    one, two, three = heights(svg)
    assert two / one == pytest.approx(0.65 / 0.8, abs=0.01)
    assert three / one == pytest.approx(0.4 / 0.8, abs=0.01)
    assert 'aria-label="柱形图：意义 0.8，单位 0.65，比大小 0.4"' in svg


def test_bars_stand_on_zero_even_when_the_values_are_close():
    one, two = heights(chart(points={"one": 100, "two": 99, "three": None}))
    assert two / one == pytest.approx(0.99, abs=0.01)


@pytest.mark.parametrize("kind, mark", [("line", "<polyline"), ("pie", "<path"), ("bar", "<rect")])
def test_every_kind_is_well_formed(kind, mark):
    svg = chart(kind=kind)
    assert mark in svg
    ElementTree.fromstring(svg)
    assert "style=" not in svg


def test_one_slice_is_the_whole_pie():
    assert "<circle" in chart(kind="pie", points={"one": 3, "two": 0, "three": None})


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "bar",
        {},
        {"kind": "bar", "points": {}},
        {"kind": "bar", "points": []},
        {"kind": None, "points": {"one": 1}},
        {"kind": ["bar"], "points": {"one": 1}},
        {"kind": "bar", "points": {"one": "1"}},
        {"kind": "bar", "points": {"one": math.nan}},
        {"kind": "bar", "points": {"one": math.inf}},
        {"kind": "pie", "points": {"one": -1, "two": 0}},
    ],
)
def test_what_cannot_be_drawn_is_not_drawn(answer):
    assert draw(TASK, answer, zh) is None


def test_texts_are_escaped():
    labels = (Option(id="one", text=Bilingual(zh_CN='<script>"&', en="x")),)
    svg = draw(TASK.model_copy(update={"labels": labels}), ANSWERS["chart"], zh)
    assert "<script>" not in svg
    ElementTree.fromstring(svg)


numbers = st.none() | st.floats() | st.integers() | st.just(10**400)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(["bar", "line", "pie"]), st.tuples(numbers, numbers, numbers))
def test_any_numbers_give_a_chart_or_none(kind, values):
    points = dict(zip(("one", "two", "three"), values, strict=True))
    svg = draw(TASK, {**ANSWERS["chart"], "kind": kind, "points": points}, zh)
    if svg is not None:
        ElementTree.fromstring(svg)
        assert "nan" not in svg
        assert "inf" not in svg
