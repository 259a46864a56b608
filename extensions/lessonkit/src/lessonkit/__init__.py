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
from lessonkit.st import LessonST, analyse_st, st_curve

__all__ = [
    "FiasRatios",
    "LessonST",
    "alpha",
    "analyse_st",
    "discrimination",
    "fias_matrix",
    "fias_ratios",
    "item_difficulty",
    "item_rest",
    "kr20",
    "kr21",
    "percentile_rank",
    "rank",
    "sem",
    "st_curve",
    "standard_500",
    "t_scores",
    "three_rates",
    "z_scores",
]
