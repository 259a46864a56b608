"""Configure the hub: the only place that knows JupyterHub's settings and ours.

``hub_config`` is pure and says every value with its reason; ``configure`` opens what the
process needs (site, store) and hands it over. Called by ``up/jupyterhub_config.py`` on one
machine; in a hub image the chart's ``extraConfig`` is the same one line. There, addresses, the
proxy and the hub's own database are the chart's (``Place.machine`` is None); all else is the same.
"""

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jupyterhub.utils import url_path_join
from tornado.httputil import url_concat
from tornado.log import app_log

from yanxiu.courses.hub_groups import hub_groups
from yanxiu.errors import N_, Refused
from yanxiu.gate.proxy import GatedProxy, SpeakingProxy
from yanxiu.people.reads.roles import holders_names
from yanxiu.quota import homes
from yanxiu.quota.counters import Book
from yanxiu.quota.engine import Engine
from yanxiu.quota.reads import idle
from yanxiu.quota.sizes import Size, size_of
from yanxiu.quota.wiring import engine_for
from yanxiu.roles import Role
from yanxiu.settings.load import load_site
from yanxiu.settings.model import Site
from yanxiu.settings.place import Machine, Place, need
from yanxiu.settings.public import Layout
from yanxiu.settings.sso import provider_secrets, secret_variable
from yanxiu.spawn import asked_again, home_sizes, hooks, measures, recount
from yanxiu.spawn.desk import Desk
from yanxiu.spawn.environment import server_environment, with_peak
from yanxiu.spawn.limits import Granted, granted, limits_for
from yanxiu.spawn.places import Places
from yanxiu.spawn.schools import School
from yanxiu.spawn.spawner import LauncherSpawner
from yanxiu.store.audit import Event
from yanxiu.store.engine import Store, open_store

from . import scopes
from .login import accounts, hub_bodies, hub_logs, hub_pages, hub_sessions, hub_tokens
from .login.authenticator import AccountsAuthenticator
from .people.idnumber import IdMatcher
from .people.reads import people
from .people.reads.profiles import owed
from .web.assets import static_address
from .web.sources import LOCAL_PROXY

PORTAL = "/services/records/"
#: The files of the portal that hub pages use. A dict: the hub calls whatever is callable.
HUB_ASSETS = ("yanxiu.css", "hub.js", "favicon.svg")
CHANGE_FIRST = N_("请先在研修门户修改初始密码，再打开 Jupyter。")
#: As many organizers of a school are named to somebody who has no place.
MOST_NAMED = 2
AGREE_FIRST = N_("请先在研修门户看过隐私告知并同意，再打开 Jupyter。")


class StoreDirectory:
    """What the hub asks about people, answered by the store."""

    def __init__(self, store: Store, site: Site):
        self._store = store
        self._site = site

    def verify_login(self, login: str, password: str) -> accounts.Verdict:
        """Check a login name and a password."""
        return accounts.verify_login(self._store, login, password)

    def glance(self, login: str, password: str) -> accounts.Glance:
        """Look at a login name and a password without the work of a check."""
        return accounts.glance(self._store, login, password)

    def refused(self, outcome: str) -> None:
        """Count a login that was refused before the password was looked at."""
        self._store.count(Event("anonymous", "login.refuse", "person", outcome=outcome))

    def hub_groups(self, person_id: str) -> list[str]:
        """Return the hub groups of a person."""
        return hub_groups(self._store, person_id)

    def is_active(self, person_id: str) -> bool:
        """Say whether the person may be here."""
        return accounts.is_active(self._store, person_id)

    def last_change(self, person_id: str) -> accounts.Change | None:
        """Return the last choice or reset of the password."""
        return accounts.last_change(self._store, person_id)

    def order(self, person_id: str, told: Mapping[str, str]) -> hooks.Order:
        """Return what a start of the person's server gets today.

        :param told: what every server is told
        :raises Refused: the person may not start a server now
        """
        with self._store.read() as session:
            must_change, agreed = owed(session, person_id)
            if must_change:
                raise Refused("password.change_first", CHANGE_FIRST)
            # Any version: a newer one is asked for in the portal and stops no work.
            if not agreed:
                raise Refused("consent.first", AGREE_FIRST)
            who = people.person(session, person_id)
            code = who.school.code if who and who.school else None
            given, size = Granted(limits_for(self._site, code)), size_of(self._site, code)
            if who and who.school:
                book = Book(session, {})
                stored, size_mb = homes.stored(session, book, person_id, who.school.path)
                given = granted(given.limits, stored, size_mb)
            peak = idle.of_person(session, person_id, self._store.clock())
        return hooks.Order(given, with_peak(told, peak), size)

    def server_size(self, person_id: str) -> Size:
        """Return what the person's server is counted with."""
        with self._store.read() as session:
            who = people.person(session, person_id)
            return size_of(self._site, who.school.code if who and who.school else None)

    def school(self, person_id: str) -> School | None:
        """Return the school that the person belongs to today."""
        with self._store.read() as session:
            who = people.person(session, person_id)
            return School(who.school.code, who.school.name) if who and who.school else None

    def organizers(self, person_id: str) -> list[str]:
        """Return the names of those whom the person asks about the school's places."""
        with self._store.read() as session:
            who = people.person(session, person_id)
            if who is None:
                return []
            return holders_names(session, Role.SCHOOL_ORGANIZER, who.school_id, MOST_NAMED)

    def display_name(self, person_id: str) -> str:
        """Return the name for the page's header; the hub itself keeps none."""
        with self._store.read() as session:
            who = people.active_person(session, person_id)
            return who.name if who else ""


