"""What holds for every function: it changes nothing it was given, and refuses in one family, Chinese first."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import lessonkit
import numpy as np
import pandas as pd
import pytest
from lessonkit import (
    LessonError,
    agreement,
    disclosure,
    fias,
    ifias,
    irf,
    items,
    itias,
    questions,
    scores,
    sequence,
    sp,
    st,
    table,
    tpack,
)

MARKS = pd.DataFrame({"Q1": [1, 0, None], "Q2": [1, 1, 0]}, index=["S1", "S2", "S3"])
COUNTS = pd.DataFrame([[20, 5], [10, 15]], index=["T", "S"], columns=["S", "T"])
SCORES = pd.Series([60.0, None, 80.0], index=["c", "a", "b"])
LESSON = pd.DataFrame({"code": ["t", "S"], "t_start_s": ["30", "0"]}, index=[5, 4])

CALLS = [
    (st.analyse, [pd.Series([" t", "S"])]),
    (fias.analyse, [np.array([5, 4, 10])]),
    (itias.analyse, [pd.Series(["1", "18"])]),
    (itias.from_counts, [pd.Series([3, 1], index=[6, 2])]),
    (ifias.map_codes, [pd.Series([4, 5]), {4: "4.1", 5: "4.2"}]),
    (questions.bloom, [pd.Series([1, 6])]),
    (questions.sihe, [pd.Series(["是何"])]),
    (questions.wait_time, [pd.Series([3.0, None])]),
    (irf.exchanges, [pd.Series(["I", "r"])]),
    (tpack.analyse, [pd.Series(["CP", "t"])]),
    (agreement.table, [SCORES.dropna(), SCORES.dropna()[::-1]]),
    (agreement.cohen_kappa, [COUNTS]),
    (agreement.scott_pi, [np.array([[1, 2], [3, 4]])]),
    (agreement.weighted_kappa, [COUNTS]),
    (sequence.lag, [[pd.Series(["T", "S"]), np.array(["S"])]]),
    (items.analyse, [MARKS]),
    (sp.chart, [MARKS]),
    (sp.arrange, [MARKS]),
    (scores.standard, [SCORES]),
    (scores.value_added, [SCORES, SCORES[::-1], pd.Series(["甲", " 乙", None], index=["b", "c", "a"])]),
    (table.read_lesson, [LESSON]),
    (disclosure.check, [MARKS]),
]  # fmt: skip


@pytest.mark.parametrize(
    "function, given", CALLS, ids=lambda value: getattr(value, "__qualname__", "")
)
def test_nothing_that_was_given_is_changed(function, given):
    before = [repr(one) for one in given]
    copies = [one.copy() if hasattr(one, "copy") else one for one in given]
    function(*given)
    assert [repr(one) for one in given] == before
    for one, copy in zip(given, copies, strict=True):
        if isinstance(one, pd.DataFrame | pd.Series):
            assert one.equals(copy)
            assert one.index.equals(copy.index)


@pytest.mark.parametrize(
    "function, given", CALLS, ids=lambda value: getattr(value, "__qualname__", "")
)
def test_an_object_of_no_kind_is_refused_by_our_own_error(function, given):
    with pytest.raises(LessonError):
        function(*[object() for _ in given])


def test_a_result_cannot_be_changed():
    with pytest.raises(AttributeError):
        st.analyse("TS").rt = 1


#: What the platform's notebooks and apps import; a field more or fewer is another interface.
FIELDS = {
    st.StResult: "n n_t n_s runs rt ch mode curve",
    fias.FiasResult: "n matrix columns tt pt sc i_d i_d_revised trr tqr pir trr89 tqr89 ccr ssr pssr",
    itias.ItiasResult: "n teacher student silence technology indirect_direct positive_negative "
    "open_questions question_share active_response student_initiation peer useful_silence "
    "teacher_technology",
    questions.BloomResult: "n counts high_order mean_level",
    questions.SiheResult: "n shares deep",
    questions.WaitResult: "n mean median under3 from3to5 over5",
    irf.IrfResult: "exchanges complete ir_only i_only extended mean_length",
    tpack.TpackResult: "counts technology tpack integrated",
    agreement.Agreement: "value po pe se n",
    sequence.LagResult: "codes counts expected z yule_q",
    items.ItemResult: "p d item_total item_rest alpha kr20 sem",
    sp.SpResult: "student_order item_order cs cp mci d_star",
    scores.VaResult: "slope intercept residuals by_group z_gain",
}


@pytest.mark.parametrize(
    "result, fields", FIELDS.items(), ids=lambda value: getattr(value, "__name__", "")
)
def test_the_fields_of_a_result(result, fields):
    assert list(result.__dataclass_fields__) == fields.split()


def modules():
    for found in pkgutil.iter_modules(lessonkit.__path__):
        yield importlib.import_module(f"lessonkit.{found.name}")


@pytest.mark.parametrize("module", list(modules()), ids=lambda module: module.__name__)
def test_it_does_no_input_or_output_and_needs_pandas_and_numpy_only(module):
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
    }
    pure = {
        "ast", "collections", "dataclasses", "functools", "html", "lessonkit", "math", "numbers", "numpy",
        "pandas", "re", "typing", "unicodedata",
    }  # fmt: skip
    assert imported <= pure
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert not called & {"open", "print", "input", "eval", "exec"}


def test_the_words_of_an_error_begin_in_chinese_and_go_on_in_english():
    for call in (
        lambda: st.analyse("X"),
        lambda: items.analyse([["?"]]),
        lambda: agreement.table([1], []),
    ):
        with pytest.raises(LessonError) as refused:
            call()
        said = str(refused.value)
        assert re.match("[一-鿿]", said)
        assert re.search(r"\([a-z0-9 ,:;'?-]+.*\)$", said)


def test_a_long_corpus_takes_no_loop_over_pairs():
    """Two hundred lessons of an hour: a quarter of a million codes, as one would pool them."""
    lesson = np.random.default_rng(3).integers(1, 11, size=1_200)
    assert fias.analyse(np.tile(lesson, 200)).n == 240_001
    assert sequence.lag([lesson] * 200).n == 200 * 1_199
    assert agreement.table(np.tile(lesson, 200), np.tile(lesson, 200)).to_numpy().trace() == 240_000


@pytest.mark.parametrize(
    "codes", [np.array(5), np.array([["T"]]), pd.DataFrame({"a": ["T"]}), {"T": 1}, None, 5]
)
def test_codes_are_one_column(codes):
    for function in (st.analyse, fias.analyse, questions.wait_time, scores.standard, irf.exchanges):
        with pytest.raises(LessonError):
            function(codes)
