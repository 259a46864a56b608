"""What a learner can do to a notebook, and what is executed all the same."""

import json

import pytest
from yanxiu.sandbox.inside.prepare import grade_id, prepare, read, restored
from yanxiu_formats.notebooks import BadNotebook


@pytest.fixture
def release(make):
    return make.notebook(
        {"cell_type": "markdown", "metadata": {}, "source": "# 看例"},
        make.code("import worksheet", "setup"),
        make.code("worksheet.task('missing')", "missing"),
        make.code("# 你的分析", "own", locked=False),
        make.code("worksheet.task('weak')", "weak"),
        kernelspec={"name": "python3", "display_name": "Python 3"},
    )


def sources(prepared):
    return [cell["source"] for cell in read(prepared)["cells"]]


WHOLE = ["import worksheet", "worksheet.task('missing')", "# 你的分析", "worksheet.task('weak')"]


def test_an_untouched_notebook_keeps_its_cells(release):
    assert sources(prepare(release, release)) == ["# 看例", *WHOLE]


def test_own_cells_stay_between_the_releases(make, release):
    submitted = make.notebook(
        make.code("import worksheet", "setup"),
        make.code("a = 1"),
        make.code("worksheet.task('missing')", "missing"),
        make.code("df.mean()", "own", locked=False),
        make.code("worksheet.task('weak')", "weak"),
        {"cell_type": "markdown", "metadata": {}, "source": "我的想法"},
    )
    assert sources(prepare(submitted, release)) == [
        "import worksheet",
        "a = 1",
        "worksheet.task('missing')",
        "df.mean()",
        "worksheet.task('weak')",
        "我的想法",
    ]


def test_a_locked_cell_is_the_releases_again_source_and_metadata(make, release):
    edited = make.code("points = 100", "missing")
    edited["metadata"]["nbgrader"] |= {"locked": False, "points": 100}
    edited["metadata"]["jupyter"] = {}
    prepared = read(prepare(make.notebook(edited), release))
    cell = next(c for c in prepared["cells"] if c["source"] == "worksheet.task('missing')")
    assert "points = 100" not in sources(prepare(make.notebook(edited), release))
    assert cell["metadata"]["nbgrader"]["locked"] is True
    assert "points" not in cell["metadata"]["nbgrader"]
    assert cell["metadata"]["jupyter"] == {"source_hidden": True}


def test_a_locked_cell_turned_into_text_is_code_again(make, release):
    as_text = {
        "cell_type": "markdown",
        "source": "x",
        "metadata": make.code("", "missing")["metadata"],
    }
    cells = read(prepare(make.notebook(as_text), release))["cells"]
    assert {cell["cell_type"] for cell in cells} == {"code"}


@pytest.mark.parametrize(
    "left, expected",
    [
        (["setup", "own", "weak"], WHOLE),
        (["missing"], WHOLE),
        (["weak"], WHOLE),
        ([], WHOLE),
    ],
    ids=["one", "all but the second", "all but the last", "every one"],
)
def test_deleted_cells_come_back_in_order(make, release, left, expected):
    by_name = {
        "setup": make.code("import worksheet", "setup"),
        "missing": make.code("worksheet.task('missing')", "missing"),
        "own": make.code("# 你的分析", "own", locked=False),
        "weak": make.code("worksheet.task('weak')", "weak"),
    }
    assert sources(prepare(make.notebook(*[by_name[name] for name in left]), release)) == expected


def test_of_doubled_cells_the_first_is_the_releases(make, release):
    submitted = make.notebook(
        make.code("x", "missing"),
        make.code("first", "own", locked=False),
        make.code("y", "missing"),
        make.code("second", "own", locked=False),
    )
    prepared = sources(prepare(submitted, release))
    assert prepared.count("worksheet.task('missing')") == 1
    assert "y" not in prepared
    # Splitting a cell doubles it too: what the learner wrote in either half is kept.
    assert "first" in prepared and "second" in prepared
    both = read(prepare(submitted, release))["cells"]
    assert [bool(grade_id(cell)) for cell in both if cell["source"] in ("first", "second")] == [
        True,
        False,
    ]