def configure(c: Any, environ: Mapping[str, str]) -> None:
    """Fill the hub's configuration object ``c``.

    :raises SettingsError: the settings or the environment are wrong.
    """
    site = load_site(Path(need(environ, "YANXIU_SITE")))
    place = Place.of(environ, cluster=site.kubernetes is not None)
    url = environ.get("YANXIU_DATABASE_URL") or f"sqlite:///{place.data_dir}/db/yanxiu.sqlite"
    store = open_store(url, place.data_dir / "blobs")
    store.min_free_percent = site.storage.min_free_percent
    directory = StoreDirectory(store, site)
    engine = engine_for(store, site)
    places = _places(site, engine) if engine is not None else None
    config = hub_config(site, place, directory, places)
    if site.sso:
        for section, values in sso_config(site, place, store, environ).items():
            config[section] = {**config.get(section, {}), **values}
    for section, values in config.items():
        c[section].update(values)
    hub_logs.install()
    hub_bodies.install()
    hub_pages.install()
    hub_sessions.install()
    hub_tokens.install()
    asked_again.install()
    if place.machine is not None:
        socket = place.machine.launcher_socket
        home_sizes.install(socket, lambda sizes: homes.report(store, sizes))
    if places is not None:
        recount.install(places, _bound(directory.server_size), measures.drifted)


def _places(site: Site, engine: Engine) -> Places:
    return Places(
        engine,
        on_silence=site.quota.on_silence,
        count=measures.answered,
        patience_s=site.quota.silence_s,
    )


def hub_config(
    site: Site, place: Place, directory: StoreDirectory, places: Places | None = None
) -> dict[str, dict[str, Any]]:
    """Return the hub's configuration by class.

    :param places: None where nobody counts servers
    """
    common = {
        "JupyterHub": {
            **_services(place),
            **_origins(place.layout),
            **_sessions(site, place),
            **_policy(),
            **_pages(site, place, directory),
        },
        "AccountsAuthenticator": {
            "directory": lambda: directory,
            "portal": str(place.layout.portal),
            "session_idle_s": site.login.idle_minutes * 60,
            "rules": site.login,
            "browser_key": _key_of(place, b"yanxiu browser"),
            "trusted_proxies": sorted({*LOCAL_PROXY, *site.public.proxies}),
        },
        "Spawner": _servers(site, place, directory, places),
    }
    if place.machine is not None:
        here = _on_one_machine(place, place.machine)
    else:
        here = _on_a_cluster(site, directory)
    return {**common, **here, "JupyterHub": {**common["JupyterHub"], **here["JupyterHub"]}}


def sso_config(
    site: Site, place: Place, store: Store, environ: Mapping[str, str]
) -> dict[str, dict[str, Any]]:
    """Return what a site with identity providers has on top of ``hub_config``.

    :raises SettingsError: a provider's secret, or the key to match ID numbers, is missing
    """
    # Late: a site without providers loads none of it.
    from .login.sso import Desk
    from .login.sso_login import SsoAuthenticator, make_providers

    given = provider_secrets(site.sso, environ)
    keys = {name: given.get(secret_variable(name), "") for name in site.sso}
    matcher = IdMatcher(bytes.fromhex(need(environ, "YANXIU_ID_MATCH_KEY")))
    return {
        "JupyterHub": {"authenticator_class": SsoAuthenticator},
        "SsoAuthenticator": {
            "providers": lambda: make_providers(site, keys),
            "desk": lambda: Desk(store, site, matcher),
        },
        "CryptKeeper": {"keys": [_key_of(place, b"yanxiu tokens")]},
    }


