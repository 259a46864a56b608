"""A refused form comes back with its sentence; a missing thing does not; each is noted once."""

import pytest
from sqlalchemy import select
from yanxiu.store.model import AuditEvent


def refusals(county):
    with county.store.read() as session:
        return [
            (event.verb, event.outcome)
            for event in session.scalars(select(AuditEvent).order_by(AuditEvent.id))
            if event.outcome.startswith("refused ")
        ]


def test_what_was_typed_is_there_again(site, browse):
    page = browse("alice").submit(
        "account/profile/name", {"wanted": "艾老师", "reason": "没有变"}, form_of="account/profile"
    )
    assert page.status_code in {409, 422}
    assert 'value="没有变"' in page.text or ">没有变<" in page.text


@pytest.mark.parametrize(
    "path, form_of, fields, code",
    [
        # The verb refuses and notes it; the page must not do so again.
        ("account/profile/name", "account/profile", {"wanted": "艾老师", "reason": "x"}, None),
        # The page itself refuses: nobody else would note it.
        (
            "account/password",
            "account/password",
            {"old": "a", "new": "b1234567", "again": "c1234567"},
            "password.differ",
        ),
    ],
)
def test_a_refusal_is_recorded_once(site, browse, path, form_of, fields, code):
    before = len(refusals(site))
    browse("alice").submit(path, fields, form_of=form_of)
    new = refusals(site)[before:]
    assert len(new) == 1
    if code:
        assert new[0][1] == f"refused {code}"


def test_what_is_not_there_is_a_page_of_its_own(site, browse):
    where = "organize/names/01a22288-f638-7249-9831-4579d79fff00/accept"
    page = browse("organizer1").submit(where, {}, form_of="account/profile")
    assert page.status_code == 404
