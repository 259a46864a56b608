"""The county's pages: all schools at a glance, limits with their refusals, the day, what-if, the trail."""

import re

import pytest
from sqlalchemy import event, insert, select
from yanxiu.names import new_id
from yanxiu.people.model import Organization
from yanxiu.quota import homes
from yanxiu.quota.model import QuotaLimit, QuotaUsage
from yanxiu.quota.records_engine import RecordsEngine
from yanxiu.store.model import AuditEvent

from tests.support.browser import PREFIX
from tests.support.county import START
from tests.support.writing import writing

ALL = "organize/quota"


def one(pools, org="school1", query=""):
    return f"{ALL}/{pools.county.schools[org]}{query}"


def limit_of(pools, org="school1", resource="servers"):
    with pools.county.store.read() as session:
        found = session.get(QuotaLimit, (pools.county.schools[org], resource))
        return found and (found.guarantee, found.ceiling, found.per_teacher)


def names(page):
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', page)


def test_who_waits_comes_first_then_who_is_fullest(pools, browse):
    county = pools.county
    for number, (org, name) in enumerate([("school3", "第三小学"), ("school4", "第四小学")]):
        with writing(county.store) as session:
            above = session.get(Organization, county.schools["county"])
            county.schools[org] = new_id()
            code = f"213300010{number}"
            session.add(
                Organization(
                    id=county.schools[org],
                    kind="school",
                    code=code,
                    name=name,
                    parent_id=above.id,
                    path=f"{above.path}{code}/",
                )
            )
    county.add("dora", "朵老师", "school3")
    county.add("emil", "鄂老师", "school4")
    for org, ceiling in (("school1", 1), ("school2", 4), ("school3", 2)):
        pools.limit(org, ceiling=ceiling)
    for who in ("alice", "charlie", "dora", "emil"):
        pools.run(who)
    pools.start("bob")  # waits
    page = browse("county").page(ALL).text
    assert names(page) == ["县三小", "第三小学", "城关镇中心校", "第四小学"]
    assert re.findall(r"<meter[^>]*value=\"([^\"]+)\"", page) == ["1.0", "1.0", "1.0"]
    assert "4 台在用" in page
    assert "1 人在排队" in page


def test_the_list_is_filtered_by_name_and_code(pools, browse):
    page = browse("county").page(f"{ALL}?q=三小").text
    assert names(page) == ["县三小"]
    assert "找到 1 个，共 2 个" in page
    assert names(browse("county").page(f"{ALL}?q=2133000002").text) == ["城关镇中心校"]
    assert "没有找到" in browse("county").page(f"{ALL}?q=没有").text


def test_each_sees_their_own(pools, browse):
    assert names(browse("organizer1").page(ALL).text) == ["县三小"]
    assert names(browse("county2").page(ALL).text) == ["邻县一小"]
    assert browse("organizer2").page(one(pools)).status_code == 404
    assert browse("county2").page(one(pools)).status_code == 404
    assert browse("alice").page(one(pools)).status_code == 403
    assert browse("alice").page(ALL).status_code == 403
    assert browse("county").page(f"{ALL}/{new_id()}").status_code == 404
    assert browse("county").page(f"{ALL}/nonsense").status_code == 404


