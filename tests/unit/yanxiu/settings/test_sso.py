"""Settings of single sign-on: sentences for mistakes, and no secret in a file."""

import pytest
from yanxiu.errors import SettingsError
from yanxiu.settings.load import load_site
from yanxiu.settings.sso import provider_secrets

SITE = """
name: {zh_CN: 示范县研修平台}
county: {code: "330100", name: 示范县}
schools: {"2133000001": {name: 县三小}}
sso:
"""
OIDC = 'xian: {kind: oidc, title: {zh_CN: 县统一认证}, issuer: "https://a.cn/", client_id: y}'
CAS = 'sheng: {kind: cas, title: {zh_CN: 省平台}, url: "https://b.cn/cas", claims: {name: xm}}'
TICKET = (
    'guo: {kind: ticket, title: {zh_CN: 国家平台}, login_url: "https://c.cn/login", '
    'api_url: "https://c.cn/api", app_id: a1}'
)


@pytest.fixture
def load(tmp_path):
    def load(*providers):
        text = SITE + "".join(f"  {one}\n" for one in providers)
        (tmp_path / "site.yaml").write_text(text, encoding="utf-8")
        return load_site(tmp_path)

    return load


def test_every_kind_of_provider(load):
    site = load(OIDC, CAS, TICKET)
    assert [one.kind for one in site.sso.values()] == ["oidc", "cas", "ticket"]
    assert site.sso["xian"].issuer == "https://a.cn"
    assert site.sso["sheng"].claims.name == "xm"
    assert site.sso["sheng"].claims.subject == "user"
    assert site.sso["guo"].claims.id_number == "idCard"


@pytest.mark.parametrize(
    ("provider", "sentence"),
    [
        (OIDC.replace("https://a.cn/", "http://a.cn"), "应是 https:// 开头的地址"),
        (OIDC.replace("https://a.cn/", "a.cn"), "应是 https:// 开头的地址"),
        (OIDC.replace("oidc", "saml"), "kind 应是 'oidc', 'cas', 'ticket' 之一"),
        (OIDC.replace("kind: oidc, ", ""), "缺少 kind"),
        (OIDC.replace("client_id: y", "client_id: y, client_secret: s"), "没有这样的设置"),
        (OIDC.replace("xian:", "X-1:"), "写法不对"),
        (OIDC.replace("client_id: y", "client_id: y, roles: {a: operator}"), "roles.a"),
    ],
)
def test_a_mistake_is_a_sentence(load, provider, sentence):
    with pytest.raises(SettingsError) as caught:
        load(provider)
    assert sentence in str(caught.value)


@pytest.mark.parametrize("host", ["127.0.0.1:9000", "localhost", "[::1]:80"])
def test_plain_http_only_on_this_machine(load, host):
    site = load(OIDC.replace("https://a.cn/", f"http://{host}"))
    assert site.sso["xian"].issuer == f"http://{host}"


def test_secrets_come_by_environment_and_only_those_that_are_needed(load):
    site = load(OIDC, CAS, TICKET)
    environ = {
        "YANXIU_SSO_XIAN_SECRET": "a",
        "YANXIU_SSO_GUO_SECRET": "b",
        "YANXIU_SSO_SHENG_SECRET": "cas has none",
    }
    given = provider_secrets(site.sso, environ)
    assert given == {"YANXIU_SSO_XIAN_SECRET": "a", "YANXIU_SSO_GUO_SECRET": "b"}


def test_a_missing_secret_is_named(load):
    site = load(OIDC, TICKET)
    with pytest.raises(SettingsError, match="YANXIU_SSO_XIAN_SECRET、YANXIU_SSO_GUO_SECRET"):
        provider_secrets(site.sso, {})


def test_a_site_without_providers_needs_nothing():
    assert provider_secrets({}, {}) == {}
