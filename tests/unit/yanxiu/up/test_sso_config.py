"""What single sign-on adds to the hub, and that a site without it is as before."""

from pathlib import Path

import pytest
from jupyterhub.app import JupyterHub
from jupyterhub.crypto import CryptKeeper
from yanxiu.configure import hub_config, sso_config
from yanxiu.errors import SettingsError
from yanxiu.login.authenticator import AccountsAuthenticator
from yanxiu.login.oidc import OidcProvider
from yanxiu.login.sso_login import SsoAuthenticator
from yanxiu.people.idnumber import IdKey, IdMatcher
from yanxiu.settings.model import Site
from yanxiu.settings.place import Place
from yanxiu.up.parts import parts

SSO = {
    "xian": {
        "kind": "oidc",
        "title": {"zh_CN": "县统一认证"},
        "issuer": "https://sso.example.cn",
        "client_id": "yanxiu",
    },
    "sheng": {"kind": "cas", "title": {"zh_CN": "省平台"}, "url": "https://cas.example.cn"},
}
GIVEN = {"PATH": "/usr/bin", "YANXIU_SSO_XIAN_SECRET": "s-1", "YANXIU_SSO_OTHER_SECRET": "s-2"}


class NoDirectory:
    order = is_active = last_change = display_name = None


@pytest.fixture
def run(make_run):
    plain = make_run().site.model_dump()
    return make_run(site=Site.model_validate({**plain, "sso": SSO}), environ=GIVEN)


def environment(run, name="hub"):
    return dict(next(part for part in parts(run, Path("t")) if part.name == name).env)


def test_the_hub_alone_gets_the_secrets_of_the_providers_in_use(run):
    assert environment(run)["YANXIU_SSO_XIAN_SECRET"] == "s-1"
    assert "YANXIU_SSO_OTHER_SECRET" not in environment(run)
    for name in ("records", "launcher", "worker-1", "proxy"):
        env = environment(run, name)
        assert not [key for key in env if "SSO" in key or "MATCH" in key]


def test_the_hub_can_recognize_id_numbers_and_has_no_key_to_read_them(run):
    env = environment(run)
    whole = IdKey(bytes.fromhex(run.secrets.id_numbers))
    matcher = IdMatcher(bytes.fromhex(env["YANXIU_ID_MATCH_KEY"]))
    assert matcher.hmac("11010519491231002X") == whole.hmac("11010519491231002X")
    assert run.secrets.id_numbers not in env.values()


def test_a_missing_secret_stops_the_start(make_run, run):
    with pytest.raises(SettingsError, match="YANXIU_SSO_XIAN_SECRET"):
        parts(make_run(site=run.site, environ={"PATH": "/usr/bin"}), Path("t"))


def test_every_key_is_known_to_its_class(run):
    env = environment(run)
    config = sso_config(run.site, Place.of(env), None, env)
    classes = {one.__name__: one for one in (JupyterHub, SsoAuthenticator, CryptKeeper)}
    unknown = [
        f"{section}.{key}"
        for section, values in config.items()
        for key in values
        if key not in classes[section].class_trait_names(config=True)
    ]
    assert unknown == []
    made = config["SsoAuthenticator"]["providers"]()
    assert set(made) == set(SSO)
    assert isinstance(made["xian"], OidcProvider)


def test_tokens_are_sealed_with_a_key_of_their_own(run):
    env = environment(run)
    (key,) = sso_config(run.site, Place.of(env), None, env)["CryptKeeper"]["keys"]
    assert len(key) == 32
    assert key.hex() not in (run.secrets.hub_cookie, run.secrets.id_numbers)


def test_the_promises_of_local_accounts_hold_with_it():
    traits = SsoAuthenticator.class_traits()
    assert traits["auth_refresh_age"].default_value <= 60
    assert traits["auth_refresh_strict"].default_value is True
    assert traits["enable_auth_state"].default_value is True


def test_a_site_without_providers_is_as_before(make_run):
    run = make_run()
    env = environment(run)
    assert not [key for key in env if "SSO" in key or "MATCH" in key]
    config = hub_config(run.site, Place.of(env), directory=NoDirectory())
    assert config["JupyterHub"]["authenticator_class"] is AccountsAuthenticator
    assert config["JupyterHub"]["template_vars"]["sso"] == []
    assert "CryptKeeper" not in config
