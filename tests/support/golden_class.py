"""The class of twelve pupils and eight items whose statistics are worked by hand."""

#: One string a pupil, S01 first; 1 is a right answer.
ROWS = [
    "11111110",
    "11111101",
    "11111010",
    "11110100",
    "11011001",
    "11101000",
    "10110010",
    "11100000",
    "01011000",
    "11000000",
    "10000010",
    "00100000",
]
