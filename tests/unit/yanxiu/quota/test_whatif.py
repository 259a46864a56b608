"""What-if: a table of small days, and what holds for every ceiling."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yanxiu.quota.curve import Span
from yanxiu.quota.whatif import Sure, costs, shortage

START = datetime(2026, 9, 1, tzinfo=UTC)
DAY = START + timedelta(days=1)


def span(begin: float, end: float) -> Span:
    return Span(START + timedelta(hours=begin), START + timedelta(hours=end))


#: An evening: three servers at eight, one person waits for half an hour.
RAN = [span(19, 21), span(19.5, 22), span(20, 20.5), span(20.5, 23)]
WAITED = [span(20, 20.5)]


@pytest.mark.parametrize(
    ("ceiling", "full_h", "short_h", "waited_h", "most"),
    [
        (3, 0.5 + 0.5, 0.5, 0.5, 1),  # from eight to nine three places were taken
        (4, 0.5, 0, 0, 0),  # nobody would have waited; all four were taken for half an hour
        (5, 0, 0, 0, 0),
        (2, 2.5, 1, 0.5 * 2 + 0.5 * 1, 2),
        (0, 24, 4, 2 + 2.5 + 0.5 + 2.5 + 0.5, 4),
    ],
)
def test_an_evening(ceiling, full_h, short_h, waited_h, most):
    found = shortage(RAN, WAITED, ceiling, START, DAY)
    assert (found.full_s / 3600, found.short_s / 3600) == (full_h, short_h)
    assert (found.waited_s / 3600, found.most_waiting) == (waited_h, most)


SPANS = st.lists(
    st.builds(lambda a, b: span(min(a, b), max(a, b)), st.integers(0, 24), st.integers(0, 24)),
    max_size=12,
)


@given(SPANS, SPANS, st.integers(0, 12))
def test_a_higher_ceiling_is_never_worse(ran, waited, ceiling):
    low, high = (shortage(ran, waited, one, START, DAY) for one in (ceiling, ceiling + 1))
    assert high.full_s <= low.full_s
    assert high.short_s <= low.short_s
    assert high.waited_s <= low.waited_s
    # A place more takes at most one out of the line at every moment.
    assert low.waited_s - high.waited_s == low.short_s
    assert 0 <= low.short_s <= low.full_s <= (DAY - START).total_seconds()


@given(SPANS, SPANS)
def test_at_a_ceiling_of_all_nobody_waits(ran, waited):
    found = shortage(ran, waited, len(ran) + len(waited), START, DAY)
    assert (found.waited_s, found.most_waiting) == (0, 0)


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        ([Sure("云溪县", 100, 60)], [(40, 10, True)]),
        ([Sure("云溪县", 100, 70)], [(30, 0, True)]),
        ([Sure("云溪县", 100, 71)], [(29, -1, False)]),
        ([Sure("云溪县", None, 60)], []),
        (
            [Sure("集团", None, 20), Sure("云溪县", 80, 60), Sure("", 200, 80)],
            [(20, -10, False), (120, 90, True)],
        ),
        # The cluster is sure of 40 itself: up to there it costs the county nothing.
        ([Sure("集团", 60, 20, own=40), Sure("云溪县", 80, 60)], [(40, 10, True), (20, 10, True)]),
    ],
)
def test_what_a_guarantee_leaves_for_all_others(above, expected):
    found = costs(above, before=10, after=40)
    assert [(one.free_before, one.free_after, one.fits) for one in found] == expected
