"""Numbers as people type them and as code gives them."""

import math

import numpy as np
import pytest
from yanxiu_formats.numbers import NotANumber, is_number, number_text, parse_number


@pytest.mark.parametrize(
    "typed, number",
    [
        ("12", 12),
        (" 0.65 ", 0.65),
        ("１２．５", 12.5),  # a Chinese keyboard
        ("0。5", 0.5),
        ("−3", -3),
        ("42人", 42),
        ("42 人", 42),
        ("", None),
        ("　", None),
        (".5", 0.5),
        ("1e3", 1000),
        ("12.0", 12),
        (np.float64(3.0), 3),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (0, 0),
        (10**15, 10**15),
    ],
)
def test_numbers_as_people_write_them(typed, number):
    found = parse_number(typed, ["人"])
    assert found == number
    assert found is None or type(found) is (int if number == int(number) else float)


class Rude:
    def __float__(self):
        raise RuntimeError("no")

    def __str__(self):
        return "粗鲁"


@pytest.mark.parametrize(
    "typed",
    [
        "四十二",
        "85%",
        "1/2",
        "1_000",
        "1,5",
        "nan",
        "inf",
        "--1",
        ".",
        "0x10",
        True,
        math.nan,
        [],
        b"12",
        1j,
        Rude(),
        np.float64("nan"),
    ],
)
def test_what_is_no_number_is_named(typed):
    with pytest.raises(NotANumber, match="not_a_number"):
        parse_number(typed)


@pytest.mark.parametrize(
    "typed",
    ["1e999", "9" * 40, "9" * 5000, 10**15 + 1, 10**400, -(10**5000), 1e300, math.inf],
    ids=lambda typed: "",  # Python writes no number of 5,000 digits
)
def test_what_is_too_large_is_said(typed):
    assert not is_number(typed)
    assert number_text(typed) == ""
    with pytest.raises(NotANumber, match="number_too_large"):
        parse_number(typed)
