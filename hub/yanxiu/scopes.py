"""Who holds which hub scope, and why: the whole table.

Pure. ``configure`` turns it into the hub's ``load_roles`` and ``custom_scopes``. A scope
that is not needed is not here; a scope without a reason fails the tests. Nobody holds
``access:servers`` of another person, and nobody is a hub admin.
"""

from dataclasses import dataclass
from typing import Any

RECORDS = "records"
IDLE_CULLER = "idle-culler"
METRICS = "metrics"
#: How the tokens of ``yanxiu token`` begin; those of the hub do not.
TOKEN_PREFIX = "yxt_"  # noqa: S105 - how tokens begin

#: Fetch and submit one's own work. The only thing that a teacher's server may ask of records.
LEARN = "custom:records:learn"
#: Grade, release, export from a program: only in an expiring token, made and audited by
#: ``yanxiu token``. No role holds it, so that no page and no server can mint it.
TEACH = "custom:records:teach"

CUSTOM_SCOPES: dict[str, dict[str, Any]] = {
    LEARN: {"description": "获取自己的研修单元，提交自己的作业"},
    TEACH: {"description": "批改、发布成绩、导出（仅限限时令牌）"},
}


@dataclass(frozen=True)
class Grant:
    """One scope, and what would stop working without it."""

    scope: str
    reason: str


#: A person with a browser session. Less than the stock ``self``: no ``tokens!user``, because
#: HTML of others that ever ran on this origin could mint a token that outlives the page.
USER: tuple[Grant, ...] = (
    Grant("servers!user", "start, watch and stop one's own Jupyter server"),
    Grant("access:servers!user", "open one's own Jupyter server"),
    Grant("users:activity!user", "hand down to the server token, which must report activity"),
    Grant(f"access:services!service={RECORDS}", "log in to the portal"),
    Grant("read:users:name!user", "every OAuth login asks who one is (identify scopes)"),
    Grant("read:users:groups!user", "every OAuth login asks for it beside the name"),
    Grant(LEARN, "hand down to the server token; fetch and submit"),
)

#: The token inside a teacher's server. Anything that the teacher runs can read it.
SERVER: tuple[Grant, ...] = (
    Grant("users:activity!user", "report activity, without which the hub thinks it idle"),
    Grant("access:servers!server", "check that the visitor is the server's owner"),
    Grant(LEARN, "fetch units and submit from Jupyter"),
)

#: Tokens that the operator issues by ``yanxiu token``, for programs on somebody's own computer;
#: each holds what was asked for, no longer than asked for. The hub does not know them.
TOKENS: tuple[Grant, ...] = (
    Grant(LEARN, "fetch units and submit with nbgrader outside of the platform"),
    Grant(TEACH, "collect, release and export with nbgrader, within the holder's own role"),
)

#: The records service. Empty: it recognizes a person by the person's own token, reads
#: people from its own database, and never acts on the hub.
RECORDS_SERVICE: tuple[Grant, ...] = ()

#: The process that ends servers which nobody uses (``yanxiu.culler``). It learns no name, no
#: group and no server's state, and starts nothing.
CULLER: tuple[Grant, ...] = (
    Grant("list:users", "ask whose servers are running"),
    Grant("read:servers", "learn when each server was used last"),
    Grant("delete:servers", "stop a server; it can delete no file and no user"),
)

#: The process that hands the hub's own metrics on to a monitor (``yanxiu.metrics``).
METRICS_SERVICE: tuple[Grant, ...] = (
    Grant("read:metrics", "read how the hub does; no name of anybody is in it"),
)


def load_roles() -> list[dict[str, Any]]:
    """Return the hub's ``load_roles``."""
    roles: list[dict[str, Any]] = [
        {
            "name": "user",
            "description": "研修平台用户：自己的 Jupyter 和研修门户",
            "scopes": [grant.scope for grant in USER],
        },
        {
            "name": "server",
            "description": "教师的 Jupyter 服务器：报告活动、获取和提交作业",
            "scopes": [grant.scope for grant in SERVER],
        },
        {
            "name": "idle-culler",
            "description": "停止没人用的 Jupyter 服务器",
            "scopes": [grant.scope for grant in CULLER],
            "services": [IDLE_CULLER],
        },
        {
            "name": "metrics",
            "description": "读取 Hub 的运行指标",
            "scopes": [grant.scope for grant in METRICS_SERVICE],
            "services": [METRICS],
        },
    ]
    if RECORDS_SERVICE:
        roles.append(
            {
                "name": "records-service",
                "scopes": [grant.scope for grant in RECORDS_SERVICE],
                "services": [RECORDS],
            }
        )
    return roles
