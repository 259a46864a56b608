"""Test statistics and lesson analysis, as pure functions over pandas.

Decides nothing about files, networks or screens. Called by course notebooks, published
lesson analyses and, being pure, by the hub side too. What cannot be computed is None or
NaN, never 0.
"""

from lessonkit.fias import FiasRatios, fias_matrix, fias_ratios
from lessonkit.items import discrimination, item_difficulty, item_rest
from lessonkit.reliability import alpha, kr20, kr21, sem
from lessonkit.scores import (
    percentile_rank,
    rank,
    standard_500,
    t_scores,
    three_rates,
    z_scores,
)
from lessonkit.sp import (
    disparity,
    expected_disparity,
    item_caution,
    modified_student_caution,
    sp_curves,
    sp_table,
    student_caution,
)
from lessonkit.sp_chart import sp_svg
from lessonkit.st import LessonST, analyse_st, st_curve

__all__ = [
    "FiasRatios",
    "LessonST",
    "alpha",
    "analyse_st",
    "discrimination",
    "disparity",
    "expected_disparity",
    "fias_matrix",
    "fias_ratios",
    "item_caution",
    "item_difficulty",
    "item_rest",
    "kr20",
    "kr21",
    "modified_student_caution",
    "percentile_rank",
    "rank",
    "sem",
    "sp_curves",
    "sp_svg",
    "sp_table",
    "st_curve",
    "standard_500",
    "student_caution",
    "t_scores",
    "three_rates",
    "z_scores",
]
