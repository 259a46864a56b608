"""The Grafana dashboard of the platform, made of a table of panels.

Pure. ``docs/generate.py`` writes it beside the alerts (``dashboard.json``), where an operator
takes both from; tests hold every expression to the metrics that there are. Chinese alone, as
the alerts are: one who reads another language has the metrics' names.
"""

import json
from dataclasses import dataclass
from typing import Any

_WIDTH, _HEIGHT, _ACROSS = 8, 7, 24


@dataclass(frozen=True)
class Panel:
    """One panel.

    :param queries: (legend, expression) each
    :param unit: as Grafana calls it
    :param kind: ``stat`` for what is now, ``timeseries`` for how it went
    """

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"


def _quantile(share: float, metric: str, by: str = "") -> str:
    labels = f"le, {by}" if by else "le"
    return (
        f"histogram_quantile({share}, sum by ({labels}) (rate({metric}_bucket[$__rate_interval])))"
    )


#: Rows of panels, from what an operator asks first.
ROWS: tuple[tuple[str, tuple[Panel, ...]], ...] = (
    (
        "现在",
        (
            Panel(
                "数据库、启动器",
                (("数据库", "min(yanxiu_store_up)"), ("启动器", "min(yanxiu_launcher_up)")),
                "bool_on_off",
                "stat",
            ),
            Panel("Jupyter", (("开着", 'sum(yanxiu_sandboxes{kind="server"})'),), "short", "stat"),
            Panel(
                "磁盘剩余",
                (("剩余", "min(yanxiu_disk_free_bytes / yanxiu_disk_size_bytes)"),),
                "percentunit",
                "stat",
            ),
        ),
    ),
    (
        "提交和批改",
        (
            Panel(
                "提交（每分钟）",
                (
                    (
                        "{{outcome}}",
                        "sum by (outcome) (rate(yanxiu_submissions_total[$__rate_interval])) * 60",
                    ),
                ),
            ),
            Panel(
                "排队和在批",
                (("{{state}}", "sum by (state) (yanxiu_grading_jobs)"),),
            ),
            Panel(
                "排队最久的一份",
                (("秒", "max(yanxiu_grading_oldest_job_age_seconds)"),),
                "s",
            ),
            Panel(
                "批改结果（每小时）",
                (("{{outcome}}", "sum by (outcome) (increase(yanxiu_gradings_total[1h]))"),),
            ),
            Panel(
                "一份用多久（95%）",
                (("{{phase}}", _quantile(0.95, "yanxiu_grading_seconds", "phase")),),
                "s",
            ),
            Panel(
                "没有收的提交（每小时）",
                (("{{code}}", "sum by (code) (increase(yanxiu_submission_refusals_total[1h]))"),),
            ),
        ),
    ),
    (
        "Jupyter 和名额",
        (
            Panel(
                "全平台在用的服务器",
                (("在用", 'sum(yanxiu_quota_used{org="",resource="servers"})'),),
            ),
            Panel(
                "用得最满的单位",
                (
                    (
                        "{{org}}",
                        'topk(10, yanxiu_quota_used{resource="servers"} / yanxiu_quota_ceiling{resource="servers"})',
                    ),
                ),
                "percentunit",
            ),
            Panel("排队的人", (("{{org}}", "topk(10, yanxiu_quota_waiting > 0)"),)),
            Panel(
                "启动得到的回答（每小时）",
                (("{{answer}}", "sum by (answer) (increase(yanxiu_quota_answers_total[1h]))"),),
            ),
            Panel(
                "向启动器的请求（每分钟）",
                (
                    (
                        "{{verb}} {{outcome}}",
                        "sum by (verb, outcome) (rate(yanxiu_launcher_requests_total[$__rate_interval])) * 60",
                    ),
                ),
            ),
            Panel(
                "沙箱怎样结束的（每小时）",
                (
                    (
                        "{{kind}} {{outcome}}",
                        "sum by (kind, outcome) (increase(yanxiu_sandbox_ends_total[1h]))",
                    ),
                ),
            ),
        ),
    ),
    (
        "门户、登录、后台任务",
        (
            Panel(
                "请求（每秒）",
                (
                    (
                        "{{status}}",
                        "sum by (status) (rate(yanxiu_http_requests_total[$__rate_interval]))",
                    ),
                ),
                "reqps",
            ),
            Panel(
                "最慢的页面（95%）",
                (
                    (
                        "{{route}}",
                        f"topk(10, {_quantile(0.95, 'yanxiu_http_request_seconds', 'route')})",
                    ),
                ),
                "s",
            ),
            Panel(
                "登录（每分钟）",
                (
                    (
                        "{{outcome}}",
                        "sum by (outcome) (rate(yanxiu_logins_total[$__rate_interval])) * 60",
                    ),
                ),
            ),
            Panel("没有做完的后台任务", (("{{kind}}", "sum by (kind) (yanxiu_tasks)"),)),
            Panel("没有做成的", (("{{kind}} {{what}}", "yanxiu_task_troubles"),)),
            Panel("过了时间的", (("{{kind}}", "yanxiu_task_overdue_seconds"),), "s"),
        ),
    ),
)


def dashboard() -> dict[str, Any]:
    """Return the dashboard as Grafana imports it; it asks for the data source then."""
    panels: list[dict[str, Any]] = []
    y = 0
    for title, row in ROWS:
        panels.append(
            {
                "id": len(panels) + 1,
                "type": "row",
                "title": title,
                "collapsed": False,
                "gridPos": {"h": 1, "w": _ACROSS, "x": 0, "y": y},
                "panels": [],
            }
        )
        y += 1
        for number, panel in enumerate(row):
            column, line = number % (_ACROSS // _WIDTH), number // (_ACROSS // _WIDTH)
            place = {"h": _HEIGHT, "w": _WIDTH, "x": column * _WIDTH, "y": y + line * _HEIGHT}
            panels.append(_panel(panel, len(panels) + 1, place))
        y += _HEIGHT * -(-len(row) // (_ACROSS // _WIDTH))
    return {
        "__inputs": [
            {
                "name": "DS_PROMETHEUS",
                "label": "Prometheus",
                "type": "datasource",
                "pluginId": "prometheus",
                "pluginName": "Prometheus",
            }
        ],
        "uid": "yanxiu",
        "title": "研修Hub",
        "tags": ["yanxiu"],
        "timezone": "browser",
        "schemaVersion": 39,
        "refresh": "1m",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": []},
        "annotations": {"list": []},
        "panels": panels,
    }


def _panel(panel: Panel, number: int, place: dict[str, int]) -> dict[str, Any]:
    source = {"type": "prometheus", "uid": "${DS_PROMETHEUS}"}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "datasource": source,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {},
        "targets": [
            {
                "refId": chr(ord("A") + at),
                "datasource": source,
                "expr": expression,
                "legendFormat": legend,
                "instant": panel.kind == "stat",
                "range": panel.kind != "stat",
            }
            for at, (legend, expression) in enumerate(panel.queries)
        ],
    }


def as_json() -> str:
    """Return the file."""
    return json.dumps(dashboard(), ensure_ascii=False, indent=1) + "\n"