def _key_of(place: Place, purpose: bytes) -> bytes:
    """Return a key of its own made of the cookie secret: all end together when that is lost."""
    return hashlib.blake2b(
        bytes.fromhex(place.cookie_secret), person=purpose, digest_size=32
    ).digest()


def _on_one_machine(place: Place, machine: Machine) -> dict[str, dict[str, Any]]:
    return {
        "JupyterHub": {
            "bind_url": f"http://{machine.host}:{machine.public_port}/",
            "hub_bind_url": f"http://127.0.0.1:{machine.hub_port}",
            "trusted_downstream_ips": ["127.0.0.1", "::1"],
            "db_url": machine.hub_database_url,
            "upgrade_db": True,
            "spawner_class": LauncherSpawner,
            "proxy_class": SpeakingProxy if place.layout.one_origin else GatedProxy,
        },
        "TraefikFileProviderProxy": _proxy(place, machine),
        "GatedProxy": {"gate_url": place.records_url},
        "LauncherSpawner": {"launcher_socket": str(machine.launcher_socket)},
    }


def _on_a_cluster(site: Site, directory: StoreDirectory) -> dict[str, dict[str, Any]]:
    """Return what is otherwise on a cluster; the stock chart has set addresses and the proxy."""
    # Late: one machine loads no client of a cluster.
    from .kube.server import server_options
    from .spawn.kube_spawner import SchoolSpawner

    assert site.kubernetes is not None
    return {
        "JupyterHub": {"spawner_class": SchoolSpawner},
        "SchoolSpawner": {
            **server_options(site.kubernetes),
            "school_of": _bound(directory.school),
            "size_of": _bound(directory.server_size),
            "organizers": _bound(directory.organizers),
        },
    }


def _services(place: Place) -> dict[str, Any]:
    return {
        # At INFO the hub writes session ids (with every new XSRF cookie) into its log.
        "log_level": "WARN",
        "services": [
            {
                "name": scopes.RECORDS,
                "url": place.records_url,
                "api_token": place.records_api_token,
                # It is part of the product: nobody is asked whether to trust it.
                "oauth_no_confirm": True,
                "oauth_client_allowed_scopes": [],
                "oauth_redirect_uri": f"{place.layout.portal}{PORTAL}oauth_callback",
            },
            {"name": scopes.IDLE_CULLER, "api_token": place.culler_api_token},
            {"name": scopes.METRICS, "api_token": place.metrics_api_token},
        ],
    }


def _origins(layout: Layout) -> dict[str, Any]:
    """Return what keeps portal and hub apart from the servers (docs/explanation/origins.md)."""
    if layout.one_origin:
        return {"public_url": f"{layout.portal}/"}
    return {
        # The hub's own address: what it sends browsers to, and what it compares ``next`` with.
        "subdomain_host": str(layout.portal),
        "subdomain_hook": subdomain_hook(layout),
        # Else the hub's route would answer on the servers' host as well.
        "hub_routespec": f"{layout.portal.host}/",
        "user_redirect_hook": user_redirect,
        "cookie_host_prefix_enabled": layout.https,
    }


def subdomain_hook(layout: Layout) -> Callable[[str, str, str], str]:
    """Return the hub's ``subdomain_hook``: the host name of a user's server, or of a service."""

    def hook(name: str, domain: str, kind: str) -> str:
        return layout.server_host(name) if kind == "user" else domain

    return hook


def user_redirect(path: str, request: Any, user: Any, base_url: str) -> str:
    """Return where ``/hub/user-redirect/<path>`` leads: the hub's ``user_redirect_hook``.

    As the hub's own, but by path: it drops a ``next`` with a host that is not below its own,
    and sends on what names a server by path.
    """
    wanted = url_path_join(base_url, "user", user.escaped_name, path)
    wanted += f"?{request.query}" if request.query else ""
    return str(
        url_concat(url_path_join(base_url, "hub/spawn", user.escaped_name), {"next": wanted})
    )


def _sessions(site: Site, place: Place) -> dict[str, Any]:
    return {
        "cookie_secret": bytes.fromhex(place.cookie_secret),
        "cookie_max_age_days": site.login.session_hours / 24,
        "tornado_settings": {
            # No "remember me": school computers are shared. The cookies end with the browser.
            "cookie_options": {"samesite": "Lax", "expires_days": None},
            "log_function": log_failures,
            # A page that a teacher's server opened or was opened by has no hold on the hub's.
            "headers": {"Cross-Origin-Opener-Policy": "same-origin"},
        },
    }


