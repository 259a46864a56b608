"""The examples in the docstrings are the manual: they run."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize("name", ["items", "reliability", "scores", "sp", "sp_chart", "st", "fias"])
def test_examples_of(name):
    module = importlib.import_module(f"lessonkit.{name}")
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
