"""Tokens for programs expire and are kept as digests."""

from sqlalchemy import select
from yanxiu.login import tokens
from yanxiu.login.model import ApiToken
from yanxiu.store.model import AuditEvent


def test_a_token_stands_for_its_person_until_it_expires(lite, clock):
    token = tokens.issue(lite.store, lite.people["alice"], ("learn",), 2, actor="system:cli")
    holder = tokens.holder(lite.store, token)
    assert (holder.person_id, holder.scopes) == (
        lite.people["alice"],
        frozenset({"custom:records:learn"}),
    )
    clock.advance(hours=2)
    assert tokens.holder(lite.store, token) is None


def test_a_guess_or_another_kind_of_token_stands_for_nobody(lite):
    token = tokens.issue(lite.store, lite.people["alice"], ("learn",), 2, actor="system:cli")
    for guess in ("", "yxt_", token + "x", token.removeprefix("yxt_")):
        assert tokens.holder(lite.store, guess) is None


def test_the_token_itself_is_not_kept_and_its_issue_is_audited(lite):
    token = tokens.issue(lite.store, lite.people["alice"], ("learn",), 2, actor="system:cli")
    with lite.store.read() as session:
        kept = session.scalars(select(ApiToken)).one()
        event = session.scalars(select(AuditEvent).where(AuditEvent.verb == "token.issue")).one()
    assert token not in str(vars(kept)) + str(vars(event))
    assert event.object_id == str(kept.id)
