"""Values that cannot be meant are refused by a sentence that names the place."""

import pytest

from .conftest import ALL, SITE, THREE, Helm, Refusal


@pytest.mark.parametrize(
    ("values", "said"),
    [
        # The schema's: where, what is there, what was possible.
        ({"schools": {"2133000001": {"quota": {"pods": "ten"}}}}, ["/schools/2133000001/quota/pods", "want integer"]),
        ({"schools": {"2133000001": {"qouta": {}}}}, ["/schools/2133000001", "'qouta' not allowed"]),
        ({"records": {"replicas": 0}}, ["/records/replicas", "minimum"]),
        ({"defaults": {"quota": {"requests.memory": "24 GB"}}}, ["/defaults/quota/requests.memory"]),
        ({"network": {"database": {"cidrs": ["postgres"]}}}, ["/network/database/cidrs/0", "does not match"]),
        ({"recrods": {}}, ["'recrods' not allowed"]),
        # What several values say together.
        ({**THREE, "schools": {"123": {}}}, ["schools", "123", "10 位数字并加引号"]),
        ({"network": {}}, ["network.database.cidrs"]),
        ({**THREE, "records": {"replicas": 2}}, ["ReadWriteMany", "data.claim"]),
        ({**THREE, "backup": {"enabled": True}}, ["backup.claim"]),
        ({**THREE, "objects": {"accessKeys": True}, "network": {**THREE["network"], "objects": {"cidrs": []}}}, ["network.objects.cidrs"]),
    ],
)  # fmt: skip
def test_values_are_refused_in_words(helm: Helm, values, said):
    with pytest.raises(Refusal) as refusal:
        helm.text(values)
    for one in said:
        assert one in str(refusal.value)


@pytest.mark.parametrize(
    ("site", "said"),
    [
        ("", "public.portal"),
        ("name: [", "不是合法的 YAML"),
        (SITE.replace("public:", "pubilc:"), "public.portal"),
        (SITE.replace(', servers: "https://jupyter.example.net"', ""), "public.servers"),
    ],
)
def test_settings_that_name_no_addresses_are_refused(helm: Helm, site, said):
    with pytest.raises(Refusal, match=said):
        helm.text(THREE, site=site)


@pytest.mark.parametrize(
    "servers", ["https://jupyter.example.net", "https://*.jupyter.example.net:8443"]
)
def test_the_gate_stands_before_every_route_to_a_server(helm: Helm, servers):
    site = SITE.replace("https://jupyter.example.net", servers)
    routes = {
        (one["metadata"]["name"], route["match"]): route
        for one in helm(THREE | ALL, site=site)
        if one["kind"] == "IngressRoute"
        for route in one["spec"]["routes"]
    }
    to_proxy = {
        key: one for key, one in routes.items() if one["services"][0]["name"] == "proxy-public"
    }
    assert len(to_proxy) == 2
    for (name, match), route in to_proxy.items():
        middlewares = [one["name"] for one in route["middlewares"]]
        assert ("gate" in middlewares) == (name == "servers")
        assert ("jupyter" in match) == (name == "servers")
