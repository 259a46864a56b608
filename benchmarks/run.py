"""Run the benchmarks: ``python benchmarks/run.py [NAME …] [--rounds N]``.

Prints one line a benchmark on stdout, progress on stderr; keeps every measurement as JSON
in ``build/bench``. Any module beside this file that has ``NAME`` and ``run`` is one. A
benchmark that fails or takes too long is said on stderr and makes the exit code 1; the
others run all the same. One whose ``why_not`` says what it lacks here is left out. Called by ``make bench``.
"""

import argparse
import importlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, ModuleType

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build" / "bench"
#: Of one benchmark, once the stock environment is installed.
LIMIT_S = 175


class TookTooLong(BaseException):
    """Not an ``Exception``: nothing on the way out may take it for its own time-out."""


def benchmarks() -> dict[str, ModuleType]:
    """Return every benchmark by its name."""
    found = {}
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem in {"__init__", "run"}:
            continue
        module = importlib.import_module(f"benchmarks.{path.stem}")
        if hasattr(module, "NAME") and hasattr(module, "run"):
            found[module.NAME] = module
    return found


@contextmanager
def limit(seconds: int) -> Iterator[None]:
    """Raise ``TookTooLong`` in a block that takes longer."""

    def over(number: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(name: str, module: ModuleType) -> bool:
    """Run one, print its line and keep its figures; say whether it came to a result."""
    print(f"{name} …", file=sys.stderr, flush=True)
    if lacking := getattr(module, "why_not", lambda: None)():
        print(f"  {name}: left out, {lacking}", file=sys.stderr, flush=True)
        return True
    from benchmarks.support import measure

    began = time.monotonic()
    measure.begin(LIMIT_S)
    try:
        with limit(LIMIT_S):
            result = module.run()
    except (Exception, TookTooLong) as error:
        print(f"  {name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        return False
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(result.json(name), encoding="utf-8")
    print(f"  {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(result.line(name), flush=True)
    return True


def main() -> int:
    """Run what was asked for."""
    sys.path.insert(0, str(ROOT))
    from benchmarks.support import stock_env

    known = benchmarks()
    parser = argparse.ArgumentParser(description="Benchmarks against the stock way.")
    parser.add_argument("name", nargs="*", help=f"one of {', '.join(known)}; none: all")
    parser.add_argument("--rounds", type=int, help="how often to measure each side")
    asked = parser.parse_args()
    unknown = [name for name in asked.name if name not in known]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(known)}")
    if asked.rounds:
        os.environ["YANXIU_BENCH_ROUNDS"] = str(asked.rounds)
    stock_env.prepare()
    results = [run(name, known[name]) for name in asked.name or known]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
