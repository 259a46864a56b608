"""What a grader sees of an execution that the learner's code may have written itself."""

import json

import pytest
from yanxiu.sandbox.inside.outputs import MAX_TEXT, MAX_TOTAL, merge
from yanxiu.sandbox.inside.prepare import read


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def outputs(merged):
    return [cell["outputs"] for cell in read(merged)["cells"] if cell["cell_type"] == "code"]


def test_outputs_come_beside_their_sources(make):
    prepared = make.notebook(make.code("1"), make.code("2"))
    executed = make.notebook(make.code("1", outputs=[stream("一")]), make.code("2"))
    assert outputs(merge(prepared, executed)) == [[stream("一")], []]


def test_a_forged_source_is_not_shown_nor_its_output(make):
    prepared = make.notebook(make.code("cheat()"), make.code("2"))
    executed = make.notebook(
        make.code("honest()", outputs=[stream("fine")]), make.code("2", outputs=[stream("ok")])
    )
    merged = merge(prepared, executed)
    assert [cell["source"] for cell in read(merged)["cells"]] == ["cheat()", "2"]
    assert outputs(merged) == [[], [stream("ok")]]


def test_more_or_fewer_cells_than_were_executed_do_no_harm(make):
    prepared = make.notebook(make.code("1"), make.code("2"))
    assert len(outputs(merge(prepared, make.notebook(make.code("1"))))) == 2
    assert len(outputs(merge(prepared, make.notebook(*[make.code("1")] * 9)))) == 2


@pytest.mark.parametrize("raw", [b"", b"{}", b"not json"])
def test_an_unreadable_execution_is_none(make, raw):
    assert merge(make.notebook(make.code("1")), raw) is None


def test_long_text_is_cut_and_says_so(make):
    long = [stream("x" * 20_000_000)]
    merged = merge(make.notebook(make.code("1")), make.notebook(make.code("1", outputs=long)))
    [[output]] = outputs(merged)
    assert output["text"].startswith("x" * MAX_TEXT) and output["text"].endswith("output cut）\n")
    assert len(merged) < MAX_TEXT + 2000


def test_all_outputs_together_are_bounded(make):
    image = {"output_type": "display_data", "metadata": {}, "data": {"image/png": "A" * 1_900_000}}
    cells = [make.code("plot()", outputs=[image])] * 10
    merged = merge(make.notebook(*cells), make.notebook(*cells))
    assert 4 * 1_900_000 < len(merged) < MAX_TOTAL + 10_000


@pytest.mark.parametrize(
    "output",
    [
        5,
        {"output_type": "magic"},
        {"output_type": "display_data", "data": 5},
        {"output_type": ["stream"]},
    ],
)
def test_outputs_of_no_known_shape_are_left_out(make, output):
    executed = make.notebook(make.code("1", outputs=[output, stream("ok")]))
    assert outputs(merge(make.notebook(make.code("1")), executed)) == [[stream("ok")]]


@pytest.mark.parametrize(
    "mime, kept",
    [
        ("text/plain", True),
        ("text/html", True),
        ("image/png", True),
        ("image/svg+xml", True),
        ("application/javascript", False),
        ("application/pdf", False),
    ],
)
def test_data_of_known_types_is_kept(make, mime, kept):
    output = {"output_type": "display_data", "metadata": {}, "data": {mime: ["a", "b"]}}
    executed = make.notebook(make.code("1", outputs=[output]))
    [[found]] = outputs(merge(make.notebook(make.code("1")), executed))
    assert found["data"] == ({mime: "ab"} if kept else {})


@pytest.mark.parametrize("size, kept", [(100, True), (2_000_000, False)])
def test_widget_state_is_kept_up_to_a_size(make, size, kept):
    mime = "application/vnd.jupyter.widget-state+json"
    executed = make.notebook(make.code("1"), widgets={mime: {"state": {"m": "x" * size}}})
    merged = json.loads(merge(make.notebook(make.code("1")), executed))
    assert (mime in merged["metadata"].get("widgets", {})) is kept
