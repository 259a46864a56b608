"""Which layouts of portal and servers are refused, warned of, and good."""

import pytest
from yanxiu.errors import SettingsError
from yanxiu.settings.load import load_site
from yanxiu.settings.public import judge, layout, layout_of, parse, resolve

SITE = """
name: {zh_CN: 示范县研修平台}
county: {code: "330100", name: 示范县}
schools: {"2133000001": {name: 县三小}}
"""


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://yx.example.cn", "https://yx.example.cn"),
        ("HTTPS://YX.Example.CN.:443/", "https://yx.example.cn"),
        ("http://10.0.0.5:80", "http://10.0.0.5"),
        ("http://yx:8000", "http://yx:8000"),
        ("https://研修.example.cn", "https://xn--8uqr29g.example.cn"),
    ],
)
def test_an_address_is_read_as_a_browser_writes_it(text, origin):
    assert str(parse(text)) == origin


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yx.example.cn",
        "ftp://yx.cn",
        "https://yx.cn/hub",
        "https://a@yx.cn",
        "https://yx.cn?x=1",
        "https://yx.cn:0",
        "https://yx.cn:99999",
        "https://[::1]",
        "https://y_x.cn",
        "https://-yx.cn",
        "http://127.1",
        "http://1.2.3.4.5",
        "https://yx.cn`) || Host(`evil.cn",
        "https://*.yx.cn",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="应是 https://主机名"):
        parse(text)


GOOD = [
    ("https://yx.example.cn", "https://*.yx-jupyter.cn"),  # two domains, one name per person
    ("https://yx.example.cn", "https://*.jupyter.other.com"),
    ("http://127.0.0.1:8000", "http://localhost:8000"),  # the default
    ("http://127.0.0.1:8000", "http://*.localhost:8000"),
]
WARNED = [
    ("https://yx.example.cn", "https://yx-jupyter.cn", "共用一个主机名"),
    ("https://yx.gov.cn", "https://jupyter.gov.cn", "共用一个主机名"),  # nobody's common domain
    ("https://yx.example.cn", "https://*.jupyter.example.cn", "属于同一个域名"),
    ("https://yx.example.gov.cn", "https://*.jupyter.example.gov.cn", "属于同一个域名"),
    ("http://yx.lan", "http://10.1.1.5", "没有 https"),
    ("http://10.1.1.5:8000", "http://yx.lan:8000", "没有 https"),
]
REFUSED = [
    ("https://yx.cn", "https://yx.cn", "是同一个主机名"),
    ("http://yx.cn:8000", "http://yx.cn:8001", "端口不同也不算分开"),
    ("https://yx.cn", "https://*.yx.cn", "是同一个主机名"),
    ("https://yx.cn", "https://jupyter.yx.cn", "在门户的名字 yx.cn 下面"),
    ("https://yx.cn", "https://*.jupyter.yx.cn", "在门户的名字 yx.cn 下面"),
    ("https://yx.example.cn", "https://*.example.cn", "能给门户设 Cookie"),
    ("https://yx.example.cn", "https://example.cn", "能给门户设 Cookie"),
    ("http://yx.example.cn", "http://jupyter.example.cn", "又没有 https"),
    ("http://a.yx.gov.cn", "http://b.yx.gov.cn", "又没有 https"),
    ("https://yx.cn", "http://jupyter.com", "同样的协议和端口"),
    ("https://yx.cn", "https://jupyter.com:8443", "同样的协议和端口"),
    ("http://yx.cn", "http://*.10.1.1.5", "不能是 IP 地址"),
]


@pytest.mark.parametrize(("portal", "servers"), GOOD)
def test_good(portal, servers):
    assert judge(layout(portal, servers), proxies=True) == []


@pytest.mark.parametrize(("portal", "servers", "sentence"), WARNED)
def test_warned(portal, servers, sentence):
    found = judge(layout(portal, servers), proxies=True)
    assert {one.level for one in found} == {"warned"}
    assert sentence in "".join(one.text for one in found)


