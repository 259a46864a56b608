"""The hub's configuration: every key exists, and what must not be loosened."""

from pathlib import Path

import pytest
from jupyterhub.app import JupyterHub
from jupyterhub.spawner import Spawner
from jupyterhub_traefik_proxy.fileprovider import TraefikFileProviderProxy
from yanxiu.configure import hub_config
from yanxiu.errors import SettingsError
from yanxiu.gate.proxy import GatedProxy
from yanxiu.login.authenticator import AccountsAuthenticator
from yanxiu.settings.place import Place
from yanxiu.spawn.spawner import LauncherSpawner
from yanxiu.up.parts import parts

CLASSES = {
    one.__name__: one
    for one in (
        JupyterHub,
        TraefikFileProviderProxy,
        GatedProxy,
        AccountsAuthenticator,
        Spawner,
        LauncherSpawner,
    )
}


@pytest.fixture
def environ(make_run):
    """What ``up`` gives to the hub."""
    run = make_run()
    return dict(next(part for part in parts(run, Path("t")) if part.name == "hub").env)


class NoDirectory:
    order = is_active = last_change = display_name = None


@pytest.fixture
def sections(make_run, environ):
    return hub_config(make_run().site, Place.of(environ), directory=NoDirectory())


def test_every_key_is_known_to_its_class(sections):
    unknown = [
        f"{section}.{key}"
        for section, values in sections.items()
        for key in values
        if key not in CLASSES[section].class_trait_names(config=True)
    ]
    assert unknown == []


def test_the_authenticator_keeps_its_promises_without_any_configuration():
    defaults = AccountsAuthenticator.class_traits()
    assert defaults["auth_refresh_age"].default_value <= 30
    assert defaults["auth_refresh_strict"].default_value is True
    assert defaults["manage_groups"].default_value is True


def test_servers_outlive_the_hub_and_failures_never_end_it(sections):
    assert sections["JupyterHub"]["cleanup_servers"] is False
    assert sections["Spawner"]["consecutive_failure_limit"] == 0


def test_what_is_decided_about_servers_holds_for_every_spawner(sections):
    assert set(sections["LauncherSpawner"]) == {"launcher_socket"}


@pytest.mark.parametrize("missing", ["YANXIU_DATA", "YANXIU_HUB_PORT", "YANXIU_HUB_COOKIE_SECRET"])
def test_a_missing_variable_is_named(environ, missing):
    del environ[missing]
    with pytest.raises(SettingsError, match=missing):
        Place.of(environ)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "80 "])
def test_a_port_that_is_none_is_refused(environ, port):
    environ["YANXIU_RECORDS_PORT"] = port
    with pytest.raises(SettingsError, match="YANXIU_RECORDS_PORT 应是端口号"):
        Place.of(environ)
