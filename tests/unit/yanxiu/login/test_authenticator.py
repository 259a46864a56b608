"""What the hub's login says when the store, not the password, is at fault.

A store that stays busy is nothing a real one gives on demand, so the directory is a double.
"""

from types import SimpleNamespace

import pytest
from tornado import web
from tornado.httputil import HTTPHeaders
from yanxiu.login.accounts import Glance
from yanxiu.login.authenticator import AccountsAuthenticator
from yanxiu.settings.model import LoginSettings
from yanxiu.store.retry import Busy

RULES = LoginSettings(free_tries=3)
TYPED = {"username": "1001", "password": "x"}


class BusyAt:
    """A directory whose store is busy at one of the two questions of a login."""

    def __init__(self, question: str):
        self.question = question

    def glance(self, login, password):
        if self.question == "glance":
            raise Busy
        return Glance(None, None, right_code=False)

    def verify_login(self, login, password):
        raise Busy


def a_browser():
    connection = SimpleNamespace(context=SimpleNamespace(address=("127.0.0.1", 1)))
    request = SimpleNamespace(connection=connection, headers=HTTPHeaders())
    return SimpleNamespace(request=request, get_cookie=lambda name: None)


@pytest.mark.parametrize("question", ["glance", "verify_login"])
async def test_a_busy_store_is_said_and_is_no_wrong_password(question):
    login = AccountsAuthenticator(directory=lambda: BusyAt(question), rules=RULES)
    for _ in range(2 * RULES.free_tries):
        with pytest.raises(web.HTTPError) as refused:
            await login.authenticate(a_browser(), TYPED)
        assert refused.value.status_code == 503
        assert "平台现在太忙" in str(refused.value.jupyterhub_message)
    login.guesses.begin("1001", "127.0.0.1")
