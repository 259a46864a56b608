"""``python -m tests.attacks [--seconds 20] [--only WORD]``: attacks a platform of its own, prints a table.

The exit code is 1 when something went beyond its bound. Called by ``make attack``; the figures
in docs/reference/attacks.md are of it.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.attacks.bounds import exceeded
from tests.attacks.measure import HEAD, measure


def main() -> int:
    """Run all of them."""
    parser = argparse.ArgumentParser(prog="attacks")
    parser.add_argument("--seconds", type=float, default=20, help="of each attack")
    parser.add_argument("--only", default="", help="a word of their names")
    wanted = parser.parse_args()
    Path("build").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="attack-", dir="build") as folder:
        print(HEAD, flush=True)
        site = Path(folder).resolve() / "site"
        found = measure(site, wanted.seconds, lambda row: print(row, flush=True), wanted.only)
    too_much = exceeded(found)
    print(f"ATTACKS {len(found)} beyond a bound={len(too_much)}", *too_much, sep="\n")
    return 1 if too_much else 0


if __name__ == "__main__":
    sys.exit(main())