def test_three_hundred_schools_are_three_questions(pools, browse):
    county = pools.county
    with writing(county.store) as session:
        above = session.get(Organization, county.schools["county"])
        rows = [
            {
                "id": new_id(),
                "kind": "school",
                "code": f"21331{number:05}",
                "name": f"第{number}小学",
                "parent_id": above.id,
                "path": f"{above.path}21331{number:05}/",
                "active": True,
            }
            for number in range(300)
        ]
        session.execute(insert(Organization), rows)
        session.execute(
            insert(QuotaLimit),
            [
                {"org_id": row["id"], "resource": "servers", "ceiling": 30.0, "guarantee": 5.0,
                 "changed_at": START, "changed_by": "system:test"}
                for row in rows
            ],
        )  # fmt: skip
        session.execute(
            insert(QuotaUsage),
            [
                {"org_id": row["id"], "resource": "servers", "used": float(index % 31),
                 "needed": float(index % 31), "guarantee": 5.0}
                for index, row in enumerate(rows)
            ],
        )  # fmt: skip
    browse("county").page(ALL)
    asked = []
    event.listen(county.store.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    page = browse("county").page(ALL).text
    about = [one for one in asked if re.search(r"quota_|server_", one)]
    assert len(about) == 3
    found = names(page)
    assert len(found) == 302
    used = [float(one) for one in re.findall(r"<meter[^>]*value=\"([^\"]+)\"", page)]
    assert used == sorted(used, reverse=True)


def fields(browse, pools, who="county", org="school1"):
    return typed_in(browse(who).page(one(pools, org)).text)


def typed_in(page):
    """Return what a browser would send of the form as it is shown, without its token."""
    return dict(re.findall(r'name="((?:was\.)?[a-z_]+\.[a-z_]+)" value="([^"]*)"', page))


def test_limits_are_set_and_shown_again(pools, browse):
    form = fields(browse, pools)
    assert set(form.values()) == {""}
    form |= {"servers.guarantee": "10", "servers.ceiling": "３０", "server_hours.ceiling": "500.5"}
    answer = browse("county").submit(one(pools), form, form_of=one(pools))
    assert answer.status_code == 303
    page = browse("county").get(answer.headers["location"]).text
    assert "已保存" in page
    assert limit_of(pools) == (10, 30, None)
    again = fields(browse, pools)
    assert again["servers.ceiling"] == "30"
    assert again["server_hours.ceiling"] == "500.5"
    assert again["cpus.ceiling"] == ""


@pytest.mark.parametrize(
    ("typed", "stored", "shown"),
    [("10", 10240, "10"), ("1.5 GB", 1536, "1536 MB"), ("500MB", 500, "500 MB"), ("0", 0, "0")],
)
def test_storage_is_typed_in_gb_or_mb_and_kept_in_mb(pools, browse, typed, stored, shown):
    form = fields(browse, pools) | {"storage_mb.ceiling": typed, "app_kernels.ceiling": "5"}
    assert browse("county").submit(one(pools), form, form_of=one(pools)).status_code == 303
    assert limit_of(pools, resource="storage_mb") == (None, stored, None)
    assert limit_of(pools, resource="app_kernels") == (None, 5, None)
    again = fields(browse, pools)
    assert again["storage_mb.ceiling"] == shown
    assert browse("county").submit(one(pools), again, form_of=one(pools)).status_code == 303
    assert limit_of(pools, resource="storage_mb") == (None, stored, None)


def test_how_full_the_homes_are_is_seen_by_those_who_run_the_school(pools, browse):
    people, store = pools.county.people, pools.county.store
    homes.report(store, {people["alice"]: 95 << 20, people["charlie"]: 7 << 20})
    assert "快满" not in browse("organizer1").page(one(pools)).text
    pools.limit("school1", "storage_mb", ceiling=100)
    page = browse("organizer1").page(one(pools)).text
    assert "县三小的个人文件夹合计用了 95 MB，上限 100 MB，快满了" in page
    assert "谁的个人文件夹最大" in page
    assert "艾老师" in page
    assert "包老师" not in page
    assert "95 MB / 100 MB" in browse("county").page(ALL).text
    homes.report(store, {people["alice"]: 100 << 20})
    assert "只能删除文件" in browse("organizer1").page(one(pools)).text
    for path in (ALL, one(pools, "school2")):
        assert "艾老师" not in browse("organizer2").page(path).text
        assert "100 MB" not in browse("organizer2").page(path).text
    assert "上限 — → 100 MB" not in browse("county").page(f"{ALL}/changes").text
    form = fields(browse, pools) | {"storage_mb.ceiling": "2", "storage_mb.per_teacher": "200 MB"}
    browse("county").submit(one(pools), form, form_of=one(pools))
    assert "上限 100 MB → 2 GB，每人 — → 200 MB" in browse("county").page(f"{ALL}/changes").text


def test_a_field_that_was_not_sent_stays_as_it_is(pools, browse):
    browse("county").submit(
        one(pools), {"servers.guarantee": "10", "servers.ceiling": "30"}, form_of=one(pools)
    )
    for sent in ({}, {"servers.per_teacher": "1"}, {"server_hours.ceiling": "500"}):
        assert browse("county").submit(one(pools), sent, form_of=one(pools)).status_code == 303
    assert limit_of(pools) == (10, 30, 1)
    browse("county").submit(one(pools), {"servers.ceiling": ""}, form_of=one(pools))
    assert limit_of(pools) == (10, None, 1)


@pytest.mark.parametrize(
    ("typed", "status", "sentence"),
    [
        ({"servers.ceiling": "三十"}, 422, "“Jupyter（台）”里的“三十”不是数"),
        ({"servers.ceiling": "-1"}, 422, "0 到十亿之间"),
        ({"servers.ceiling": "1.5"}, 422, "应是整数"),
        (
            {"servers.guarantee": "20", "servers.ceiling": "10"},
            422,
            "保证数（20）不能大于上限（10）",
        ),
        ({"servers.guarantee": "101"}, 409, "合计 101 台，超过"),
        ({"servers.ceiling": "9" * 400}, 422, "不是数"),
        ({"servers.ceiling": "nan"}, 422, "不是数"),
        ({"storage_mb.ceiling": "inf"}, 422, "不是数"),
        ({"storage_mb.ceiling": "-1 MB"}, 422, "0 到十亿之间"),
        ({"storage_mb.ceiling": "1e12"}, 422, "0 到十亿之间"),
        ({"storage_mb.ceiling": "10.5 MB"}, 422, "应是整数"),
        ({"storage_mb.per_teacher": "10 KB"}, 422, "“个人文件夹合计（GB）”里的“10 KB”不是数"),
    ],
)
def test_what_is_refused_comes_back_as_it_was_typed(
    pools, browse, monkeypatch, typed, status, sentence
):
    monkeypatch.setattr(RecordsEngine, "capacity", lambda engine: pools.capacity.ceilings())
    form = fields(browse, pools) | {"server_hours.per_teacher": "40"} | typed
    answer = browse("county").submit(one(pools), form, form_of=one(pools))
    assert answer.status_code == status
    assert sentence in answer.text
    for name, value in {**typed, "server_hours.per_teacher": "40"}.items():
        assert f'name="{name}" value="{value}"' in answer.text
    assert limit_of(pools) is None
    assert limit_of(pools, resource="server_hours") is None


def test_a_page_that_lay_open_does_not_write_over_what_another_set(pools, browse):
    """Both numbers are shown, what she typed is kept, and her second 保存 is her decision."""
    pools.limit("school1", guarantee=10, ceiling=30)
    mine = fields(browse, pools) | {"servers.per_teacher": "1"}
    other = fields(browse, pools) | {"servers.ceiling": "40"}
    assert browse("county").submit(one(pools), other, form_of=one(pools)).status_code == 303
    answer = browse("county").submit(one(pools), mine, form_of=one(pools))
    assert answer.status_code == 409
    assert "别人改过限额" in answer.text
    assert "打开时 30，现在 40" in answer.text
    assert limit_of(pools) == (10, 40, None)
    again = typed_in(answer.text)
    assert (again["servers.ceiling"], again["servers.per_teacher"]) == ("40", "1")
    assert browse("county").submit(one(pools), again, form_of=one(pools)).status_code == 303
    assert limit_of(pools) == (10, 40, 1)


@pytest.mark.parametrize("was", ["nan", "x" * 5000, "-1e308", "", "9" * 70])
def test_what_nobody_types_breaks_nothing(pools, browse, was):
    pools.limit("school1", "storage_mb", ceiling=100)
    form = {"storage_mb.ceiling": "200 MB", "was.storage_mb.ceiling": was}
    answer = browse("county").submit(one(pools), form, form_of=one(pools))
    assert answer.status_code in (303, 409)


def test_saved_as_it_is_a_number_stays_what_it_is(pools, browse):
    pools.limit("school1", "cpus", ceiling=0.125)
    form = fields(browse, pools)
    assert form["cpus.ceiling"] == "0.125"
    browse("county").submit(one(pools), form, form_of=one(pools))
    assert limit_of(pools, resource="cpus") == (None, 0.125, None)


def test_who_waited_for_the_room_is_served_at_once(pools, browse):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    pools.start("bob")
    form = fields(browse, pools) | {"servers.ceiling": "2"}
    browse("county").submit(one(pools), form, form_of=one(pools))
    assert pools.where("bob").server_name == ""  # held for her
    assert limit_of(pools) == (None, 2, None)


@pytest.mark.parametrize("who", ["organizer1", "organizer2", "county2", "alice"])
def test_only_the_county_sets_limits(pools, browse, who):
    answer = browse(who).submit(one(pools), {"servers.ceiling": "1"}, form_of="account/profile")
    assert answer.status_code in (403, 404)
    assert limit_of(pools) is None


def test_a_school_organizer_reads_them_and_has_no_form(pools, browse):
    pools.limit("school1", guarantee=10, ceiling=30)
    page = browse("organizer1").page(one(pools)).text
    assert "要调整请联系县管理员" in page
    assert 'name="servers.ceiling"' not in page
    assert re.search(r'data-label="上限">\s*30\s*<', page)


def test_the_day_is_drawn_with_its_peak_and_ceiling(pools, browse, clock):
    pools.limit("school1", ceiling=3)
    pools.run("alice")
    clock.advance(minutes=3)
    pools.run("bob")
    clock.advance(minutes=4)
    pools.stop("bob")
    clock.advance(minutes=20)
    pools.stop("alice")
    page = browse("county").page(one(pools)).text
    assert "最多同时 2 台" in page
    assert 'class="chart-ceiling"' in page
    assert 'role="img" aria-label="2026-09-02，最多同时 2 台。"' in page
    before = browse("county").page(one(pools, query="?day=2026-09-01")).text
    assert "2026-09-01，最多同时 0 台" in before
    for odd in ("nonsense", "2030-01-01", "2026-13-45", "0001-01-01", "9999-12-31"):
        assert (
            "2026-09-02，最多同时 2 台"
            in browse("county").page(one(pools, query=f"?day={odd}")).text
        )


def test_another_ceiling_is_answered_from_who_ran_and_waited(pools, browse, clock):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    pools.start("bob")
    for _ in range(10):
        clock.advance(minutes=3)
        pools.where("bob")
    pools.stop("alice")  # bob's turn after half an hour
    pools.run("bob")
    clock.advance(minutes=30)
    pools.stop("bob")
    page = browse("county").page(one(pools, query="?if_ceiling=2")).text
    rows = re.findall(r"<tr><th scope=\"row\" data-label=\"上限（台）\">(.*?)</tr>", page, re.S)
    cells = [re.findall(r"<td[^>]*>([^<]*)", row) for row in rows]
    assert [row[0] for row in rows] == ["1", "2"]
    assert cells == [
        ["1 小时 0 分钟", "30 分钟", "30 分钟", "1"],
        ["30 分钟", "0 分钟", "0 分钟", "0"],
    ]
    assert "没有来试的人不在里面" in page


@pytest.mark.parametrize("typed", ["", "x", "-1", "1.5", "9" * 50])
def test_an_odd_ceiling_has_no_answer_and_no_error(pools, browse, typed):
    page = browse("county").page(
        one(pools, query=f"?if_ceiling={typed}&if_guarantee={typed}&days=x")
    )
    assert page.status_code == 200
    assert "全部占满" not in page.text


def test_what_a_guarantee_costs_the_others(pools, browse):
    pools.limit("county", ceiling=100)
    pools.limit("school1", guarantee=10)
    pools.limit("school2", guarantee=50)
    page = browse("county").page(one(pools, query="?if_guarantee=40")).text
    assert "云溪县里谁来谁用的位置从 40 台变成 10 台" in page
    page = browse("county").page(one(pools, query="?if_guarantee=60")).text
    assert "云溪县不够：保证数合计会超出上限 10 台" in page


def test_every_change_is_in_the_trail_with_who_and_what(pools, browse, clock):
    form = fields(browse, pools) | {"servers.ceiling": "30"}
    browse("county").submit(one(pools), form, form_of=one(pools))
    clock.advance(minutes=1)
    form = fields(browse, pools) | {"servers.ceiling": "40", "servers.guarantee": "5"}
    form |= {"server_hours.ceiling": "1000"}
    browse("county").submit(one(pools), form, form_of=one(pools))
    with pools.county.store.read() as session:
        events = session.scalars(
            select(AuditEvent).where(AuditEvent.verb == "quota.set_limits").order_by(AuditEvent.id)
        ).all()
    assert [one.actor for one in events] == [pools.county.people["county"]] * 2
    for path in (one(pools), f"{ALL}/changes"):
        page = browse("county").page(path).text
        assert "县管理员" in page
        assert "Jupyter（台）：保证 — → 5，上限 30 → 40" in page
        assert "每月机时（小时）：上限 — → 1000" in page
        assert page.index("30 → 40") < page.index("上限 — → 30")
    assert "30 → 40" in browse("organizer1").page(f"{ALL}/changes").text
    assert "30 → 40" not in browse("organizer2").page(f"{ALL}/changes").text
    assert "还没有人" in browse("county2").page(f"{ALL}/changes").text


def test_nobody_raises_what_a_city_has_given_to_her_own_county(pools, browse):
    county = pools.county
    with writing(county.store) as session:
        city = Organization(id=new_id(), kind="city", code="3301", name="示范市", path="/3301/")
        session.add(city)
        session.flush()
        for key in ("county", "school1", "school2"):
            org = session.get(Organization, county.schools[key])
            org.path = f"/3301{org.path}"
        session.get(Organization, county.schools["county"]).parent_id = city.id
    page = browse("county").page(one(pools, "county")).text
    assert 'name="servers.ceiling"' not in page
    answer = browse("county").submit(
        one(pools, "county"), {"servers.ceiling": "500"}, form_of="account/profile"
    )
    assert answer.status_code == 403
    assert "由上级或运维决定" in answer.text
    assert 'name="servers.ceiling"' in browse("county").page(one(pools, "school1")).text


def test_the_pages_have_a_way_to_each_other(browse, pools):
    page = browse("county").page(ALL).text
    for path in ("organize/quota", "organize/servers", "organize/hours", "organize/quota/changes"):
        assert f'href="{PREFIX}{path}"' in page
