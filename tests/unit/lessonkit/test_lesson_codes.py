"""Golden numbers of S-T and FIAS, and their edges."""

import lessonkit as lk
import pytest

A = "TTTTTSSTTTSSSSTTTTTSSTTSSSSSTTTTTTSSTTTT"


@pytest.mark.parametrize(
    "codes, rt, ch, mode, borders",
    [
        (A, 0.625, 0.25, "混合型", False),
        ("T" * 34 + "SS" + "TTTT", 0.95, 0.05, "讲授型", False),
        ("TS" * 20, 0.5, 0.975, "对话型", False),
        ("TTTTTTTSSS", 0.7, 0.1, "讲授型", False),  # exactly at 0.7
        ("TTSSTTSSTT", 0.6, 0.4, "对话型", False),  # exactly at 0.4
        ("SSTSTSSSTSSS", 0.25, 0.5, "练习型", True),  # two rules at once
        ("S", 0.0, 0.0, "练习型", False),
    ],
)
def test_modes_of_lessons(codes, rt, ch, mode, borders):
    lesson = lk.analyse_st(codes)
    assert (lesson.rt, lesson.ch, lesson.mode, lesson.borders) == (rt, ch, mode, borders)


def test_counts_and_curve_of_lesson_a():
    lesson = lk.analyse_st(A)
    assert (lesson.n, lesson.n_t, lesson.n_s, lesson.runs) == (40, 25, 15, 11)
    curve = lk.st_curve(A, step_s=30)
    assert tuple(curve.iloc[10]) == (240, 60)
    assert tuple(curve.iloc[-1]) == (750, 450)


def test_a_lesson_without_samples_has_no_ratio():
    lesson = lk.analyse_st("")
    assert (lesson.rt, lesson.ch, lesson.mode) == (None, None, None)


def test_an_unknown_symbol_is_named_with_its_place():
    with pytest.raises(ValueError, match="sample 3 is 'D'"):
        lk.analyse_st("TSD")
    with pytest.raises(ValueError, match="above 0"):
        lk.st_curve("TS", step_s=0)


CODES = [
    int(code)
    for code in [
        "5",
        "5",
        "5",
        "4",
        "8",
        "3",
        "5",
        "5",
        "4",
        "8",
        "2",
        "5",
        "6",
        "10",
        "8",
        "8",
        "3",
        "4",
        "9",
        "9",
        "3",
        "2",
        "5",
        "5",
        "4",
        "8",
        "4",
        "8",
        "5",
        "5",
        "7",
        "6",
        "10",
        "8",
        "8",
        "2",
        "4",
        "9",
        "9",
        "9",
        "3",
        "5",
        "5",
        "5",
    ]
]


def test_matrix_of_44_codes():
    matrix = lk.fias_matrix(CODES)
    assert matrix.sum().tolist() == [0, 3, 4, 6, 13, 2, 1, 8, 5, 3]
    assert matrix.sum(axis=1).tolist() == matrix.sum().tolist()
    assert matrix.loc[8].tolist() == [0, 2, 2, 1, 1, 0, 0, 2, 0, 0]
    assert int(lk.fias_matrix(CODES, pad=False).to_numpy().sum()) == 43


def test_ratios_of_44_codes():
    ratios = lk.fias_ratios(lk.fias_matrix(CODES)).to_dict()
    golden = {
        "n": 45, "tt": 64.44, "pt": 28.89, "sc": 6.67, "i_d": 0.8125, "revised_i_d": 2.3333,
        "trr": 70.0, "tqr": 31.58, "pir": 38.46, "trr89": 100.0, "tqr89": 50.0, "ccr": 62.22,
        "ssr": 26.67, "pssr": 38.46, "positive": 1, "defect": 1,
    }  # fmt: skip
    for name, value in golden.items():
        digits = 4 if "i_d" in name else 2
        assert round(ratios[name], digits) == value, name


def test_ratios_of_nothing_are_none_not_zero():
    empty = lk.fias_ratios(lk.fias_matrix([]))
    assert (empty.n, empty.tt, empty.i_d, empty.tqr) == (0, None, None, None)
    assert lk.fias_ratios(lk.fias_matrix([5, 5])).pir is None  # no pupil talk


@pytest.mark.parametrize("code", [0, 11])
def test_a_code_outside_the_table_is_named(code):
    with pytest.raises(ValueError, match="code 2"):
        lk.fias_matrix([5, code])
