"""The examples in the docstrings are the manual: they run, in every module."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import lessonkit
import pytest

NAMES = sorted(module.name for module in pkgutil.iter_modules(lessonkit.__path__))
#: Data and errors, which have nothing to show.
WITHOUT = {"books", "errors"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT])
def test_examples_of(name):
    module = importlib.import_module(f"lessonkit.{name}")
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 0
    assert found.failed == 0


def test_the_example_of_the_readme():
    readme = Path(__file__).parents[3] / "extensions/lessonkit/README.md"
    found = doctest.testfile(str(readme), module_relative=False, encoding="utf-8")
    assert found.attempted > 0
    assert found.failed == 0
