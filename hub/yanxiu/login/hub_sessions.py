"""End a browser's session at the hub: unused for a while, or of before the password changed.

School computers are shared: whoever sits down next must not be the one before. A session
is one browser's login; the portal and Jupyter use it by tokens that carry its id, so
their use keeps it awake, and its end ends them too. Kept in memory; after a restart of the
hub the tokens' own last use stands in. Up to when a person's logins have ended stands in the
secret of their cookies, which is in the hub's database. Patches the hub's two ways of finding
out who asks (cookie, token), and what it records of them, because no setting reaches there.
Called by ``configure`` and, for passwords, by ``authenticator``.
"""

import functools
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from jupyterhub import orm
from jupyterhub.handlers.base import BaseHandler

from yanxiu.web.hub import WATCH_HEADER

MOST_REMEMBERED = 50_000
#: By a cookie's secret of before: the person, and the one session that may still come with it.
#: Forgotten at a restart of the hub: then that browser logs in once more.
_kept: dict[str, tuple[str, str]] = {}


class LastUse:
    """When each session was used last, in seconds of ``now``.

    >>> clock = [0.0]
    >>> uses = LastUse(lambda: clock[0])
    >>> uses.touch("s"); clock[0] = 59.0; uses.idle("s", 60)
    False
    >>> clock[0] = 60.0; uses.idle("s", 60), uses.idle("s", 0), uses.idle("unknown", 60)
    (True, False, False)
    """

    def __init__(self, now: Callable[[], float] = time.time):
        self._now = now
        self._at: dict[str, float] = {}

    def known(self, session: str) -> bool:
        """Say whether the session was seen since the start."""
        return session in self._at

    def touch(self, session: str, at: float | None = None) -> None:
        """Note that the session was used."""
        if len(self._at) >= MOST_REMEMBERED:
            oldest = sorted(self._at, key=self._at.__getitem__)[: MOST_REMEMBERED // 2]
            for one in oldest:
                del self._at[one]
        self._at[session] = self._now() if at is None else at

    def idle(self, session: str, after_s: float) -> bool:
        """Say whether the session has not been used for ``after_s``; 0 means never."""
        return bool(after_s) and self._now() - self._at.get(session, self._now()) >= after_s

    def end(self, session: str) -> None:
        """Remember that the session is over: the browser may still have its other cookie."""
        self._at[session] = 0.0


def install(uses: LastUse | None = None) -> None:
    """End sessions after the authenticator's ``session_idle_s``. A second call only forgets."""
    known = uses or LastUse()
    by_cookie = getattr(
        BaseHandler.get_current_user_cookie, "stock", BaseHandler.get_current_user_cookie
    )
    by_token = getattr(
        BaseHandler.get_current_user_token, "stock", BaseHandler.get_current_user_token
    )
    record = getattr(BaseHandler._record_activity, "stock", BaseHandler._record_activity)

    def over(handler: Any, user: Any, session: str) -> bool:
        key = _key(user, session)
        if not known.known(key):
            known.touch(key, _recorded(handler.db, user, session))
        if known.idle(key, getattr(handler.authenticator, "session_idle_s", 0)):
            return True
        if WATCH_HEADER not in handler.request.headers:
            known.touch(key)
        return False

    @functools.wraps(record)
    def _record_activity(self: Any, obj: Any, timestamp: Any = None) -> bool:
        # The hub's own records are what is left of a last use after a restart.
        if WATCH_HEADER in self.request.headers:
            return False
        return bool(record(self, obj, timestamp))

    @functools.wraps(by_cookie)
    def get_current_user_cookie(self: Any) -> Any:
        if getattr(self, "_yanxiu_over", False):
            return None
        user = _let_go_on(self) or by_cookie(self)
        session = self.get_session_cookie()
        if user is None or not session or hasattr(self, "_yanxiu_over"):
            return user
        self._yanxiu_over = False
        if not over(self, user, session):
            return user
        self.clear_login_cookie()
        known.end(_key(user, session))
        self._yanxiu_over = True
        return None

    @functools.wraps(by_token)
    def get_current_user_token(self: Any) -> Any:
        token = self.get_token()
        session = token.session_id if token is not None else None
        user = token.user if token is not None else None
        if user is not None and session and over(self, user, session):
            for one in self.db.query(orm.APIToken).filter_by(session_id=session, user_id=user.id):
                self.db.delete(one)
            self.db.commit()
            known.end(_key(user, session))
            return None
        return by_token(self)

    get_current_user_cookie.stock = by_cookie  # type: ignore[attr-defined]
    get_current_user_token.stock = by_token  # type: ignore[attr-defined]
    _record_activity.stock = record  # type: ignore[attr-defined]
    BaseHandler._record_activity = _record_activity
    BaseHandler.get_current_user_cookie = get_current_user_cookie
    BaseHandler.get_current_user_token = get_current_user_token


def end_logins(
    db: Any, person_id: str, at: datetime | None = None, kept: str | None = None
) -> bool:
    """End every login of a person, in every browser, with the tokens that came of them.

    A token without a session is a server's own, or one that an operator issued; it stays.

    :param at: of the change of the password that ends them
    :param kept: the session that goes on
    :return: whether the hub knows the person at all
    """
    user = orm.User.find(db, person_id)
    if user is None:
        return False
    over = [s for s, (who, session) in _kept.items() if who == person_id and session != kept]
    for secret in [*over, *list(_kept)[: max(0, len(_kept) - MOST_REMEMBERED)]]:
        _kept.pop(secret, None)
    if kept is not None:
        _kept[user.cookie_id] = (person_id, kept)
    user.cookie_id = f"{orm.new_token()} {at.isoformat()}" if at is not None else orm.new_token()
    for kind in (orm.APIToken, orm.OAuthCode):
        for one in db.query(kind).filter(kind.user_id == user.id, kind.session_id.is_not(None)):
            if one.session_id != kept:
                db.delete(one)
    db.commit()
    return True


def ended_already(db: Any, person_id: str, at: datetime) -> bool:
    """Say whether no login from before ``at`` is left."""
    user = orm.User.find(db, person_id)
    if user is None:
        return True
    stamp = user.cookie_id.partition(" ")[2]
    # Nobody logged in before the hub knew them.
    until = datetime.fromisoformat(stamp) if stamp else user.created.replace(tzinfo=UTC)
    return bool(until >= at)


def login_of(handler: Any) -> str | None:
    """Return the session that a request came with; None for a token that is of none."""
    token = handler.get_token()
    if token is not None:
        return str(token.session_id) if token.session_id else None
    # A browser may leave its session's cookie out: that is no token.
    return handler.get_session_cookie() or ""


def _let_go_on(handler: Any) -> Any:
    """Return the user of the login that goes on, whose cookie has the secret of before."""
    if not _kept:
        return None
    name, days = handler.hub.cookie_name, handler.cookie_max_age_days
    secret = (handler.get_secure_cookie(name, max_age_days=days) or b"").decode("utf-8", "replace")
    person_id, session = _kept.get(secret, ("", ""))
    user = orm.User.find(handler.db, person_id)
    if user is None or handler.get_session_cookie() != session:
        return None
    going_on = handler.users[user]
    handler.set_hub_cookie(going_on)
    return going_on


def _key(user: Any, session: str) -> str:
    """Return what a session is known by: whose it is too.

    A browser names the session's id; another host of the domain can have put it there, the
    same into two people's browsers.
    """
    return f"{user.name} {session}"


def _recorded(db: Any, user: Any, session: str) -> float | None:
    """Return the last use of the session's tokens that the hub's database knows."""
    tokens = db.query(orm.APIToken).filter_by(session_id=session, user_id=user.id)
    uses = [one.last_activity or one.created for one in tokens]
    # The hub keeps instants in UTC without saying so.
    return max(uses).replace(tzinfo=UTC).timestamp() if uses else None
