"""Both sides at once: our site and a stock hub, for the benchmarks that visit servers."""

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.support import stock_env
from benchmarks.support.measure import say
from benchmarks.support.site import our_site
from benchmarks.support.stock_hub import StockHub, stock_hub
from tests.support.site import Running


@dataclass(frozen=True)
class Both:
    """The two sides."""

    ours: Running
    stock: StockHub

    @property
    def our_process(self) -> psutil.Process:
        """``yanxiu up`` itself."""
        return psutil.Process(self.ours.process.pid)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="yanxiu-bench-") as name:
        yield Path(name)


@contextlib.contextmanager
def both(
    *, teachers: int = 1, ngshare: bool = False, settings: str = "", database_url: str = ""
) -> Iterator[Both]:
    """Run both sides for a block.

    :param teachers: how many ours has
    :param ngshare: whether the stock hub has the exchange service
    :param settings: more of our ``site.yaml``
    :param database_url: of ours, instead of SQLite
    """
    stock_env.prepare()
    with folder() as place:
        say("starting our site")
        with our_site(place / "ours", teachers, settings, database_url) as ours:
            say("starting the stock hub")
            with stock_hub(place / "stock", ngshare=ngshare) as stock:
                yield Both(ours, stock)
