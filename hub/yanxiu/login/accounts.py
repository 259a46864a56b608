"""Local accounts: login, lockout, first change, reset.

Decides whether a login name and a password belong together, and nothing about what the
person may do. Called by the hub's authenticator and by the records' account pages. Every
failure and every change is an audit event; no login name is written to any log.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from yanxiu.cleaning import clean_mobile, clean_teacher_no
from yanxiu.errors import N_, Invalid, Refused
from yanxiu.people.reads import people
from yanxiu.settings.model import LoginSettings
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

from .passwords import check_code, check_password, code_digest, hash_password, is_easy, new_code


@dataclass(frozen=True)
class Verdict:
    """Who logged in, or why not."""

    person_id: str | None = None
    refusal: Refused | None = None


def _wrong() -> Refused:
    # The same words for a wrong name and a wrong password: a stranger learns nothing.
    return Refused(
        "login.wrong",
        N_(
            "登录名或密码不对。登录名是教师编号或手机号；激活码只能用一次，设过密码就用自己的密码；忘记密码请找本校管理员重置。"
        ),
        status=401,
    )


def _locked(minutes: int) -> Refused:
    return Refused(
        "login.locked",
        N_("密码连续输错多次，账号已锁定，请 {minutes} 分钟后再试，或请本校管理员重置密码。"),
        status=429,
        minutes=minutes,
    )


def verify_login(store: Store, rules: LoginSettings, login: str, password: str) -> Verdict:
    """Check a login name (teacher number or mobile) and a password or one-time code.

    Blocks for the time of one argon2 check; call it in a thread.
    """
    now = store.clock()
    with store.read() as session:
        who = people.by_login_name(session, login)
        credential = people.credential(session, who.id) if who else None
    if who is None or credential is None or not who.active:
        check_password(None, password)
        store.note(Event("anonymous", "login.refuse", "person", outcome="unknown"))
        return Verdict(refusal=_wrong())
    if credential.locked_until is not None and credential.locked_until > now:
        left = credential.locked_until - now
        store.note(
            Event("anonymous", "login.refuse", "person", who.id, who.school_id, outcome="locked")
        )
        return Verdict(refusal=_locked(math.ceil(left.total_seconds() / 60)))
    # The code first: it is cheap, and a county's first day is made of codes. Whoever has
    # a wrong one waits for argon2 like everybody else, so the time does not tell.
    right = check_code(credential.activation_sha256, password[:1024]) or check_password(
        credential.password_hash, password[:1024]
    )
    audit = Event(who.id, "login", "person", who.id, who.school_id)
    if not right:
        audit = Event("anonymous", "login.refuse", "person", who.id, who.school_id, "wrong")

    def work(session: Session, now: datetime) -> Verdict:
        current = people.credential(session, who.id, for_update=True)
        assert current is not None
        if right:
            current.failed_count, current.locked_until = 0, None
            return Verdict(person_id=who.id)
        current.failed_count += 1
        if current.failed_count >= rules.lockout_failures:
            current.failed_count = 0
            current.locked_until = now + timedelta(minutes=rules.lockout_minutes)
            audit.outcome = "wrong, now locked"
            return Verdict(refusal=_locked(rules.lockout_minutes))
        return Verdict(refusal=_wrong())

    return store.transact(work, audit)


def change_password(
    store: Store, rules: LoginSettings, person_id: str, old: str | None, new: str
) -> None:
    """Let a person choose a password.

    :param old: the present one; ``None`` only at the forced first change, when the person
        has just proved the one-time code by logging in with it
    """
    with store.read() as session:
        who = people.active_person(session, person_id)
        credential = people.credential(session, person_id)
        if who is None or credential is None:
            raise Refused("login.wrong", N_("这个账号已停用，请联系本校管理员。"))
        if old is None and not credential.must_change:
            raise Invalid("password.old_missing", N_("请填写现在的密码。"))
        digits = {who.teacher_no, who.mobile}
        school_id = who.school_id
    if old is not None and not (
        check_password(credential.password_hash, old)
        or check_code(credential.activation_sha256, old)
    ):
        store.note(Event(person_id, "password.refuse", "person", person_id, school_id, "wrong"))
        raise Invalid("password.old_wrong", N_("现在的密码不对，密码没有改动。"))
    if len(new) < rules.min_password_chars or len(new) > 128:
        raise Invalid(
            "password.length",
            N_("新密码要有 {least} 到 128 个字符，密码没有改动。"),
            least=rules.min_password_chars,
        )
    if {new, clean_teacher_no(new), clean_mobile(new)} & digits or new == old or is_easy(new):
        raise Invalid(
            "password.weak",
            N_(
                "新密码太容易猜到：不要用手机号、教师编号、旧密码，也不要只用数字、连续或重复的字符。"
                "可以用几个不相干的词加数字。密码没有改动。"
            ),
        )
    hashed = hash_password(new)
    audit = Event(person_id, "password.change", "person", person_id, school_id)

    def work(session: Session, now: datetime) -> None:
        current = people.credential(session, person_id, for_update=True)
        assert current is not None
        current.password_hash, current.activation_sha256 = hashed, None
        current.must_change, current.changed_at = False, now
        current.failed_count, current.locked_until = 0, None

    store.transact(work, audit)


def reset_password(store: Store, actor_id: str, person_id: str) -> str:
    """Replace a person's password by a new one-time code, and return the code.

    Who may do this is the caller's to check. The code is kept only as a digest.
    """
    code = new_code()
    audit = Event(actor_id, "password.reset", "person", person_id)

    def work(session: Session, now: datetime) -> None:
        who = people.active_person(session, person_id)
        current = people.credential(session, person_id, for_update=True)
        if who is None or current is None:
            raise Refused("person.not_found", N_("您管理的学校里没有这位老师。"), status=404)
        audit.school_id = who.school_id
        current.password_hash, current.activation_sha256 = None, code_digest(code)
        current.must_change = True
        current.failed_count, current.locked_until = 0, None

    store.transact(work, audit)
    return code


def is_active(store: Store, person_id: str) -> bool:
    """Say whether a person may still be logged in."""
    with store.read() as session:
        return people.active_person(session, person_id) is not None


def must_change(store: Store, person_id: str) -> bool:
    """Say whether a person has to choose a password before anything else."""
    with store.read() as session:
        found = people.credential(session, person_id)
        return found is not None and found.must_change
