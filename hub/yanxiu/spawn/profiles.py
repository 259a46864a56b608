"""What a teacher's server may use, and what it is told. Pure; called by ``spawner``.

The environment is an allow-list: a variable that the hub of a later version adds does not
reach a server before somebody has read what it holds.
"""

from collections.abc import Mapping

from yanxiu.settings.model import ServerLimits

#: Read by jupyterhub-singleuser and its extensions. The token is the server's own.
FROM_THE_HUB = frozenset(
    {
        "JUPYTERHUB_ACTIVITY_URL",
        "JUPYTERHUB_API_TOKEN",
        "JUPYTERHUB_API_URL",
        "JUPYTERHUB_BASE_URL",
        "JUPYTERHUB_CLIENT_ID",
        "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED",
        "JUPYTERHUB_COOKIE_OPTIONS",
        "JUPYTERHUB_DEFAULT_URL",
        "JUPYTERHUB_HOST",
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES",
        "JUPYTERHUB_OAUTH_CALLBACK_URL",
        "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES",
        "JUPYTERHUB_OAUTH_SCOPES",
        "JUPYTERHUB_SERVER_NAME",
        "JUPYTERHUB_SERVICE_PREFIX",
        "JUPYTERHUB_SERVICE_URL",
        "JUPYTERHUB_USER",
    }
)


def server_limits(limits: ServerLimits) -> dict[str, int | float]:
    """Return the launcher's ``limits`` of one server (docs/reference/launcher.md)."""
    return {
        "memory_mb": limits.memory_mb,
        "cpus": limits.cpus,
        "processes": limits.processes,
        "disk_mb": limits.disk_mb,
    }


def server_env(
    hub_env: Mapping[str, str | None],
    records_url: str,
    idle_minutes: int = 0,
    *,
    assignment_list: bool = False,
) -> dict[str, str]:
    """Return the environment of one server.

    :param idle_minutes: told to the server, which warns before it is stopped; 0: it never is
    :param assignment_list: whether nbgrader's Assignment List is shown

    >>> server_env({"JUPYTERHUB_USER": "u", "SECRET": "x", "JUPYTERHUB_HOST": None}, "http://r/")
    {'JUPYTERHUB_USER': 'u', 'YANXIU_RECORDS_URL': 'http://r/', 'LANG': 'C.UTF-8'}
    """
    env = {
        name: value for name, value in hub_env.items() if name in FROM_THE_HUB and value is not None
    }
    env["YANXIU_RECORDS_URL"] = records_url
    env["LANG"] = "C.UTF-8"
    if idle_minutes:
        env["YANXIU_IDLE_MINUTES"] = str(idle_minutes)
    if assignment_list:
        env["YANXIU_ASSIGNMENT_LIST"] = "1"
    return env
