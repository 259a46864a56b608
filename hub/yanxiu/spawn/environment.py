"""What a teacher's server is told. Pure; called by ``hooks`` and ``spawner``.

``server_environment`` is what the platform adds, whatever starts the server. ``allowed`` is the
allow-list of a server in a sandbox: a variable that the hub of a later version adds does not
reach one before somebody has read what it holds.
"""

from collections.abc import Mapping

from yanxiu_formats.idle import Peak

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
#: What ``server_environment`` may say.
OURS = frozenset(
    {
        "LANG",
        "YANXIU_ASSIGNMENT_LIST",
        "YANXIU_IDLE_MINUTES",
        "YANXIU_IDLE_PEAK",
        "YANXIU_RECORDS_URL",
    }
)


def server_environment(
    records_url: str, idle_minutes: int = 0, *, assignment_list: bool = False
) -> dict[str, str]:
    """Return what the platform tells every server.

    :param idle_minutes: told to the server, which warns before it is stopped; 0: it never is
    :param assignment_list: whether nbgrader's Assignment List is shown

    >>> server_environment("http://r/", 120)
    {'LANG': 'C.UTF-8', 'YANXIU_RECORDS_URL': 'http://r/', 'YANXIU_IDLE_MINUTES': '120'}
    """
    env = {"LANG": "C.UTF-8", "YANXIU_RECORDS_URL": records_url}
    if idle_minutes:
        env["YANXIU_IDLE_MINUTES"] = str(idle_minutes)
    if assignment_list:
        env["YANXIU_ASSIGNMENT_LIST"] = "1"
    return env


def with_peak(env: Mapping[str, str], peak: Peak | None) -> dict[str, str]:
    """Return ``env`` with the hours in which the person's server stops sooner.

    >>> with_peak({"LANG": "C.UTF-8"}, Peak(630, 810, 30))
    {'LANG': 'C.UTF-8', 'YANXIU_IDLE_PEAK': '630-810=30'}
    """
    return {**env, **({"YANXIU_IDLE_PEAK": str(peak)} if peak else {})}


def allowed(env: Mapping[str, str | None]) -> dict[str, str]:
    """Return what of ``env`` a server in a sandbox gets.

    >>> allowed({"JUPYTERHUB_USER": "u", "SECRET": "x", "JUPYTERHUB_HOST": None})
    {'JUPYTERHUB_USER': 'u'}
    """
    known = FROM_THE_HUB | OURS
    return {name: value for name, value in env.items() if name in known and value is not None}
