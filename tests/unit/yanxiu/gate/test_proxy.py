"""Every route that the hub adds for a server has the gate in front, and names its owner."""

import pytest
from yanxiu.gate.proxy import GatedProxy, SpeakingProxy
from yanxiu.gate.routes import HUB_AWAY, RECORDS_AWAY, REQUESTS, SERVER_AWAY, SERVER_HEADERS
from yanxiu.settings.public import layout
from yanxiu.up.origins import origin_rules, page_rules
from yanxiu.up.ports import Ports

ALICE = "uabcdefghij234567"
ROUTE = f"localhost/user/{ALICE}/"


@pytest.fixture
async def proxy(tmp_path):
    return GatedProxy(
        should_start=True,
        dynamic_config_file=str(tmp_path / "hub.toml"),
        gate_url="http://127.0.0.1:15002",
        traefik_entrypoint="http",
    )


@pytest.mark.parametrize(
    ("data", "owner"),
    [
        ({"user": ALICE, "server_name": ""}, ALICE),
        ({"extra": True}, ""),  # a route of a kind that nobody thought of is nobody's
        ({}, ""),
    ],
)
async def test_a_servers_route_asks_about_its_owner(proxy, data, owner):
    traefik, _ = proxy._dynamic_config_for_route(ROUTE, "http://127.0.0.1:1", data)
    [router] = traefik["http"]["routers"].values()
    [(name, gate)] = traefik["http"]["middlewares"].items()
    assert router["middlewares"] == [SERVER_AWAY, SERVER_HEADERS, name]
    assert gate["forwardAuth"]["address"] == f"http://127.0.0.1:15002/.yanxiu/check/{owner}"
    assert gate["forwardAuth"]["trustForwardHeader"] is False
    assert gate["forwardAuth"]["authResponseHeaders"] == ["Cookie"]


@pytest.mark.parametrize(
    ("data", "away"), [({"hub": True}, HUB_AWAY), ({"service": "records"}, RECORDS_AWAY)]
)
async def test_hub_and_portal_have_no_gate_but_count_requests(proxy, data, away):
    traefik, _ = proxy._dynamic_config_for_route("127.0.0.1/", "http://127.0.0.1:1", data)
    [router] = traefik["http"]["routers"].values()
    assert router["middlewares"] == [away, REQUESTS]
    assert "middlewares" not in traefik["http"]


@pytest.mark.parametrize(
    ("data", "away"),
    [
        ({"hub": True}, HUB_AWAY),
        ({"service": "records"}, RECORDS_AWAY),
        ({"user": "u"}, SERVER_AWAY),
    ],
)
async def test_on_one_origin_whatever_is_away_has_a_page_too(tmp_path, data, away):
    proxy = SpeakingProxy(should_start=True, dynamic_config_file=str(tmp_path / "hub.toml"))
    traefik, _ = proxy._dynamic_config_for_route("/user/u/", "http://127.0.0.1:1", data)
    [router] = traefik["http"]["routers"].values()
    assert router["middlewares"] == [away]
    rules = page_rules(Ports(public=8000, hub=15001, records=15002, proxy_api=15003, proxy=15005))
    assert away.partition("@")[0] in rules["http"]["middlewares"]


async def test_a_route_that_goes_takes_its_gate_along(proxy):
    traefik, hub = proxy._dynamic_config_for_route(ROUTE, "http://127.0.0.1:1", {"user": ALICE})
    await proxy._apply_dynamic_config(traefik, hub)
    assert ALICE in str(proxy.dynamic_config)
    await proxy._delete_dynamic_config(*proxy._keys_for_route(ROUTE))
    assert ALICE not in str(proxy.dynamic_config)


def test_the_fixed_rules_define_what_the_routes_name():
    ports = Ports(public=8000, hub=15001, records=15002, proxy_api=15003, proxy=15005)
    rules = origin_rules(layout("https://yx.cn", "https://*.jupyter.com"), ports)["http"]
    for name in (SERVER_HEADERS, REQUESTS, HUB_AWAY, RECORDS_AWAY, SERVER_AWAY):
        assert name.partition("@")[0] in rules["middlewares"]
    for one in rules["middlewares"].values():
        assert one.get("errors", {"service": "records-gate"})["service"] in rules["services"]
    for router in rules["routers"].values():
        assert set(router["middlewares"]) <= rules["middlewares"].keys()
        assert router["service"] in rules["services"]
    assert rules["routers"]["servers-none"]["rule"].startswith(
        "HostRegexp(`^[a-z0-9-]+\\.jupyter\\.com$`)"
    )
    # What comes in from any server's route must win against these, what is foreign against all.
    priorities = {name: one["priority"] for name, one in rules["routers"].items()}
    assert priorities["portal-foreign"] > priorities["servers-enter"] > 10_000
    assert max(v for k, v in priorities.items() if k.startswith(("servers-n", "unknown"))) < 10