def _policy() -> dict[str, Any]:
    return {
        "authenticator_class": AccountsAuthenticator,
        "custom_scopes": scopes.CUSTOM_SCOPES,
        "load_roles": scopes.load_roles(),
        "oauth_require_pkce": False,  # records' OAuth client is confidential and uses state
        # Servers are the launcher's: they outlive the hub and a logout.
        "cleanup_servers": False,
        "shutdown_on_logout": False,
        "allow_named_servers": False,
        # Starts wait their turn and are refused in words (``spawn.starts``); the hub's own limit
        # would say no in English, and to a teacher who could have been served in seconds.
        "concurrent_spawn_limit": 0,
    }


def _pages(site: Site, place: Place, directory: StoreDirectory) -> dict[str, Any]:
    return {
        # Everybody lands in the portal; Jupyter is started from there, if at all.
        "default_url": PORTAL,
        "redirect_to_server": False,
        "template_paths": [str(hub_pages.TEMPLATES)],
        # The hub calls what is callable with the user, so functions are wrapped once more.
        "template_vars": {
            "display_name": _name_of(directory),
            "site_name": site.name,
            "portal_url": PORTAL,
            "static": {name: static_address(PORTAL, name) for name in HUB_ASSETS},
            "isolation": place.isolation,
            "one_origin": place.layout.one_origin,
            # A login that began on a server's page ends there, and a form may lead that far.
            "servers": "" if place.layout.one_origin else place.layout.servers_source,
            "sso": [{"id": name, "title": one.title} for name, one in site.sso.items()],
        },
    }


def _proxy(place: Place, machine: Machine) -> dict[str, Any]:
    # Imported late: bcrypt and the house's pure parts need not meet.
    import bcrypt

    password = machine.proxy_api_password
    return {
        "should_start": False,
        "dynamic_config_file": str(place.data_dir / "run" / "proxy" / "hub.toml"),
        "traefik_entrypoint": "http",
        "traefik_api_url": f"http://127.0.0.1:{machine.proxy_api_port}",
        "traefik_api_username": "hub",
        "traefik_api_password": password,
        # 256 random bits need no slow hash; at the default cost every added route would
        # spend half a second of the processor inside traefik.
        "traefik_api_hashed_password": bcrypt.hashpw(
            password.encode(), bcrypt.gensalt(rounds=4)
        ).decode(),
    }


def _servers(
    site: Site, place: Place, directory: StoreDirectory, places: Places | None
) -> dict[str, Any]:
    """Return what holds for teachers' servers, whatever class of spawner starts them."""
    told = server_environment(
        f"{place.records_url}{PORTAL.rstrip('/')}",
        site.server.idle_minutes,
        assignment_list=site.server.assignment_list,
    )
    desk = None
    if places is not None:
        desk = Desk(places, _bound(directory.organizers))
    return {
        "pre_spawn_hook": hooks.pre_spawn_hook(
            lambda person_id: directory.order(person_id, told), desk
        ),
        "post_stop_hook": hooks.post_stop_hook(desk) if desk else None,
        "options_from_form": hooks.no_options,
        "apply_user_options": hooks.drop_options,
        "default_url": "/lab",
        # A turn may be two minutes away (``spawn.starts``), and a busy machine is slow.
        "start_timeout": 300,
        "http_timeout": 60,
        # A server that ended by itself is noticed after this many seconds at most.
        "poll_interval": 20,
        # A row of failures is a reason to look, never to end the hub for every school.
        "consecutive_failure_limit": 0,
    }


def log_failures(handler: Any) -> None:
    """Log a request only if it was our fault, and no word of it: who answered says enough."""
    status = handler.get_status()
    if status >= 500:
        app_log.error("%d by %s", status, type(handler).__name__)


def _name_of(directory: StoreDirectory) -> Callable[[Any], str]:
    def name(user: Any) -> str:
        if user is None:
            return ""
        try:
            return directory.display_name(user.name)
        except Exception:
            # This is asked for error pages too: a page without a name beats no page.
            app_log.exception("The store did not answer")
            return ""

    return name


def _bound(method: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a plain function: traitlets copies bound methods, and their store, deeply."""

    def call(person_id: str) -> Any:
        return method(person_id)

    return call