def test_moved_cells_go_back_and_own_cells_keep_their_place(make, release):
    submitted = make.notebook(
        make.code("worksheet.task('weak')", "weak"),
        make.code("mine = 1"),
        make.code("my analysis", "own", locked=False),
        make.code("worksheet.task('missing')", "missing"),
        make.code("import worksheet", "setup"),
    )
    assert sources(prepare(submitted, release)) == [
        "import worksheet",
        "mine = 1",
        "worksheet.task('missing')",
        "my analysis",
        "worksheet.task('weak')",
    ]


def test_a_cell_that_claims_to_be_graded_loses_the_claim(make, release):
    forged = make.notebook(make.code("1", "bonus"))
    cells = read(prepare(forged, release))["cells"]
    mine = next(cell for cell in cells if cell["source"] == "1")
    assert "nbgrader" not in mine["metadata"]


@pytest.mark.parametrize(
    "metadata",
    [None, [], "x", {"nbgrader": None}, {"nbgrader": []}, {"nbgrader": {"grade_id": ["missing"]}}],
)
def test_broken_metadata_makes_a_cell_the_learners_own(make, release, metadata):
    broken = make.code("mine = 2") | {"metadata": metadata}
    prepared = sources(prepare(make.notebook(broken), release))
    assert "mine = 2" in prepared
    assert [source for source in prepared if source != "mine = 2"] == WHOLE


def test_twenty_megabytes_of_outputs_are_gone(make, release):
    output = {"output_type": "stream", "name": "stdout", "text": "x" * 20_000_000}
    submitted = make.notebook(make.code("a = 1", outputs=[output], execution_count=7))
    prepared = prepare(submitted, release)
    assert len(prepared) < 5000
    assert all(cell.get("outputs") == [] for cell in read(prepared)["cells"])


def test_the_kernel_is_the_releases(make, release):
    submitted = make.notebook(kernelspec={"name": "bash", "display_name": "x"})
    prepared = json.loads(prepare(submitted, release))
    assert prepared["metadata"]["kernelspec"]["name"] == "python3"


def test_a_source_in_lines_is_joined_and_ids_are_made_anew(make, release):
    cell = make.code(["a = 1\n", "b = 2"]) | {"id": "same"}
    prepared = json.loads(prepare(make.notebook(cell, cell), release))
    assert prepared["cells"][0]["source"] == "a = 1\nb = 2" or "a = 1\nb = 2" in sources(
        json.dumps(prepared).encode()
    )
    ids = [cell["id"] for cell in prepared["cells"]]
    assert len(set(ids)) == len(ids) == 6


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"{}",
        b'{"nbformat": 4, "cells": 5}',
        b'{"nbformat": 4, "cells": [5]}',
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 5}]}',
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": [5]}]}',
        b'{"nbformat": 4, "cells": ' + b"[" * 100_000,
        b'{"nbformat": 4, "cells": [' + b'{"cell_type": "raw"},' * 2001 + b'{"cell_type": "raw"}]}',
        "{}".encode("utf-16"),
    ],
)
def test_what_is_no_notebook_is_refused(release, raw):
    with pytest.raises(BadNotebook):
        prepare(raw, release)


def test_half_a_character_does_not_stop_the_others(make, release):
    prepared = prepare(make.notebook(make.code("s = '\ud800'")), release)
    assert "s = '\ufffd'" in sources(prepared)


def test_preparing_twice_changes_nothing(make, release):
    once = prepare(make.notebook(make.code("a = 1"), make.code("x", "weak")), release)
    assert prepare(once, release) == once


def test_what_was_put_back_is_told_by_name(make, release):
    setup, own = make.code("import worksheet", "setup"), make.code("mine", "own", locked=False)
    weak = make.code("worksheet.task('weak')", "weak")
    missing = make.code("worksheet.task('missing')", "missing")
    table = [
        ([setup, missing, own, weak], []),
        ([weak, own, missing, setup], []),  # only moved
        ([setup, own, weak], ["missing"]),
        ([setup, missing, missing, own, weak], ["missing"]),
        ([setup, make.code("", "missing"), own, weak], ["missing"]),
        ([setup, {**missing, "cell_type": "markdown"}, own, weak], ["missing"]),
        ([], ["setup", "missing", "weak"]),
    ]
    for cells, expected in table:
        assert restored(make.notebook(*cells), release) == expected
