"""The source of a request: what a stranger says of himself counts for nothing."""

import doctest

import pytest
from yanxiu.web import sources
from yanxiu.web.sources import source_of


def test_the_manual_is_right():
    found = doctest.testmod(sources)
    assert found.attempted >= 4
    assert found.failed == 0


@pytest.mark.parametrize("said", ["1.1.1.1", "1.1.1.1, 2.2.2.2", "x, ::1, 127.0.0.1", "127.0.0.1"])
def test_whoever_comes_without_our_proxy_is_who_they_are(said):
    assert source_of("203.0.113.9", said) == "203.0.113.9"


@pytest.mark.parametrize("said", ["1.1.1.1", "1.1.1.1, 127.0.0.1", "x", ""])
def test_behind_our_proxy_the_last_hop_that_is_not_ours_counts(said):
    forwarded = ", ".join(filter(None, [said, "203.0.113.9"]))
    assert source_of("127.0.0.1", forwarded) == "203.0.113.9"


def test_a_proxy_that_nobody_named_is_the_source_itself():
    assert source_of("127.0.0.1", "203.0.113.9, 10.0.0.5") == "10.0.0.5"
    assert source_of("127.0.0.1", "203.0.113.9, 10.0.0.5", {"127.0.0.1", "10.0.0.5"}) == (
        "203.0.113.9"
    )
