"""The hooks, on every class of spawner that is there."""

from types import SimpleNamespace

import pytest
from jupyterhub.spawner import LocalProcessSpawner, SimpleLocalProcessSpawner, SpawnException
from yanxiu.errors import Refused
from yanxiu.quota.sizes import Size
from yanxiu.settings.model import ServerLimits
from yanxiu.spawn.hooks import MB, Order, drop_options, no_options, pre_spawn_hook
from yanxiu.spawn.limits import Granted
from yanxiu.spawn.spawner import LauncherSpawner

PERSON = "uabcdefghij234567"
LIMITS = ServerLimits(memory_mb=512, cpus=0.5, processes=50, disk_mb=100)


@pytest.fixture(params=[LauncherSpawner, LocalProcessSpawner, SimpleLocalProcessSpawner])
def spawner(request):
    spawner = request.param(environment={"OF_THE_SITE": "1"})
    spawner.user = SimpleNamespace(name=PERSON)
    return spawner


def hook(limits_for=lambda person_id: Granted(LIMITS)):
    def order_for(person_id):
        told = {"YANXIU_RECORDS_URL": f"http://{person_id}"}
        return Order(limits_for(person_id), told, Size(160, 0.02))

    return pre_spawn_hook(order_for)


async def test_a_start_gets_the_limits_and_the_words_of_the_platform(spawner):
    asked = []

    def limits_for(person_id):
        asked.append(person_id)
        return Granted(LIMITS, "shrink")

    await hook(limits_for=limits_for)(spawner)
    assert asked == [PERSON]
    assert (spawner.mem_limit, spawner.cpu_limit) == (512 * MB, 0.5)
    assert spawner.environment == {"OF_THE_SITE": "1", "YANXIU_RECORDS_URL": f"http://{PERSON}"}
    if isinstance(spawner, LauncherSpawner):
        assert (spawner.pids_limit, spawner.disk_limit) == (50, 100 * MB)
        assert spawner.home_rule == "shrink"


async def test_a_changed_limit_holds_from_the_next_start_on(spawner):
    more = LIMITS.model_copy(update={"memory_mb": 2048})
    limits = [Granted(LIMITS, "shrink"), Granted(more)]
    before = hook(limits_for=lambda person_id: limits.pop(0))
    await before(spawner)
    await before(spawner)
    assert spawner.mem_limit == 2048 * MB
    if isinstance(spawner, LauncherSpawner):
        assert spawner.home_rule == "", "there is room again"


async def test_a_person_who_may_not_start_is_told_why(spawner):
    def may_not(person_id):
        raise Refused("password.change_first", "请先修改密码。")

    with pytest.raises(SpawnException) as caught:
        await hook(may_not)(spawner)
    assert (caught.value.status_code, caught.value.message) == (403, "请先修改密码。")
    assert caught.value.reason == "password.change_first"
    assert not spawner.mem_limit


@pytest.mark.parametrize("status", [403, 409, 429, 503])
async def test_a_refusal_is_never_an_error_whatever_it_asks_for(spawner, status):
    def limits_for(person_id):
        raise Refused("quota.full", "本校的 Jupyter 已满。", status=status)

    with pytest.raises(SpawnException) as caught:
        await hook(limits_for=limits_for)(spawner)
    assert caught.value.status_code < 500
    assert caught.value.jupyterhub_message == "本校的 Jupyter 已满。"


def test_nobody_chooses_options_by_form_or_by_the_api(spawner, monkeypatch):
    kept = SimpleNamespace(user_options={"mem_limit": "64G"})
    monkeypatch.setattr(type(spawner), "orm_spawner", kept)
    spawner.user_options = kept.user_options
    drop_options(spawner, spawner.user_options)
    assert spawner.user_options == kept.user_options == {}
    assert no_options({"mem_limit": ["64G"]}) == {}
