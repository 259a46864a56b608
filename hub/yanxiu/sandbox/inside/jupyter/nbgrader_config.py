"""What nbgrader's commands do in a teacher's server: the exchange is the records service.

Read by nbgrader wherever it is started in the server (terminal, ``!nbgrader``, its server
extensions), because ``server`` puts this folder on JUPYTER_CONFIG_PATH. Who submits is whoever
the server's token belongs to; nothing here says it.
"""

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - nbgrader puts it there

for _trait, _name in {
    "exchange": "Exchange",
    "fetch_assignment": "ExchangeFetchAssignment",
    "fetch_feedback": "ExchangeFetchFeedback",
    "list": "ExchangeList",
    "submit": "ExchangeSubmit",
    "collect": "ExchangeCollect",
    "release_assignment": "ExchangeReleaseAssignment",
    "release_feedback": "ExchangeReleaseFeedback",
}.items():
    setattr(c.ExchangeFactory, _trait, f"nbgrader_yanxiu.exchange.{_name}")
