"""Every setting of the installed nbgrader is classified: an upgrade cannot slip one by."""

import pytest
from nbconvert.exporters import NotebookExporter
from nbconvert.writers import FilesWriter
from nbgrader.apps import NbGraderApp
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default.exchange import Exchange
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from nbgrader.validator import Validator
from traitlets import HasTraits
from yanxiu.courses.nbgrader import known, leaving_out
from yanxiu.courses.nbgrader.notebooks import AFTER_GRADEBOOK, BEFORE_GRADEBOOK

TABLES = (known.UNDERSTOOD, known.REFUSED, known.IRRELEVANT)


def installed():
    """Return ``Class.option`` of everything that a configuration of nbgrader can set.

    A section of a class holds for those that are derived from it, so each base counts too.
    """
    classes = {
        *NbGraderApp().all_configurable_classes(),
        *(NotebookExporter, FilesWriter, Exchange, Validator, FormgradeExtension),
        *GenerateAssignment().preprocessors,
    }
    every = {base for one in classes for base in one.__mro__ if issubclass(base, HasTraits)}
    return sorted(
        f"{one.__name__}.{name}" for one in every for name in one.class_trait_names(config=True)
    )


@pytest.mark.parametrize("name", installed())
def test_each_setting_is_in_exactly_one_class(name):
    exact = [table for table in TABLES if name in table]
    assert len(exact) <= 1
    if not exact:
        wide = [table for table in TABLES if set(known.patterns(name)) & table.keys()]
        # A name for every class (*.config_file) goes before a class for every name.
        if known.patterns(name)[1] in known.REFUSED:
            wide = [known.REFUSED]
        assert len(wide) == 1, f"{name}: classify it in courses/nbgrader/known.py"
    assert (known.harmless(name) is not None) + known.irrelevant(name) + (
        name in known.UNDERSTOOD
    ) == 1


def test_there_are_settings_and_none_of_the_table_is_made_up():
    names = set(installed())
    assert len(names) > 300
    exact = [name for table in TABLES for name in table if "*" not in name]
    assert set(exact) <= names
    assert not set(known.FORMER) & names  # else it means something today
    assert known.harmless("ClearHiddenTests.begin_test_delimiter") is None
    assert not known.irrelevant("ClearHiddenTests.begin_test_delimiter")
    assert not known.irrelevant("NbGrader.ClearHiddenTests.begin_test_delimeter")
    assert not known.irrelevant("NbGrader")


@pytest.mark.parametrize("name", sorted({**known.IRRELEVANT, **known.FORMER}))
def test_what_is_irrelevant_says_why(name):
    assert len({**known.IRRELEVANT, **known.FORMER}[name]) > 10
    assert "*" in name or known.irrelevant(name)


def test_the_values_that_change_nothing_are_nbgraders_own():
    """Of each refused setting the first value is what nbgrader has without a configuration."""
    found = {}
    for one in (CourseDirectory, GenerateAssignment, *GenerateAssignment().preprocessors):
        for name in one.class_trait_names(config=True):
            values = known.harmless(f"{one.__name__}.{name}")
            if values and values[0] is not known.NEVER and name != "exporter_class":
                found[f"{one.__name__}.{name}"] = getattr(one(), name)
                assert getattr(one(), name) == values[0], name
    assert found["ClearHiddenTests.enabled"] is True
    assert len(found) > 12


def test_nothing_is_equal_to_never():
    assert known.NEVER != known.NEVER
    assert known.NEVER != []


def test_the_defaults_for_files_are_nbgraders_own():
    default = CourseDirectory()
    assert list(leaving_out.IGNORE) == default.ignore
    assert list(leaving_out.INCLUDE) == default.include
    assert (default.max_file_size, default.max_dir_size) == (
        leaving_out.MAX_FILE_KB,
        leaving_out.MAX_DIR_KB,
    )


def test_the_steps_are_nbgraders_own_in_its_order():
    """Only the two are left out that run programs and write a gradebook, and the header."""
    names = [step.__name__ for step in GenerateAssignment().preprocessors]
    ours = [*BEFORE_GRADEBOOK, "ComputeChecksums", *AFTER_GRADEBOOK]
    left_out = {"IncludeHeaderFooter", "InstantiateTests", "SaveCells"}
    assert [name for name in names if name not in left_out] == ours
