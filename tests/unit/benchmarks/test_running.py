"""The benchmarks' own arithmetic, turns and reports; what they measure needs real servers."""

import re
import time
from types import SimpleNamespace

import pytest

from benchmarks import run as runner
from benchmarks.result import Result, percentile
from benchmarks.support import measure

LINE = re.compile(r"BENCH [a-z-]+ ratio=[0-9.]+ ours=[0-9.]+ stock=[0-9.]+ unit=\S+\n")


@pytest.mark.parametrize(
    "result, ratio",
    [
        (Result.of_seconds([1.0, 2.0, 30.0], [4.0, 5.0, 3.0]), 2.0),  # medians 2 and 4
        (Result.of_seconds([4.0], [2.0]), 0.5),
        (Result.of_rates([40.0], [10.0], "submissions/s"), 4.0),
        (Result.of_rates([10.0], [40.0], "submissions/s"), 0.25),
    ],
)
def test_a_ratio_above_one_is_better_than_stock_in_either_unit(result, ratio):
    assert result.ratio == ratio


@pytest.mark.parametrize(
    "values, share, expected",
    [([3.0, 1.0, 2.0], 0.5, 2.0), ([1.0], 0.99, 1.0), ([float(n) for n in range(1, 101)], 0.99, 99.0)],
)  # fmt: skip
def test_a_percentile_is_a_value_that_was_measured(values, share, expected):
    assert percentile(values, share) == expected


def _side(name, order):
    def once():
        order.append(name)
        return 1.0

    return once


def test_both_sides_take_turns_and_take_turns_in_going_first(monkeypatch):
    monkeypatch.setenv("YANXIU_BENCH_ROUNDS", "2")
    monkeypatch.setattr(measure, "_deadline", float("inf"))
    order = []
    found = measure.take_turns(_side("ours", order), _side("stock", order), usual=9)
    assert found == ([1.0, 1.0], [1.0, 1.0])
    assert order == ["ours", "stock", "ours", "stock", "stock", "ours"]


def test_when_time_is_short_there_is_still_one_round_of_each(monkeypatch):
    monkeypatch.delenv("YANXIU_BENCH_ROUNDS", raising=False)
    monkeypatch.setattr(measure, "_deadline", time.monotonic())
    order = []
    assert measure.take_turns(_side("a", order), _side("b", order), usual=9) == ([1.0], [1.0])


def test_every_module_with_a_name_is_a_benchmark():
    known = runner.benchmarks()
    assert {"submit", "autograde", "kernel-ready", "server-start"} <= set(known)
    assert all(name == module.NAME for name, module in known.items())


def test_a_result_is_one_line_on_stdout_and_a_file(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(runner, "OUT", tmp_path / "bench")
    good = SimpleNamespace(run=lambda: Result.of_seconds([1.0], [2.0]))
    assert runner.run("some-thing", good)
    assert LINE.fullmatch(capsys.readouterr().out)
    assert '"ratio": 2.0' in (tmp_path / "bench" / "some-thing.json").read_text()


def _never():
    time.sleep(60)


def _fails():
    raise RuntimeError("the stock hub's start did not happen")


@pytest.mark.parametrize(
    "broken, said", [(_fails, "did not happen"), (_never, "not done after 1 s")]
)
def test_a_broken_or_endless_benchmark_says_so_and_prints_no_figure(
    broken, said, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(runner, "OUT", tmp_path)
    monkeypatch.setattr(runner, "LIMIT_S", 1)
    assert not runner.run("broken", SimpleNamespace(run=broken))
    printed = capsys.readouterr()
    assert printed.out == ""
    assert said in printed.err
    assert list(tmp_path.iterdir()) == []
