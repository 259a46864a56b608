"""Local accounts: login, first change, reset.

Decides whether a login name and a password belong together, and nothing about what the
person may do, nor how often one may try (``guessing``). Called by the hub's authenticator and
by the records' account pages. Every change is an audit event, failures are counted into
some; no login name is written to any log.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from yanxiu.cleaning import clean_mobile, clean_teacher_no
from yanxiu.errors import N_, Invalid, NotFound, Refused
from yanxiu.people.model import Credential, Person
from yanxiu.people.reads import people
from yanxiu.settings.model import LoginSettings
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

from .guessing import Guesses
from .passwords import check_code, check_password, code_digest, hash_password, is_easy, new_code

#: Longer than any password or code may be: what is beyond is not looked at.
_MOST_LOOKED_AT = 1024
#: Nobody's id: asked for when there is no such name, so that the time does not tell.
_NOBODY = "u"


@dataclass(frozen=True)
class Verdict:
    """Who logged in, or why not.

    :param password_hash: of the password that was right; None after a one-time code
    """

    person_id: str | None = None
    refusal: Refused | None = None
    password_hash: str | None = None


@dataclass(frozen=True)
class Glance:
    """What can be told of a name and a password without the work of a check.

    :param right_code: the password is the account's one-time code, which nobody guesses
    """

    person_id: str | None
    password_hash: str | None
    right_code: bool


@dataclass(frozen=True)
class Change:
    """When a password was chosen or reset last: every login from before is over.

    :param kept: the hub's id of the one login that goes on; None after a reset
    """

    at: datetime
    kept: str | None


def _wrong() -> Refused:
    # The same words for a wrong name and a wrong password: a stranger learns nothing.
    return Refused(
        "login.wrong",
        N_(
            "登录名或密码不对。登录名是教师编号或手机号；激活码只能用一次，设过密码就用自己的密码；忘记密码请找本校管理员重置。"
        ),
        status=401,
    )


def _account(session: Session, login: str) -> tuple[Person | None, Credential | None]:
    """Return whom a login name means, by the same questions whether there is anybody."""
    who = people.by_login_name(session, login)
    credential = people.credential(session, who.id if who else _NOBODY)
    return (who, credential) if who and who.active else (None, None)


def glance(store: Store, login: str, password: str) -> Glance:
    """Look at a name and a password, quickly."""
    with store.read() as session:
        who, credential = _account(session, login)
    if who is None or credential is None:
        return Glance(None, None, right_code=False)
    right = check_code(credential.activation_sha256, password[:_MOST_LOOKED_AT])
    return Glance(who.id, credential.password_hash, right)


def verify_login(store: Store, login: str, password: str) -> Verdict:
    """Check a login name (teacher number or mobile) and a password or one-time code.

    Blocks for the time of one argon2 check; call it in a thread. How often it may be called
    for a name is for ``guessing`` to say, before.
    """
    with store.read() as session:
        who, credential = _account(session, login)
    hashed = credential.password_hash if credential else None
    # The code first: it is cheap, and a county's first day is made of codes. Whoever has
    # a wrong one waits for argon2 like everybody else, so the time does not tell.
    by_code = check_code(
        credential.activation_sha256 if credential else None, password[:_MOST_LOOKED_AT]
    )
    right = by_code or check_password(hashed, password[:_MOST_LOOKED_AT])
    if who is None:
        store.count(Event("anonymous", "login.refuse", "person", outcome="unknown"))
    elif not right:
        store.count(Event("anonymous", "login.refuse", "person", who.id, who.school_id, "wrong"))
    else:
        store.note(Event(who.id, "login", "person", who.id, who.school_id))
        return Verdict(who.id, password_hash=None if by_code else hashed)
    return Verdict(refusal=_wrong())


def change_password(
    store: Store,
    rules: LoginSettings,
    guesses: Guesses,
    person_id: str,
    old: str | None,
    new: str,
    login_id: str | None = None,
) -> None:
    """Let a person choose a password.

    :param guesses: whoever sits down at an open session must not find the password out here
    :param old: the present one, or the code; ``None`` only at the forced change of an account
        that was never reset, when the person has just logged in with the one-time code
    :param login_id: the hub's id of the browser's login in which this happens; the others end
    """
    with store.read() as session:
        who = people.active_person(session, person_id)
        credential = people.credential(session, person_id)
        if who is None or credential is None:
            raise Refused("login.wrong", N_("这个账号已停用，请联系本校管理员。"))
        if old is None and not credential.must_change:
            raise Invalid("password.old_missing", N_("请填写现在的密码。"))
        if old is None and credential.changed_at is not None:
            raise Invalid(
                "password.code_missing",
                N_("请填写管理员给您的激活码：密码重置以前打开的页面不能证明是您本人。"),
            )
        digits = {who.teacher_no, who.mobile}
        school_id = who.school_id
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
    if old is not None:
        _check_old(store, guesses, credential, school_id, old)
    hashed = hash_password(new)
    audit = Event(person_id, "password.change", "person", person_id, school_id)
    seen = _proofs(credential)

    def work(session: Session, now: datetime) -> None:
        current = people.credential(session, person_id, for_update=True)
        # Checking takes a while: what was right before a reset may not undo the reset.
        if current is None or _proofs(current) != seen:
            raise Refused(
                "password.changed_meanwhile",
                N_("您的密码刚刚被重置或改过，这次没有改动。请用新的激活码或密码重新登录。"),
                status=409,
            )
        current.password_hash, current.activation_sha256 = hashed, None
        current.must_change, current.changed_at, current.changed_in = False, now, login_id

    store.transact(work, audit)


def _proofs(credential: Credential) -> tuple[str | None, str | None, bool]:
    return credential.password_hash, credential.activation_sha256, credential.must_change


def _check_old(
    store: Store, guesses: Guesses, credential: Credential, school_id: uuid.UUID | None, old: str
) -> None:
    """Raise unless ``old`` is the present password or the code that stands for it."""
    if check_code(credential.activation_sha256, old):
        return  # nobody guesses it, so it does not wait for those who guess the password
    person_id = credential.person_id
    attempt = Event(person_id, "password.refuse", "person", person_id, school_id, "wrong")
    # A source of its own for each person: what others try wrong here is no guess of theirs.
    try:
        tried = guesses.begin(person_id, f"own session of {person_id}")
    except Refused:
        attempt.outcome = "too early"
        store.count(attempt)
        raise
    if not check_password(credential.password_hash, old):
        store.note(attempt)
        raise Invalid("password.old_wrong", N_("现在的密码不对，密码没有改动。"))
    tried.right()


def reset_password(
    store: Store,
    actor_id: str,
    person_id: str,
    check: Callable[[Session, Person], None] | None = None,
) -> str:
    """Replace a person's password by a new one-time code, and return the code.

    Who may do this is the caller's to check. The code is kept only as a digest.

    :param check: asked inside the transaction; raises when it may not be
    """
    code = new_code()
    audit = Event(actor_id, "password.reset", "person", person_id)

    def work(session: Session, now: datetime) -> None:
        who = people.active_person(session, person_id)
        current = people.credential(session, person_id, for_update=True)
        if who is None or current is None:
            raise NotFound("person.not_found", N_("您管理的学校里没有这位老师。"))
        if check is not None:
            check(session, who)
        audit.school_id = who.school_id
        current.password_hash, current.activation_sha256 = None, code_digest(code)
        current.must_change, current.changed_at, current.changed_in = True, now, None

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


def last_change(store: Store, person_id: str) -> Change | None:
    """Return the last choice or reset of the password; None while the first code is all there is."""
    with store.read() as session:
        found = people.credential(session, person_id)
        if found is None or found.changed_at is None:
            return None
        return Change(found.changed_at, found.changed_in)


def reset_at(store: Store, person_id: str) -> datetime | None:
    """Return when the person's password was reset; None when it was not, or they have chosen one."""
    with store.read() as session:
        found = people.credential(session, person_id)
        return found.changed_at if found is not None and found.must_change else None
