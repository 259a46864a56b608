"""A notebook's cells as HTML: each attack by itself, and in the child that takes it.

``unlimited`` is the same code without the defence: it shows that the attack is one.
"""

import subprocess
import sys

import pytest
from yanxiu.sandbox import host

MB = 1 << 20
#: 32 kB of inline tags that every paragraph opens again: 39 MB of HTML, 1.5 GB to make it.
NESTED = '"<p>" + "".join(f"<b id={i}>" for i in range(1365)) + "<p>x" * 4096'
#: 4 kB that a Markdown table fills up to 65,536 cells.
TABLE = '"|a" * 512 + "|\\n" + "|-" * 512 + "|\\n" + "x\\n" * 1024'


_PROGRAM = """
import resource, sys
from inside import render
NESTED, TABLE = {NESTED}, {TABLE}
def html(text):
    out = {{"output_type": "display_data", "data": {{"text/html": text}}}}
    return {{"cell_type": "code", "source": "df", "outputs": [out]}}
def md(text):
    return {{"cell_type": "markdown", "source": text}}
for name, most in {limits}.items():
    setattr(render, name, most)
cells = {cells}
open(sys.argv[1], "wb").write({how})
# Not RUSAGE_SELF: it remembers the process that started this one.
own = int(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
print(max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
"""


@pytest.fixture
def rendered(tmp_path):
    """Render cells in a process of its own; return the page and its peak of memory, in MB."""

    def render(cells: str, how: str = "render.fragment(cells)", **limits: float) -> tuple[str, int]:
        out = tmp_path / "page.html"
        program = _PROGRAM.format(NESTED=NESTED, TABLE=TABLE, limits=limits, cells=cells, how=how)
        done = subprocess.run(
            [sys.executable, "-c", program, str(out)],
            cwd=host.INSIDE.parent,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return out.read_text("utf-8"), int(done.stdout) // 1024

    return render


def test_nested_tags_take_a_gigabyte_where_nothing_limits_them(rendered):
    page, peak_mb = rendered("[html(NESTED)]", "render.unlimited(cells).encode()")
    assert peak_mb > 900
    assert len(page) > 30 * MB


def test_nested_tags_cost_their_cell_and_the_next_is_shown(rendered):
    page, peak_mb = rendered("[md('one'), html(NESTED), md('three')]")
    assert peak_mb < 400
    assert len(page) < 5000
    assert "<p>one</p>" in page and "<p>three</p>" in page
    assert "超出了显示的限制" in page and "<pre>df</pre>" in page


def test_a_table_is_rendered_once_and_bounded(rendered):
    page, peak_mb = rendered("[md(TABLE)]")
    assert page.count("<td") == 65_536
    assert peak_mb < 400


def test_a_hundred_such_cells_end_at_the_limits(rendered):
    page, peak_mb = rendered("[html(NESTED)] * 100 + [md('last')]", CPU_S=3)
    assert peak_mb < 400
    assert page.count("超出了显示的限制") >= 100
    assert page.count("<section>") == 101


def test_a_page_has_an_end(rendered):
    page, _ = rendered("[md(TABLE)] * 4", MOST_HTML=1_000_000)
    assert 600_000 < len(page) <= 1_000_000 + 2000
    assert "超出了显示的限制" in page


def test_half_characters_and_every_kind_of_cell_are_shown(rendered):
    page, _ = rendered("[md('a\\ud800b'), {'cell_type': 'raw', 'source': 'x'}, html('<b>ok</b>')]")
    assert "a?b" in page
    assert page.count("<section>") == 2
