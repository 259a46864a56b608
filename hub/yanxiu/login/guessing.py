"""How often a password may be tried: delays that grow, and no lock for anybody.

Counts by the name that was typed and where it was typed: the source of the request, or a
browser that has logged in to that account before. So nobody can shut somebody else out, and an
unknown name is treated exactly as one that exists. A name that is tried from very many sources
is slowed down for all of them, by seconds; never for a known browser. Kept in memory of the process that checks
passwords. Pure but for the clock; ``docs/decisions/login-counting.md`` has the reasons.
Called by ``authenticator`` (hub) and by ``verbs.change_password`` (portal).
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from yanxiu.cleaning import clean_mobile, clean_teacher_no
from yanxiu.errors import N_, Refused
from yanxiu.settings.model import LoginSettings

FIRST_WAIT_S = 30.0
#: Wrong tries of one name by all strangers together before they wait for each other; each five
#: more are a second longer, up to a minute. Nobody has typed it for so long: begins anew.
FREE_EVERYWHERE, MORE_FOR_A_SECOND, LONGEST_EVERYWHERE_S = 30, 5, 60.0
FORGET_EVERYWHERE_S = 6 * 3600.0
#: Counters at once; the one that was used longest ago is forgotten first.
MOST_COUNTERS = 100_000


@dataclass
class _Counter:
    tries: int = 0
    last: float = 0.0


@dataclass
class _Budget:
    """What is left of a source's wrong tries; it fills up again with time."""

    left: float
    at: float


@dataclass(frozen=True)
class Try:
    """One try under way: it counts as wrong until it is known to be right."""

    _guesses: "Guesses"
    _key: tuple[str, str]
    _source: str | None

    def right(self) -> None:
        """Forget what was tried before it, and give the source back what that cost it."""
        self._guesses._forget(self._key, self._source)

    def not_made(self) -> None:
        """Take it back: the password was not looked at."""
        self._guesses._take_back(self._key, self._source)


class Guesses:
    """The counters of one process. Threads may share it.

    :param monotonic: seconds that only grow
    """

    def __init__(
        self, rules: LoginSettings, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._free = rules.free_tries
        self._longest_s = rules.longest_wait_minutes * 60.0
        self._per_source = float(rules.tries_per_source)
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._counters: OrderedDict[tuple[str, str], _Counter] = OrderedDict()
        self._budgets: OrderedDict[str, _Budget] = OrderedDict()
        self._everywhere: OrderedDict[str, _Counter] = OrderedDict()

    def begin(self, login: str, source: str, browser: str | None = None) -> Try:
        """Count a try; of several at once each counts, before any of them is known to be wrong.

        :param browser: the id of a browser that has logged in to this account before
        :raises Refused: too early, with the time to wait
        """
        name = name_key(login)
        key = (name, f"browser {browser}" if browser else f"source {source}")
        counted = None if browser else source
        with self._lock:
            now = self._monotonic()
            counter = self._counters.get(key, _Counter())
            if counter.tries and now - counter.last >= self._longest_s:
                counter = _Counter()
            wait_s = counter.last + self._delay_s(counter.tries) - now
            budget = self._budget(source, now)
            if counted and budget.left < 1:
                wait_s = max(wait_s, (1 - budget.left) * self._longest_s / self._per_source)
            strangers = self._strangers(name, now)
            if counted:
                wait_s = max(wait_s, strangers.last + _slowed_s(strangers.tries) - now)
            if wait_s > 0:
                raise too_early(wait_s)
            counter.tries, counter.last = counter.tries + 1, now
            _keep(self._counters, key, counter)
            if counted:
                budget.left -= 1
                _keep(self._budgets, source, budget)
                strangers.tries, strangers.last = strangers.tries + 1, now
                _keep(self._everywhere, name, strangers)
        return Try(self, key, counted)

    def _delay_s(self, tries: int) -> float:
        """Return how long after its last try a counter with so many wrong ones has to wait."""
        if tries < self._free:
            return 0.0
        return min(FIRST_WAIT_S * 2.0 ** min(tries - self._free, 20), self._longest_s)

    def _strangers(self, name: str, now: float) -> _Counter:
        known = self._everywhere.get(name, _Counter())
        return known if now - known.last < FORGET_EVERYWHERE_S else _Counter()

    def _budget(self, source: str, now: float) -> _Budget:
        known = self._budgets.get(source)
        if known is None:
            return _Budget(self._per_source, now)
        filled = (now - known.at) * self._per_source / self._longest_s
        return _Budget(min(self._per_source, known.left + filled), now)

    def _forget(self, key: tuple[str, str], source: str | None) -> None:
        with self._lock:
            counter = self._counters.pop(key, _Counter())
            self._give(key[0], source, counter.tries)

    def _take_back(self, key: tuple[str, str], source: str | None) -> None:
        with self._lock:
            if counter := self._counters.get(key):
                counter.tries = max(0, counter.tries - 1)
            self._give(key[0], source, 1)

    def _give(self, name: str, source: str | None, tries: int) -> None:
        if source is None:
            return
        if budget := self._budgets.get(source):
            budget.left = min(self._per_source, budget.left + tries)
        if strangers := self._everywhere.get(name):
            strangers.tries = max(0, strangers.tries - tries)


def _slowed_s(tries: int) -> float:
    """Return how long strangers wait for each other, after so many wrong tries of one name."""
    return min(max(0, tries - FREE_EVERYWHERE) / MORE_FOR_A_SECOND, LONGEST_EVERYWHERE_S)


def _keep(kept: OrderedDict[Any, Any], key: object, value: object) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MOST_COUNTERS:
        kept.popitem(last=False)


def name_key(login: str) -> str:
    """Return what every way to write one login name has in common.

    >>> len({name_key(one) for one in ("1001", " 1001", "１００１", "10 01")})
    1
    >>> name_key("+86 138-0000-0000") == name_key("13800000000") == name_key("138 0000 0000")
    True
    """
    mobile = clean_mobile(login)
    return mobile if len(mobile) == 11 and mobile.isdecimal() else clean_teacher_no(login)


def too_early(wait_s: float) -> Refused:
    """Return the refusal of a try that comes too early; the same for every name."""
    if wait_s <= 90:
        return Refused(
            "login.wait",
            N_(
                "密码输错的次数多了，请过 {seconds} 秒再试。忘记密码请找本校管理员重置，重置后的激活码不用等。"
            ),
            status=429,
            seconds=max(1, math.ceil(wait_s)),
        )
    return Refused(
        "login.wait",
        N_(
            "密码输错的次数多了，请过 {minutes} 分钟再试。忘记密码请找本校管理员重置，重置后的激活码不用等。"
        ),
        status=429,
        minutes=math.ceil(wait_s / 60),
    )
