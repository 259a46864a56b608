"""``python -m tests.soak [--minutes 60] [--teachers 30] [--pause 15]``: prints figures.

The exit code is 1 when a request failed or a part grew. Called by ``make soak``.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.soak import soak


def main() -> int:
    """Run one."""
    parser = argparse.ArgumentParser(prog="soak")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--teachers", type=int, default=30)
    parser.add_argument("--pause", type=float, default=15, help="seconds between two rounds")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="soak-", dir="build") as folder:
        found = soak(
            Path(folder).resolve() / "site",
            wanted.teachers,
            wanted.minutes,
            wanted.pause,
            lambda text: print(text, file=sys.stderr, flush=True),
        )
    print(found.table())
    print(", ".join(f"{what} {number}" for what, number in sorted(found.done.items())))
    print(f"SOAK teachers={wanted.teachers} minutes={wanted.minutes:g}", end=" ")
    print(f"requests={found.done.total()} failed={len(found.failed)} grown={len(found.grown)}")
    for said in (*found.failed, *found.grown):
        print(said)
    return 1 if found.failed or found.grown else 0


if __name__ == "__main__":
    sys.exit(main())
