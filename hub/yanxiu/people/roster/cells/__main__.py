"""The program: a file on standard input, one JSON object on standard output.

Either ``{"error": code, "params": {…}}`` or the keys of ``read.Cells``.
"""

import json
import resource
import sys

from .book import read_workbook
from .limits import CPU_S, MEMORY, Unreadable
from .text import read_text

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def main() -> None:
    """Read standard input, write JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        if not content.strip(b"\0 \r\n\t"):
            raise Unreadable("empty")
        found = (read_workbook if content.startswith(_WORKBOOKS) else read_text)(content)
    except Unreadable as problem:
        found = {"error": problem.code, "params": problem.params}
    except MemoryError:
        found = {"error": "too_large"}
    sys.stdout.write(json.dumps(found, ensure_ascii=True))


main()
