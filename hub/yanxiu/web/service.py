"""What every handler of the records service needs, read once from the environment.

Decides which variables there are and their defaults; opens the store. Called by ``app``;
handlers get it through ``deps``. Holds secrets, so it is never printed.
"""

import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from yanxiu.clock import Clock, utcnow
from yanxiu.errors import SettingsError
from yanxiu.i18n import Translator
from yanxiu.settings.blobs import BlobSettings
from yanxiu.settings.codes import CodeTables, load_codes
from yanxiu.settings.load import load_site
from yanxiu.settings.model import Site
from yanxiu.settings.notice import Notice, load_notice
from yanxiu.settings.public import Layout, layout_of
from yanxiu.settings.secrets import from_environment as secrets_from_environment
from yanxiu.store.blobs import Blobs
from yanxiu.store.engine import Session, Store, open_store

from .actor import Actor, Way

log = logging.getLogger("yanxiu.records")


class TokenHolder(Protocol):
    """Whom a token stands for, and what it may do."""

    @property
    def person_id(self) -> str:
        """The person's id."""

    @property
    def scopes(self) -> frozenset[str]:
        """The scopes that the token holds."""


@dataclass(frozen=True)
class Capabilities:
    """What every page needs of rooms that stand above this one; ``portal.app`` names them."""

    load_actor: Callable[[Store, str, Way], Actor | None]
    token_holder: Callable[[Store, str], TokenHolder | None]
    #: What stands beside every way into Jupyter, by the request; its templates know what is in it.
    beside_jupyter: Callable[[Any, Actor, Translator], Any]
    #: The share of grading of each school that has another than 1.
    grading_shares: Callable[[Session], Mapping[uuid.UUID, float]]


@dataclass(frozen=True, repr=False)
class Service:
    """One running records service.

    :param prefix: where it is mounted, begins and ends with ``/``
    :param base_url: where the hub's proxy is mounted, begins and ends with ``/``
    :param layout: the addresses of portal and servers
    """

    site: Site
    store: Store
    prefix: str
    base_url: str
    layout: Layout
    session_key: str
    id_key: str
    worker_token: str
    isolation: bool
    hub_api_url: str
    hub_api_token: str
    client_id: str
    access_scopes: frozenset[str]
    #: Where the grading worker asks, and nobody else; None: where everybody does.
    internal_port: int | None = None
    #: Where the sandbox launcher of this machine listens; None: it is not asked.
    launcher_socket: Path | None = None
    notice: Notice = field(default_factory=load_notice)
    codes: CodeTables = field(default_factory=load_codes)

    def __repr__(self) -> str:
        """Say where it is, and none of its secrets."""
        return f"Service(prefix={self.prefix!r})"

    @property
    def hub_prefix(self) -> str:
        """Where the hub's own pages are."""
        return f"{self.base_url}hub/"

    @property
    def callback_path(self) -> str:
        """Where the hub sends a browser back to after login."""
        return f"{self.prefix}oauth_callback"


#: Opens the blobs of a site: the hub knows this module, and no client of a bucket.
OpenBlobs = Callable[[BlobSettings, Path, Mapping[str, str]], Blobs]


def service_from_environment(
    environ: Mapping[str, str], open_blobs: OpenBlobs, clock: Clock = utcnow
) -> Service:
    """Read the variables that ``yanxiu up`` sets, and open the store.

    :raises SettingsError: a variable is missing, or the site's settings are wrong
    """

    def need(name: str) -> str:
        value = environ.get(name, "")
        if not value:
            raise SettingsError(f"缺少环境变量 {name}。请用 yanxiu up 启动本服务。")
        return value

    data = Path(need("YANXIU_DATA"))
    url = environ.get("YANXIU_DATABASE_URL") or f"sqlite:///{data / 'db' / 'yanxiu.sqlite'}"
    secrets = secrets_from_environment(environ, "portal_session", "worker", "id_numbers")
    base_url = environ.get("JUPYTERHUB_BASE_URL", "/")
    scopes = environ.get("JUPYTERHUB_OAUTH_ACCESS_SCOPES")
    name = environ.get("JUPYTERHUB_SERVICE_NAME", "records")
    folder = Path(need("YANXIU_SITE"))
    site = load_site(folder)
    store = open_store(url, open_blobs(site.blobs, data / "blobs", environ), clock)
    store.min_free_percent = site.storage.min_free_percent
    return Service(
        site=site,
        notice=load_notice(folder / site.privacy if site.privacy else None),
        codes=load_codes(folder / site.code_tables if site.code_tables else None),
        store=store,
        prefix=environ.get("JUPYTERHUB_SERVICE_PREFIX", f"{base_url}services/records/"),
        base_url=base_url,
        layout=layout_of(environ),
        session_key=secrets["portal_session"],
        id_key=secrets["id_numbers"],
        worker_token=secrets["worker"],
        internal_port=int(environ["YANXIU_INTERNAL_PORT"])
        if environ.get("YANXIU_INTERNAL_PORT")
        else None,
        launcher_socket=data / "run" / "launcher" / "launcher.sock",
        isolation=environ.get("YANXIU_ISOLATION", "1") != "0",
        hub_api_url=need("JUPYTERHUB_API_URL"),
        hub_api_token=need("JUPYTERHUB_API_TOKEN"),
        client_id=environ.get("JUPYTERHUB_CLIENT_ID", f"service-{name}"),
        access_scopes=frozenset(
            json.loads(scopes) if scopes else [f"access:services!service={name}"]
        ),
    )
