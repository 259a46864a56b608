"""The watch of pods stays, whatever the API server does: faults that no real one gives on demand.

The same watch runs against a real API server in ``tests/k8s``.
"""

import asyncio

import pytest
from kubernetes_asyncio.client import ApiClient, Configuration, CoreV1Api
from yanxiu.spawn import kube_watch
from yanxiu.spawn.kube_watch import NotLoaded, PodWatch

from tests.support.api_double import PodsApi, serving

SCHOOL = "school-2133000001"


@pytest.fixture
async def api():
    return PodsApi()


@pytest.fixture
async def watch(api, monkeypatch):
    """A watch in a hurry: what takes minutes there takes a second here."""
    monkeypatch.setattr(kube_watch, "WATCH_S", 1)
    monkeypatch.setattr(kube_watch, "LATE_S", 0.5)
    monkeypatch.setattr(kube_watch, "LONGEST_PAUSE_S", 0.2)
    async with serving(api) as url, ApiClient(Configuration(host=url)) as client:
        core = CoreV1Api(client)
        monkeypatch.setattr("kubespawner.reflector.shared_client", lambda _: core)
        made = PodWatch(parent=None, namespace=None, omit_namespace=True)
        yield made
        made.watch_task.cancel()
        await asyncio.wait({made.watch_task})


async def until(so, within_s=30):
    async with asyncio.timeout(within_s):
        while not so():
            await asyncio.sleep(0.02)


async def test_a_quiet_watch_goes_on_where_it_ended_and_lists_nothing_again(api, watch):
    await watch.start()
    await until(lambda: api.watches >= 3)
    assert api.lists == 1
    api.put("a")
    await until(lambda: f"{SCHOOL}/a" in watch.pods)
    assert api.lists == 1


async def test_a_watch_that_is_open_and_brings_nothing_is_opened_anew(api, watch):
    api.fault = "hang"
    await watch.start()
    await until(lambda: api.watches == 1)
    api.put("a")
    assert watch.pods == {}
    await until(lambda: f"{SCHOOL}/a" in watch.pods)  # by the list that follows


async def test_a_new_pod_that_is_not_seen_opens_it_at_once(api, watch, monkeypatch):
    monkeypatch.setattr(kube_watch, "WATCH_S", 600)
    api.fault = "hang"
    await watch.start()
    await until(lambda: api.watches == 1)
    api.put("a")
    watch.expect(f"{SCHOOL}/a", within_s=0.2)
    await until(lambda: f"{SCHOOL}/a" in watch.pods)


async def test_a_version_that_is_too_old_is_no_end(api, watch):
    api.fault = "gone"
    await watch.start()
    await until(lambda: api.lists >= 2)
    api.put("a")
    await until(lambda: f"{SCHOOL}/a" in watch.pods)


async def test_an_api_server_that_is_away_for_long_ends_neither_the_watch_nor_the_hub(api, watch):
    """KubeSpawner's own gives up after nine tries, and ends the hub or stays dead."""
    api.fault = "down"
    await watch.start()
    with pytest.raises(NotLoaded):
        await watch.loaded(0.2)
    await until(lambda: watch.rounds > 12)
    api.fault = ""
    api.put("a")
    await watch.loaded(30)
    await until(lambda: f"{SCHOOL}/a" in watch.pods)
