"""Before she clicks start: how full the school is, and whether there is room now."""

import re

import pytest
from yanxiu.i18n import translator
from yanxiu.quota import homes
from yanxiu.quota.pages.words import before_start
from yanxiu.quota.reads import places
from yanxiu.quota.state import of_person


def said(browse, who="alice", path=""):
    found = re.search(
        r'<p class="small before-start[^"]*">([^<]*)</p>', browse(who).page(path).text
    )
    return found and found[1]


def test_the_numbers_and_that_there_is_room(pools, browse):
    pools.limit("school1", ceiling=30)
    pools.run("bob")
    assert said(browse) == "县三小 1/30 台在用，现在可以启动。"


def test_without_a_ceiling_there_is_no_second_number(pools, browse):
    assert said(browse) == "县三小 0 台在用，现在可以启动。"


def test_beside_the_unit_s_way_into_jupyter_it_is_the_same(pools, browse, site):
    assert said(browse, path=f"units/{site.assignment}") == said(browse)


def test_a_full_school_and_how_many_wait(pools, browse):
    pools.limit("school1", ceiling=1)
    pools.run("bob")
    assert said(browse) == "县三小 1/1 台在用，没有空位再开一台 Jupyter。启动要排队，您会是第一位。"
    pools.county.add("dora", "朵老师", "school1")
    pools.start("dora")
    assert said(browse) == "县三小 1/1 台在用，没有空位再开一台 Jupyter。启动要排队，前面有 1 人。"


def test_who_stands_in_line_is_not_told_to_join_it(pools, browse):
    pools.limit("school1", ceiling=1)
    pools.run("bob")
    pools.start("alice")
    assert said(browse) == "县三小 1/1 台在用，没有空位再开一台 Jupyter。您正在排队。"


def test_what_is_full_may_be_above_the_school(pools, browse):
    pools.limit("county", ceiling=1)
    pools.run("charlie")
    assert said(browse) == "云溪县 1/1 台在用，没有空位再开一台 Jupyter。启动要排队，您会是第一位。"


def test_what_is_kept_for_others(pools, browse):
    pools.limit("county", ceiling=2)
    pools.limit("school2", guarantee=2)
    assert "余下的名额是给别的学校保证的" in said(browse)
    assert said(browse, "charlie") == "城关镇中心校 0 台在用，现在可以启动。"


def test_who_runs_one_is_told_so(pools, browse):
    pools.limit("school1", ceiling=1)
    pools.run("alice")
    assert said(browse) == "县三小 1/1 台在用，您的 Jupyter 正在运行。"


@pytest.mark.parametrize(
    ("limits", "said_of_it"),
    [
        ({"ceiling": 1000, "per_teacher": 500}, ""),
        ({"ceiling": 160}, "县三小的个人文件夹合计用了 150 MB，上限 160 MB，快满了"),
        ({"ceiling": 150}, "县三小的个人文件夹合计用了 150 MB，上限 150 MB：启动后只能删除文件"),
        ({"per_teacher": 110}, "您的个人文件夹用了 100 MB，上限 110 MB，快满了"),
        ({"per_teacher": 100}, "您的个人文件夹用了 100 MB，上限 100 MB：启动后只能删除文件"),
    ],
)
def test_how_full_the_homes_are(pools, browse, limits, said_of_it):
    people = pools.county.people
    homes.report(pools.county.store, {people["alice"]: 100 << 20, people["bob"]: 50 << 20})
    pools.limit("school1", "storage_mb", **limits)
    found = said(browse)
    assert said_of_it in found
    assert ("个人文件夹" in found) is bool(said_of_it)
    assert "个人文件夹" not in said(browse, "charlie")


def test_hours_are_told_where_they_are_limited(pools, clock):
    """By the words alone: a login does not last for a month."""

    def told(who: str = "alice") -> str:
        with pools.county.store.read() as session:
            person_id = pools.county.people[who]
            home = places.home_of(session, person_id)
        mine = of_person(pools.county.store, pools.county.site, pools.engine, person_id, home)
        return " ".join(before_start(mine, translator("zh_CN")))

    pools.limit("school1", "server_hours", ceiling=10, per_teacher=5)
    pools.run("alice")
    clock.advance(hours=3)
    pools.stop("alice")
    assert told() == (
        "县三小 0 台在用，现在可以启动。 您本月的机时用了 3/5 小时。 县三小本月机时用了 3/10 小时。"
    )
    pools.run("alice")
    clock.advance(hours=2)
    pools.stop("alice")
    assert "您自己本月的 Jupyter 机时用了 5/5 小时，已经用完，下月 1 日恢复。" in told()
    assert "现在可以启动" in told("bob")
    clock.advance(days=30)
    assert "现在可以启动" in told()
    assert "您本月的机时用了 0/5 小时" in told()


@pytest.mark.parametrize("engine", ["none"])
def test_where_nothing_is_counted_nothing_is_said(site, hub, engine):
    from yanxiu.portal.app import build_app

    from tests.support.browser import HOST, Browser, log_in, make_portal

    quota = site.site.quota.model_copy(update={"engine": engine})
    portal = make_portal(site, hub, site=site.site.model_copy(update={"quota": quota}))
    with Browser(build_app(portal), base_url=HOST, headers={"origin": HOST}) as browser:
        log_in(browser, hub, site.people["alice"])
        assert "before-start" not in browser.page("").text


def test_it_costs_the_home_page_few_questions(pools, browse, site):
    from sqlalchemy import event

    pools.limit("school1", ceiling=30)
    browse("alice").page("")
    asked = []
    event.listen(site.store.engine, "before_cursor_execute", lambda *a: asked.append(a[2]))
    browse("alice").page("")
    about_quota = [one for one in asked if re.search(r"quota_|server_", one)]
    assert len(about_quota) <= 6
