"""After years: the pages say that the content is deleted, marks stay, downloads answer 410."""

from datetime import timedelta

import pytest
from yanxiu.errors import Refused
from yanxiu.settings.model import Retention
from yanxiu.store.tasks import SYSTEM
from yanxiu.work.reads import old_contents
from yanxiu.work.verbs import expire_contents
from yanxiu.work.verbs.regrade import regrade

from tests.support.ageing import age
from tests.support.work import failed, released

NOTEBOOK = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
SAID = "已按规定在 3 年后删除，分数、学时和回执仍然保留"


def expire(county) -> None:
    days = Retention().submissions_days
    age(county.store, days + 1)
    with county.store.read() as session:
        whose = old_contents.works(session, county.store.clock() - timedelta(days=days), 100)
    assert expire_contents.expire(county.store, SYSTEM, whose, timedelta(days=days)) == 1


@pytest.fixture
def one(site):
    made = released(site, executed=NOTEBOOK)
    expire(site)
    return made


@pytest.mark.parametrize(
    ("who", "page"),
    [("alice", "submissions/{}"), ("county", "organize/submissions/{}")],
)
def test_the_page_says_so_and_keeps_the_marks(browse, one, who, page):
    answer = browse(who).page(page.format(one))
    assert answer.status_code == 200
    assert SAID in answer.text
    assert "写得好" not in answer.text and "说得清楚" not in answer.text
    assert "75" in answer.text or "/ 100" in answer.text


def test_the_receipt_and_the_unit_stay(site, browse, one):
    assert browse("alice").page(f"receipts/{one}").status_code == 200
    unit = browse("alice").page(f"units/{site.assignment}")
    assert unit.status_code == 200 and "通过" in unit.text


@pytest.mark.parametrize("who", ["alice", "county"])
def test_downloads_are_gone_with_a_sentence(browse, one, who):
    for path in (
        f"submissions/{one}/executed",
        f"submissions/{one}/executed.ipynb",
        f"submissions/{one}/files/photos/{'0' * 64}",
    ):
        answer = browse(who).page(path)
        assert answer.status_code == 410
        assert "过了保存年限" in answer.text


def test_strangers_learn_nothing_of_it(browse, one):
    assert browse("charlie").page(f"submissions/{one}/executed").status_code == 404


def test_what_is_gone_is_not_graded_again(site):
    one = failed(site)
    expire(site)
    with pytest.raises(Refused, match=r"contents_deleted") as refused:
        regrade(site.store, site.actor("county"), one)
    assert refused.value.status == 410
