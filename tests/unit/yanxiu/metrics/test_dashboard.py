"""The dashboard asks for metrics and labels that there are, and its panels lie beside each other."""

import json
import re
from pathlib import Path

import promql_parser
import pytest
import yanxiu.metrics
from yanxiu.metrics.dashboard import ROWS, dashboard

from tests.support.promql import selectors

REFERENCE = Path(__file__).parents[4] / "docs/reference/metrics.md"
FILE = Path(yanxiu.metrics.__file__).with_name("dashboard.json")
#: Metric → its labels, as the reference says; it is compared with a scrape of the running platform.
KNOWN = {
    name: {label for label in (labels or "").split(",") if label}
    for name, labels in re.findall(
        r"^\| `([a-z_]+)(?:\{([a-z_,]+)\})?`", REFERENCE.read_text("utf-8"), re.MULTILINE
    )
}
QUERIES = [
    (panel.title, legend, expression)
    for _, row in ROWS
    for panel in row
    for legend, expression in panel.queries
]
#: Grafana puts it in.
INTERVAL = {"$__rate_interval": "5m"}


def parsed(expression: str):
    for name, value in INTERVAL.items():
        expression = expression.replace(name, value)
    return promql_parser.parse(expression)


@pytest.mark.parametrize(
    ("title", "legend", "expression"), QUERIES, ids=[one[0] for one in QUERIES]
)
def test_what_a_panel_asks_for_is_there(title, legend, expression):
    found = selectors(parsed(expression))
    assert found
    labels: set[str] = set()
    for one in found:
        base = one.name.removesuffix("_bucket")
        assert base in KNOWN, title
        labels |= KNOWN[base]
        asked = {matcher.name for matcher in one.matchers.matchers}
        assert asked <= KNOWN[base], title
    assert set(re.findall(r"\{\{(\w+)\}\}", legend)) <= labels
    for group in re.findall(r"by \(([^)]*)\)", expression):
        assert {one.strip() for one in group.split(",")} <= labels | {"le"}


def test_a_metric_that_is_not_there_would_be_seen():
    (one,) = selectors(parsed("rate(yanxiu_nothing_total[5m])"))
    assert one.name not in KNOWN


def test_every_metric_of_the_platform_is_shown_or_said_why_not():
    shown = {
        one.name.removesuffix("_bucket")
        for _, _, text in QUERIES
        for one in selectors(parsed(text))
    }
    assert set(KNOWN) - shown == {
        "yanxiu_build_info",
        "yanxiu_launcher_info",  # what stands still
        "yanxiu_quota_guarantee",  # a setting, in the portal
        "yanxiu_quota_waiting_everywhere",  # by school there
        "yanxiu_quota_answer_seconds",
        "yanxiu_quota_drift_total",  # of the alerts
        "yanxiu_quota_cluster_drift",  # of a cluster, where it is nothing or a fault in the log
    }


def test_no_panel_lies_on_another():
    taken: set[tuple[int, int]] = set()
    ids = set()
    for panel in json.loads(FILE.read_text("utf-8"))["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not taken & cells and max(x for x, _ in cells) < 24
        taken |= cells
        ids.add(panel["id"])
    assert len(ids) == len(dashboard()["panels"])


def test_the_file_is_the_one_that_the_table_makes():
    assert json.loads(FILE.read_text("utf-8")) == dashboard()
