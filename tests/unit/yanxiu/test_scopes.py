"""The table of hub scopes: a reason for each, and what nobody may hold."""

import pytest
from yanxiu import scopes
from yanxiu.login import tokens


def plain(grants) -> set[str]:
    return {grant.scope for grant in grants}


@pytest.mark.parametrize(
    "grant",
    scopes.USER + scopes.SERVER + scopes.TOKENS + scopes.CULLER + scopes.RECORDS_SERVICE,
    ids=str,
)
def test_every_scope_has_a_reason(grant):
    assert len(grant.reason) > 10


def test_a_server_holds_nothing_that_its_owner_lacks():
    """The hub would drop it silently, and submitting from Jupyter would fail."""
    owner = {scope.partition("!")[0] for scope in plain(scopes.USER)}
    server = {scope.partition("!")[0] for scope in plain(scopes.SERVER)}
    assert server <= owner


def test_a_server_may_learn_and_report_only():
    assert plain(scopes.SERVER) == {
        "users:activity!user",
        "access:servers!server",
        "custom:records:learn",
    }


def test_no_role_can_teach_mint_tokens_or_enter_servers_of_others():
    for role in scopes.load_roles():
        for scope in role["scopes"]:
            name, _, whose = scope.partition("!")
            assert name not in {"self", "inherit", "tokens", scopes.TEACH, "admin-ui", "shares"}
            if name.startswith(("servers", "access:servers", "users", "read:users")):
                assert whose in {"user", "server"}


def test_the_culler_learns_whose_servers_run_and_stops_them():
    assert plain(scopes.CULLER) == {"list:users", "read:servers", "delete:servers"}
    (role,) = [one for one in scopes.load_roles() if one.get("services") == [scopes.IDLE_CULLER]]
    assert set(role["scopes"]) == plain(scopes.CULLER)


def test_the_operator_issues_just_what_the_table_says():
    assert plain(scopes.TOKENS) == set(tokens.SCOPES.values())


def test_custom_scopes_are_the_two_of_the_contract():
    assert set(scopes.CUSTOM_SCOPES) == {"custom:records:learn", "custom:records:teach"}