@pytest.mark.parametrize(("portal", "servers", "sentence"), REFUSED)
def test_refused(portal, servers, sentence):
    found = judge(layout(portal, servers), proxies=True)
    assert {one.level for one in found} == {"refused"}
    assert sentence in "".join(one.text for one in found)


def test_https_is_somebody_elses_so_that_one_should_be_named():
    [found] = judge(layout(*GOOD[0]), proxies=False)
    assert (found.level, "public.proxies" in found.text) == ("warned", True)


@pytest.mark.parametrize(
    ("settings", "host", "sentence"),
    [
        ((None, None), "0.0.0.0", "要写明网址"),
        (("https://yx.cn", None), "127.0.0.1", "public.servers：缺少"),
        ((None, "https://jupyter.com"), "127.0.0.1", "public.portal：缺少"),
    ],
)
def test_a_run_without_its_addresses_does_not_start(settings, host, sentence):
    with pytest.raises(SettingsError, match=sentence):
        resolve(*settings, host=host, port=8000)


def test_one_origin_is_for_this_machine_and_is_warned_of():
    with pytest.raises(SettingsError, match="只适合一个人在本机试用"):
        resolve(None, None, host="10.0.0.5", port=8000, one_origin=True)
    found = resolve(None, None, host="127.0.0.1", port=8000, one_origin=True)
    assert found.server_origin("u1") == str(found.portal) == "http://127.0.0.1:8000"
    assert [one.level for one in judge(found)] == ["warned"]


@pytest.mark.parametrize("portal", ["https://yx.cn", "http://10.0.0.5:8000"])
def test_one_origin_is_not_for_a_site_behind_a_proxy_on_this_machine(portal):
    for servers in (None, "https://jupyter.com"):
        with pytest.raises(SettingsError, match=r"只适合一个人在本机试用.*public\.portal"):
            resolve(portal, servers, host="127.0.0.1", port=8000, one_origin=True)
    found = resolve("http://localhost:8000", None, host="::1", port=8000, one_origin=True)
    assert found.one_origin


def test_by_default_two_names_of_this_machine():
    found = resolve(None, None, host="127.0.0.1", port=8123)
    assert str(found.portal) == "http://127.0.0.1:8123"
    assert found.server_origin("u1") == "http://localhost:8123"


@pytest.mark.parametrize(
    ("portal", "servers", "one_origin"),
    [
        (*GOOD[0], False),
        (*GOOD[2], False),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000", True),
    ],
)
def test_what_is_handed_on_is_what_was_resolved(portal, servers, one_origin):
    found = layout(portal, servers, one_origin=one_origin)
    assert layout_of(found.environment()) == found


def test_a_process_that_was_not_told_says_so():
    with pytest.raises(SettingsError, match="YANXIU_SERVERS"):
        layout_of({"YANXIU_PORTAL": "http://127.0.0.1:8000"})


@pytest.mark.parametrize(
    ("public", "sentence"),
    [
        ("{portal: yx.cn, servers: 'https://a.cn'}", "public.portal：应是 https://主机名"),
        ("{portal: 'https://yx.cn', servers: 'https://*.*.a.cn'}", "public.servers：应是"),
        ("{proxies: [nginx]}", "public.proxies.0：应是 IP 地址或网段"),
        ("{gate: off}", "public.gate：没有这样的设置"),
    ],
)
def test_a_mistake_in_site_yaml_is_a_sentence(tmp_path, public, sentence):
    (tmp_path / "site.yaml").write_text(f"{SITE}public: {public}\n", encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_site(tmp_path)
    assert sentence in str(caught.value)


def test_site_yaml_is_kept_as_browsers_write_it(tmp_path):
    text = (
        "{portal: 'HTTPS://YX.cn:443/', servers: 'https://*.Jupyter.com', proxies: [10.1.0.9/16]}"
    )
    (tmp_path / "site.yaml").write_text(f"{SITE}public: {text}\n", encoding="utf-8")
    public = load_site(tmp_path).public
    assert (public.portal, public.servers) == ("https://yx.cn", "https://*.jupyter.com")
    assert public.proxies == ("10.1.0.0/16",)
