"""The alerts are rules that Prometheus reads, about metrics and labels that there are."""

import re
import subprocess
from pathlib import Path

import promql_parser
import pytest
import yanxiu.metrics
from ruamel.yaml import YAML

from tests.support import promtool
from tests.support.promql import selectors

RULES = Path(yanxiu.metrics.__file__).with_name("alerts.yaml")
GROUPS = YAML(typ="safe").load(RULES.read_text("utf-8"))["groups"]
ALERTS = [rule for group in GROUPS for rule in group["rules"]]
GUIDE = Path(__file__).parents[4] / "docs/how-to/monitor.md"
REFERENCE = Path(__file__).parents[4] / "docs/reference/metrics.md"
DURATION = re.compile(r"[0-9]+[smhd]")


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


def test_each_rule_fires_when_it_should_and_not_otherwise(tmp_path):
    """Over time, by Prometheus' own tool; every rule has a series that makes it fire."""
    tool = promtool.needed()
    steps = Path(__file__).with_name("alerts.test.yaml").read_text("utf-8")
    (tmp_path / "alerts.yaml").write_bytes(RULES.read_bytes())
    (tmp_path / "alerts.test.yaml").write_text(steps, "utf-8")
    for words in (("check", "rules", "alerts.yaml"), ("test", "rules", "alerts.test.yaml")):
        done = subprocess.run(
            [tool, *words], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_rule_is_seen_firing():
    steps = YAML(typ="safe").load(Path(__file__).with_name("alerts.test.yaml").read_text("utf-8"))
    fired = {
        case["alertname"]
        for one in steps["tests"]
        for case in one["alert_rule_test"]
        if case["exp_alerts"]
    }
    assert {rule["alert"] for rule in ALERTS} == fired
