"""What each item of a test tells: difficulty, discrimination, agreement with the rest.

Pure. A table of marks has one row a pupil and one column an item; a missing mark is NaN.
Called by course notebooks and by the reliability functions' readers; ``reliability.py``
judges the test as a whole.
"""

from typing import Literal

import pandas as pd

Marks = pd.DataFrame
FullMarks = float | pd.Series


def item_difficulty(
    marks: Marks, full_marks: FullMarks = 1, missing: Literal["omit", "wrong"] = "omit"
) -> pd.DataFrame:
    """Return ``n`` and ``p`` of each item: how many marks were counted, and mean / full mark.

    A higher P is an *easier* item (通过率 P). ``missing="omit"`` leaves a missing mark out of
    the denominator, because nothing was observed; ``"wrong"`` counts it as 0, which is right
    only if the pupil saw the item and left it. A row with no mark at all is an absent pupil
    and is never counted. An item nobody answered has P NaN.

    :param full_marks: the full mark of all items, or one for each (in marks)
    :raises ValueError: a mark below 0 or above the full mark, or a full mark not above 0

    >>> quiz = pd.DataFrame({"Q1": [1, 0, 1, None], "Q2": [1, None, 0, None]})
    >>> item_difficulty(quiz).round(4).to_dict("index")
    {'Q1': {'n': 3, 'p': 0.6667}, 'Q2': {'n': 2, 'p': 0.5}}
    >>> item_difficulty(quiz, missing="wrong").loc["Q2", "n"]
    np.int64(3)
    """
    full = _full_marks(marks, full_marks)
    _check_range(marks, full)
    sat = marks.dropna(how="all")
    counted = sat.fillna(0) if missing == "wrong" else sat
    return pd.DataFrame({"n": counted.count(), "p": counted.mean() / full})


def discrimination(
    marks: Marks, full_marks: FullMarks = 1, share: float = 0.27
) -> tuple[pd.Series, int]:
    """Return D of each item and the size of the two groups it compares (区分度).

    D is the top group's mean minus the bottom group's, over the full mark; the groups are
    the ``share`` of pupils with the highest and lowest totals (Kelley 1939), ties in the
    table's own order. A missing mark counts as 0, since a total needs every item. With no
    pupil in a group D is NaN.

    :raises ValueError: a mark out of range, or a share outside (0, 0.5]

    >>> quiz = pd.DataFrame({"Q1": [1, 1, 1, 0], "Q2": [1, 1, 0, 0]})
    >>> d, size = discrimination(quiz)
    >>> size, d.to_dict()
    (1, {'Q1': 1.0, 'Q2': 1.0})
    """
    if not 0 < share <= 0.5:
        raise ValueError(f"share is {share}; it must be above 0 and at most 0.5")
    full = _full_marks(marks, full_marks)
    _check_range(marks, full)
    sat = marks.dropna(how="all").fillna(0)
    # floor(x + 0.5), not round(): Python rounds halves to even, so 0.27 N = 2.5 would give 2
    size = int(share * len(sat) + 0.5)
    ordered = sat.loc[sat.sum(axis=1).sort_values(ascending=False, kind="stable").index]
    if size == 0:
        return pd.Series(float("nan"), index=marks.columns), 0
    return (ordered.head(size).mean() - ordered.tail(size).mean()) / full, size


def item_rest(marks: Marks) -> pd.Series:
    """Return each item's correlation with the total of the *other* items.

    Unlike the plain item-total correlation it does not count the item with itself. Pupils
    with any missing mark are left out. An item or a rest without spread has NaN.

    >>> quiz = pd.DataFrame({"Q1": [1, 1, 0, 0], "Q2": [1, 1, 0, 1], "Q3": [1, 1, 1, 1]})
    >>> item_rest(quiz).round(4).to_dict()
    {'Q1': 0.5774, 'Q2': 0.5774, 'Q3': nan}
    """
    whole = marks.dropna()
    total = whole.sum(axis=1)
    return pd.Series({item: _correlation(whole[item], total - whole[item]) for item in whole})


def _correlation(x: pd.Series, y: pd.Series) -> float:
    # NumPy warns and divides by zero where there is no spread; we say NaN in silence.
    if len(x) < 2 or x.nunique() < 2 or y.nunique() < 2:
        return float("nan")
    return float(x.corr(y))


def _full_marks(marks: Marks, full_marks: FullMarks) -> pd.Series:
    full = (
        full_marks.reindex(marks.columns)
        if isinstance(full_marks, pd.Series)
        else pd.Series(float(full_marks), index=marks.columns)
    )
    if not (full > 0).all():
        raise ValueError("every item needs a full mark above 0")
    return full


def _check_range(marks: Marks, full: pd.Series) -> None:
    outside = ((marks < 0) | marks.gt(full, axis="columns")).to_numpy()
    if outside.any():
        row, column = (int(place[0]) for place in outside.nonzero())
        raise ValueError(
            f"mark {marks.to_numpy()[row, column]} at row {marks.index[row]}, item "
            f"{marks.columns[column]} is outside 0 to {full.to_numpy()[column]:g}; "
            "check the paper, or set it to missing"
        )
