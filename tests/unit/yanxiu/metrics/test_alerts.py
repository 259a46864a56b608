"""The alerts are rules that Prometheus reads, about metrics and labels that there are."""

import re
from pathlib import Path

import promql_parser
import pytest
import yanxiu.metrics
from ruamel.yaml import YAML

RULES = Path(yanxiu.metrics.__file__).with_name("alerts.yaml")
GROUPS = YAML(typ="safe").load(RULES.read_text("utf-8"))["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"]]
GUIDE = Path(__file__).parents[4] / "docs/how-to/monitor.md"
REFERENCE = Path(__file__).parents[4] / "docs/reference/metrics.md"
DURATION = re.compile(r"[0-9]+[smhd]")


def selectors(expression) -> list:
    """Return the vector selectors of an expression."""
    if isinstance(expression, promql_parser.VectorSelector):
        return [expression]
    if isinstance(expression, promql_parser.MatrixSelector):
        return [expression.vector_selector]
    inside = [getattr(expression, name, None) for name in ("lhs", "rhs", "expr")]
    inside += list(getattr(expression, "args", None) or ())
    return [one for part in inside if part is not None for one in selectors(part)]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_a_rule_is_one_that_prometheus_takes(rule):
    assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"Yanxiu[A-Za-z]+", rule["alert"])
    assert DURATION.fullmatch(rule.get("for", "0s"))
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["summary"]
    assert selectors(promql_parser.parse(rule["expr"]))


def test_a_broken_expression_is_seen():
    with pytest.raises(ValueError, match=r"."):
        promql_parser.parse("increase(yanxiu_logins_total[1h) > 5")


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_what_a_rule_asks_for_is_documented(rule):
    """The reference is compared with a scrape of the running platform (tests/integration)."""
    known = re.findall(r"^\| `([a-z_]+)", REFERENCE.read_text("utf-8"), re.M)
    for one in selectors(promql_parser.parse(rule["expr"])):
        assert one.name in {*known, "up"}


def test_the_guide_says_what_to_do_about_each():
    guide = GUIDE.read_text("utf-8")
    assert [rule["alert"] for rule in ALERTS if f"`{rule['alert']}`" not in guide] == []
    named = set(re.findall(r"`(Yanxiu[A-Za-z]+)`", guide))
    assert named == {rule["alert"] for rule in ALERTS}
