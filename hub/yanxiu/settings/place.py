"""Where this hub runs, as its environment says: on one machine, or on a cluster.

On one machine ``yanxiu up`` makes the environment, on a cluster the chart. Called by
``configure``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from yanxiu.errors import SettingsError

from . import secrets
from .public import Layout, layout_of


@dataclass(frozen=True)
class Machine:
    """What a hub on one machine runs beside, from the environment that ``yanxiu up`` made."""

    host: str
    public_port: int
    hub_port: int
    proxy_api_port: int
    launcher_socket: Path
    proxy_api_password: str
    hub_database_url: str

    @classmethod
    def of(cls, environ: Mapping[str, str], data_dir: Path) -> "Machine":
        """Read the environment.

        :raises SettingsError: a variable is missing or no number.
        """
        return cls(
            host=environ.get("YANXIU_HOST", "127.0.0.1"),
            public_port=_port(environ, "YANXIU_PUBLIC_PORT"),
            hub_port=_port(environ, "YANXIU_HUB_PORT"),
            proxy_api_port=_port(environ, "YANXIU_PROXY_API_PORT"),
            launcher_socket=Path(need(environ, "YANXIU_LAUNCHER_SOCKET")),
            proxy_api_password=secrets.from_environment(environ, "proxy_api")["proxy_api"],
            hub_database_url=environ.get("YANXIU_HUB_DATABASE_URL")
            or f"sqlite:///{data_dir}/db/hub.sqlite",
        )


@dataclass(frozen=True)
class Place:
    """Where this hub runs.

    :param records_url: where the hub, its proxy and the servers reach the portal's service
    :param machine: None on a cluster
    """

    data_dir: Path
    layout: Layout
    records_url: str
    machine: Machine | None
    cookie_secret: str
    records_api_token: str
    culler_api_token: str
    metrics_api_token: str
    isolation: bool

    @classmethod
    def of(cls, environ: Mapping[str, str], *, cluster: bool = False) -> "Place":
        """Read the environment.

        :param cluster: whether the site has one (``kubernetes``)
        :raises SettingsError: a variable is missing or no number.
        """
        data_dir = Path(need(environ, "YANXIU_DATA"))
        given = secrets.from_environment(
            environ, "hub_cookie", "records_api", "culler_api", "metrics_api"
        )
        if cluster:
            records_url = need(environ, "YANXIU_RECORDS_URL").rstrip("/")
        else:
            records_url = f"http://127.0.0.1:{_port(environ, 'YANXIU_RECORDS_PORT')}"
        return cls(
            data_dir=data_dir,
            layout=layout_of(environ),
            records_url=records_url,
            machine=None if cluster else Machine.of(environ, data_dir),
            cookie_secret=given["hub_cookie"],
            records_api_token=given["records_api"],
            culler_api_token=given["culler_api"],
            metrics_api_token=given["metrics_api"],
            isolation=environ.get("YANXIU_ISOLATION", "1") == "1",
        )


def need(environ: Mapping[str, str], name: str) -> str:
    """Return a variable that must be there.

    :raises SettingsError: it is not
    """
    value = environ.get(name, "")
    if not value:
        raise SettingsError(f"缺少环境变量 {name}。请用 yanxiu up 启动，不要直接运行 jupyterhub。")
    return value


def _port(environ: Mapping[str, str], name: str) -> int:
    text = need(environ, name)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise SettingsError(f"环境变量 {name} 应是端口号，现在是 {text!r}。")
    return int(text)
