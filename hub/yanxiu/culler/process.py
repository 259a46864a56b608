"""The process that ends idle servers: jupyterhub-idle-culler with this site's settings.

Wiring, like ``configure`` for the hub. Started by ``yanxiu up``; on a cluster the hub can start
it as a service of its own (``python -m yanxiu.culler``). It holds the scopes of
``scopes.CULLER`` and reads the store, because the server of a person who was deactivated, and one
that an organizer wants ended, end too, within a minute, though they may be in full use.

The package's ``cull_idle`` is called here and not by its own program: that one writes its
token into the log whenever the hub does not answer.
"""

import asyncio
import logging
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyterhub_idle_culler import cull_idle
from tornado.httpclient import HTTPError

from yanxiu.errors import SettingsError
from yanxiu.login import accounts
from yanxiu.quota.reads import idle, stops
from yanxiu.settings.load import load_site
from yanxiu.store.engine import Store, open_store

from .rules import Hours, cull_arbiter

#: A deactivation is promised to hold within 60 s everywhere.
EVERY_S = 20

log = logging.getLogger("culler")


def options(environ: Mapping[str, str]) -> dict[str, Any]:
    """Return the arguments of ``cull_idle``.

    :raises SettingsError: the settings are wrong, or a variable is missing
    """
    missing = [
        name
        for name in ("YANXIU_SITE", "YANXIU_DATA", "JUPYTERHUB_API_URL", "JUPYTERHUB_API_TOKEN")
        if not environ.get(name)
    ]
    if missing:
        raise SettingsError(f"缺少环境变量 {', '.join(missing)}。请用 yanxiu up 启动本服务。")
    site = load_site(Path(environ["YANXIU_SITE"]))
    data_dir = Path(environ["YANXIU_DATA"])
    url = environ.get("YANXIU_DATABASE_URL") or f"sqlite:///{data_dir}/db/yanxiu.sqlite"
    store = open_store(url, data_dir / "blobs")
    return {
        "url": environ["JUPYTERHUB_API_URL"],
        "api_token": environ["JUPYTERHUB_API_TOKEN"],
        "inactive_limit": site.server.idle_minutes * 60,
        "logger": log,
        "cull_arbiter": cull_arbiter(
            lambda person_id: accounts.is_active(store, person_id),
            Unwanted(store),
            Peaks(store),
            store.clock,
        ),
        # As many as the hub gives at once; a page more is a line more in the log.
        "api_page_size": 200,
    }


class Unwanted:
    """Whether an organizer wants a server ended: asked of the store once for all of a look."""

    #: Shorter than the pause between two looks, longer than most looks.
    FRESH_S = EVERY_S / 2

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic):
        self._store = store
        self._monotonic = monotonic
        self._asked = -self.FRESH_S
        self._known: set[tuple[str, str]] = set()

    def __call__(self, person_id: str, server_name: str) -> bool:
        """Say whether this server is to end."""
        if self._monotonic() - self._asked >= self.FRESH_S:
            with self._store.read() as session:
                self._known = stops.wanted(session, self._store.clock())
            self._asked = self._monotonic()
        return (person_id, server_name) in self._known


class Peaks:
    """The hours in which somebody's server stops sooner: asked of the store once for all of a look."""

    FRESH_S = Unwanted.FRESH_S

    def __init__(self, store: Store, monotonic: Callable[[], float] = time.monotonic):
        self._store = store
        self._monotonic = monotonic
        self._asked = -self.FRESH_S
        self._known: dict[str, Hours] = {}

    def __call__(self, person_id: str) -> Hours | None:
        """Return the hours of the person's server, and since when they are so."""
        if self._monotonic() - self._asked >= self.FRESH_S:
            with self._store.read() as session:
                self._known = idle.of_running(session, self._store.clock())
            self._asked = self._monotonic()
        return self._known.get(person_id)


async def serve(chosen: Mapping[str, Any]) -> None:
    """Look again and again; a hub that is away is asked again the next time."""
    while True:
        try:
            await cull_idle(**chosen)
        except (OSError, HTTPError) as error:
            log.warning("The hub did not answer: %s", error)
        except Exception:
            log.exception("Could not look for idle servers")
        await asyncio.sleep(EVERY_S)


def main() -> None:
    """Run until ended."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        chosen = options(os.environ)
    except SettingsError as error:
        print(error, flush=True)
        sys.exit(2)
    asyncio.run(serve(chosen))
