"""JSON of strangers: refused before it is read when it would become too many things."""

import json
import subprocess
import sys

import pytest
from yanxiu_formats import bounded_json
from yanxiu_formats.notebooks import BadNotebook, parse

MANY = '"[" + "{}," * 6_000_000 + "{}]"'


def peak_mb(statement: str) -> int:
    """Return how much memory a process takes that does this with 18 MB of empty objects."""
    program = f"""
import json
from pathlib import Path
from yanxiu_formats.notebooks import BadNotebook, parse
data = ({MANY}).encode()
try:
    {statement}
except BadNotebook:
    pass
print(int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) // 1024)
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_eighteen_megabytes_take_half_a_gigabyte_only_where_nobody_counts():
    assert peak_mb("json.loads(data)") > 400
    assert peak_mb("parse(data)") < 120


@pytest.mark.parametrize(
    "data",
    [
        b"[" + b"{}," * 300_000 + b"{}]",
        b"[" * 300_000,
        b"[" + b"1," * 2_000_001 + b"1]",
        # What looks like a text and is none.
        b'"\\\\"' + b"[" * 300_000,
    ],
    ids=["objects", "depth", "numbers", "after a text"],
)
def test_too_many_things_are_refused(data):
    with pytest.raises(bounded_json.Intricate):
        bounded_json.check(data)
    with pytest.raises(BadNotebook, match=r"notebook\.intricate"):
        parse(data)


@pytest.mark.parametrize(
    "value", ["{[,]}" * 500_000, '\\"{[' * 300_000, {"a": [1.5, None]}, list(range(100_000))]
)
def test_texts_may_hold_anything(value):
    assert parse(json.dumps(value).encode()) == value


@pytest.mark.parametrize(
    "data", [b'"' + b"{" * 300_000, b'"\\', b'"' + b'\\"' * 1_000_000, b"[" * 100_000, b"{"]
)
def test_what_is_no_json_stays_none_and_takes_no_longer(data):
    with pytest.raises(BadNotebook):
        parse(data)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-16", "gb18030"])
def test_no_other_encoding_hides_what_is_counted(encoding):
    # ∁ is 01 22 in UTF-16: a byte that begins a text for who counts, and none for who reads.
    data = ('{"a":"∁","b":[' + "{}," * 300_000 + "{}]}").encode(encoding)
    with pytest.raises(BadNotebook):
        parse(data)
