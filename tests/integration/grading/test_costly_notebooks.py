"""Notebooks that cost whoever looks at them: the worker stays small, and people are told.

Each is first looked at the way the worker itself once did.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from yanxiu.work.rules import State
from yanxiu_formats import bounded_json

from tests.integration.grading import course

FULL = {"missing": 30, "best": 10}
#: What a worker may need: its own code, and the bytes that it carries.
SMALL_MB = 220
MANY = b'{"x": [' + b"{}," * 2_000_000 + b"{}]}"
#: 32 kB that become 39 MB of HTML, and 1.5 GB to make it.
NESTED = """
from IPython.display import HTML, display
display(HTML("<p>" + "".join(f"<b id={i}>" for i in range(1365)) + "<p>x" * 4096))
"""


def peak_mb(pid: int | str) -> int:
    """Return the most memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


@pytest.fixture
def graded(platform):
    """Have a real worker of its own grade; return the result, and the worker's peak of memory."""

    def grade(submission):
        process = platform.worker("costly")
        platform.wait_until(
            lambda: platform.result(submission).submission.state == State.WAITING, within_s=240
        )
        return platform.result(submission), peak_mb(process.pid)

    return grade


def rendered(platform, found) -> str:
    return platform.store.blobs.read(found.submission.rendered_blob).decode()


def with_metadata(metadata: bytes) -> bytes:
    book = json.loads(course.notebook(course.HONEST))
    book["cells"][-1]["metadata"] = {"here": 1}
    return json.dumps(book).encode().replace(b'{"here": 1}', metadata)


def test_six_megabytes_of_metadata_cost_a_gigabyte_where_they_are_parsed(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(with_metadata(MANY))
    parse = """
import copy, json, nbformat, sys
book = json.load(open(sys.argv[1]))
node = nbformat.from_dict(copy.deepcopy(book))
nbformat.validate(node)
print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""
    command = [sys.executable, "-c", parse, str(tmp_path / "a.ipynb")]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert int(said) // 1024 > 600


def test_six_megabytes_of_metadata_do_not_reach_the_worker(platform, graded, monkeypatch):
    # The door refuses them too; somebody may find a way past it.
    monkeypatch.setattr(bounded_json, "MOST_HOLDERS", 10**9)
    monkeypatch.setattr(bounded_json, "MOST_COMMAS", 10**9)
    found, most_mb = graded(platform.submit({"t1.ipynb": with_metadata(MANY)}))
    assert most_mb < SMALL_MB
    assert found.points == FULL
    assert len(found.executed) < 100_000
    assert "<section>" in rendered(platform, found)


def test_nested_tags_cost_their_cell_on_the_page_and_nothing_else(platform, graded):
    found, most_mb = graded(platform.submit_notebook(course.HONEST, NESTED, "print('after')"))
    page = rendered(platform, found)
    assert most_mb < SMALL_MB
    assert found.points == FULL
    assert len(page) < 100_000
    assert "超出了显示的限制" in page and "after" in page
    assert b"<b id=1364>" in found.executed, "the file that can be downloaded has it all"


def test_a_table_of_65536_cells_is_made_once(platform, graded):
    table = "|a" * 512 + "|\n" + "|-" * 512 + "|\n" + "x\n" * 1024
    book = json.loads(course.notebook(course.HONEST))
    cell = {"cell_type": "markdown", "id": "t", "metadata": {}, "source": table}
    book["cells"].append(cell)
    found, most_mb = graded(platform.submit({"t1.ipynb": json.dumps(book).encode()}))
    assert most_mb < SMALL_MB
    assert rendered(platform, found).count("<td") == 65_536
