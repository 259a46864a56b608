"""Single sign-on behind one interface: what a provider does, and what a login becomes.

``Provider`` is what ``oidc``, ``cas`` and ``ticket`` implement: send the browser away,
make an answer of what it brings back, ask again later. ``Desk`` takes the answer to the
roster: a binding, a match, or a place in an organizer's queue; never a new person. No
web framework here; ``sso_login`` is the glue to the hub.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from yanxiu.errors import N_, Refused
from yanxiu.names import new_id
from yanxiu.people.idnumber import IdMatcher
from yanxiu.people.model import Person
from yanxiu.people.reads import organizations, people
from yanxiu.people.reads.actors import load_actor
from yanxiu.settings.model import Site
from yanxiu.store.audit import Event
from yanxiu.store.engine import Session, Store

from .claims import Claims, read_claims
from .claims import Provider as SsoSettings
from .model import SsoBinding, SsoRequest
from .permissions import check_can_test_sign_on
from .reads import bindings
from .sso_match import Candidate, Doubt, match
from .sso_request import close_request

SYSTEM = "system:sso"
BOUND = N_("用这个账号登录：已经绑定，会直接登录。")
MATCHES = N_("用这个账号登录：花名册里正好有一位，会绑定并登录。")
LEFT = N_("用这个账号登录：对方说这个人已经离开，会拒绝。")
OUTLOOK = {
    Doubt.NOBODY: N_("用这个账号登录：花名册里没有这个人，会请管理员确认。"),
    Doubt.SEVERAL: N_("用这个账号登录：花名册里有几位都像，会请管理员确认。"),
    Doubt.CONTRADICTION: N_("用这个账号登录：和花名册有矛盾，会请管理员确认。"),
    Doubt.TAKEN: N_("用这个账号登录：那位老师已经绑定了另一个账号，会请管理员确认。"),
}


@dataclass(frozen=True)
class Visit:
    """One trip of a browser to a provider, kept in that browser's signed cookie.

    :param callback: the address that the provider sends the browser back to
    """

    callback: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True)
class Answer:
    """What a provider said.

    :param raw: the claims as they came, for ``read_claims``
    :param keep: what is needed to ask again, encrypted by the hub; empty when one cannot
    """

    raw: Mapping[str, Any] = field(repr=False)
    keep: dict[str, str] = field(default_factory=dict, repr=False)


class Gone(Exception):
    """Asked again, the provider does not know this session any more: log in again."""


class _Left(Exception):
    """The person was deactivated, or the account bound to another, between reading and writing."""


class Provider(Protocol):
    """A way in. Every method raises ``Refused`` with a sentence when it cannot."""

    async def leave(self, visit: Visit) -> str:
        """Return the provider's address that the browser goes to."""

    async def arrive(self, visit: Visit, arguments: Mapping[str, str]) -> Answer:
        """Make an answer of the arguments that the browser came back with."""

    async def again(self, keep: Mapping[str, str]) -> Answer | None:
        """Ask again; None when this kind of provider cannot be asked.

        :raises Gone: the provider has ended the session
        """


def away() -> Refused:
    """Return the refusal for a provider that does not answer as it should."""
    return Refused(
        "sso.away",
        N_("认证平台现在没有回应，请过一会儿再试，或用本平台的登录名和密码登录。"),
        status=503,
    )


def rejected() -> Refused:
    """Return the refusal for an answer that proves nothing; what was wrong is not said."""
    return Refused(
        "sso.rejected", N_("认证平台的答复没有通过核对，没有登录。请重新点登录按钮。"), status=403
    )


def cancelled() -> Refused:
    """Return the refusal for somebody who turned back at the provider."""
    return Refused(
        "sso.cancelled", N_("您在认证平台取消了登录。可以重新登录，或用登录名和密码登录。")
    )


@dataclass(frozen=True)
class SignedIn:
    """The account is this person's."""

    person_id: str


@dataclass(frozen=True)
class Waiting:
    """An organizer decides; until then there is nobody to be.

    :param org: the name of the school or county whose organizers see the request
    """

    org: str
    refused: bool = False


class Desk:
    """Takes answers of providers to the roster. Blocks for a query; call it in a thread."""

    def __init__(self, store: Store, site: Site, matcher: IdMatcher):
        self._store = store
        self._site = site
        self._matcher = matcher

    def sign_in(self, provider: str, answer: Answer) -> SignedIn | Waiting:
        """Return who this is, binding or queueing an account that is seen first.

        :raises Refused: they have left, or their account is stopped
        """
        claims = self._read(provider, answer)
        if claims.left:
            raise self._refuse(provider, "", "left")
        with self._store.read() as session:
            bound = bindings.binding(session, provider, claims.subject)
            person_id = bound.person_id if bound else ""
        if not person_id:
            found = self._match(provider, claims)
            if isinstance(found, Doubt):
                return self._queue(provider, claims, found)
            if not found.active:
                raise self._refuse(provider, found.person_id, "inactive")
            person_id = self._bind(provider, claims, found.person_id)
        if not self._follow(provider, claims, person_id, login=True):
            raise self._refuse(provider, person_id, "inactive")
        return SignedIn(person_id)

    def follow(self, provider: str, answer: Answer, person_id: str) -> bool:
        """Take over what changed at the provider; False when the session has to end."""
        claims = self._read(provider, answer)
        return self._follow(provider, claims, person_id, login=False)

    def says_left(self, provider: str, answer: Answer) -> bool:
        """Say whether the provider says in so many words that the person has left."""
        return self._read(provider, answer).left

    def settings_of(self, provider: str) -> SsoSettings:
        """Return how a provider is set up."""
        return self._site.sso[provider]

    def check_may_test(self, person_id: str) -> None:
        """Refuse everybody but operators, as they are now."""
        check_can_test_sign_on(load_actor(self._store, person_id))

    def outlook(self, provider: str, answer: Answer) -> tuple[Claims | None, str]:
        """Return what is read of an answer and what a login would become; nothing is written."""
        try:
            claims = self._read(provider, answer)
        except Refused as refused:
            return None, refused.message
        if claims.left:
            return claims, LEFT
        with self._store.read() as session:
            bound = bindings.binding(session, provider, claims.subject) is not None
        found = None if bound else self._match(provider, claims)
        return claims, OUTLOOK[found] if isinstance(found, Doubt) else BOUND if bound else MATCHES

    def _read(self, provider: str, answer: Answer) -> Claims:
        claims = read_claims(answer.raw, self._site.sso[provider])
        if not claims.school_code:
            return claims
        with self._store.read() as session:
            code = bindings.canonical_code(session, claims.school_code)
        return replace(claims, school_code=code)

    def _match(self, provider: str, claims: Claims) -> Candidate | Doubt:
        number = self._matcher.hmac(claims.id_number) if claims.id_number else ""
        wanted = bindings.Wanted(
            provider,
            school_code=claims.school_code,
            last4=claims.id_last4,
            id_hmac=number,
            teacher_no=claims.teacher_no,
        )
        with self._store.read() as session:
            found = bindings.people_like(session, wanted)
        candidates = [
            Candidate(
                person_id=one.person_id,
                name=one.name,
                teacher_no=one.teacher_no,
                id_hmac=one.id_hmac,
                id_last4=one.id_last4,
                school_code=one.school_code,
                county_code=one.county_code,
                active=one.active,
                taken=one.taken,
            )
            for one in found
        ]
        return match(claims, number, candidates, own_county=self._site.sso[provider].own_county)

    def _bind(self, provider: str, claims: Claims, person_id: str) -> str:
        audit = Event(SYSTEM, "sso.bind", "person", person_id, details={"provider": provider})

        def work(session: Session, now: datetime) -> str:
            made = bindings.bind(
                session,
                SsoBinding(
                    provider=provider,
                    subject=claims.subject,
                    person_id=person_id,
                    school_code=claims.school_code,
                    granted=[],
                    bound_by=SYSTEM,
                    bound_at=now,
                ),
            )
            waiting = bindings.request(session, provider, claims.subject)
            if waiting is not None:
                # The roster was corrected meanwhile: nobody has to decide any more.
                close_request(waiting, "bound", SYSTEM, now)
            if made.subject != claims.subject:
                raise rejected()
            return made.person_id

        return self._store.transact(work, audit)

    def _queue(self, provider: str, claims: Claims, doubt: Doubt) -> Waiting:
        audit = Event(SYSTEM, "sso.queue", "sso_request", details={"provider": provider})

        def work(session: Session, now: datetime) -> Waiting:
            known = people.organization(session, claims.school_code) if claims.school_code else None
            org = known or people.organization(session, self._site.county.code)
            if org is None:
                raise away()
            found = bindings.request(session, provider, claims.subject)
            if found is None:
                found = bindings.add_request(
                    session, self._new_request(provider, claims, org.id, now)
                )
            audit.object_id, audit.school_id = str(found.id), org.id
            found.seen_at = now
            if found.state == "refused":
                audit.outcome = "refused before"
                return Waiting(found.org.name, refused=True)
            found.state, found.doubt, found.org_id = "open", doubt, org.id
            found.name, found.teacher_no = claims.name, claims.teacher_no
            found.mobile, found.id_last4 = claims.mobile, claims.id_last4
            found.id_hmac = self._matcher.hmac(claims.id_number) if claims.id_number else ""
            found.school_code = claims.school_code
            return Waiting(org.name)

        return self._store.transact(work, audit)

    def _new_request(
        self, provider: str, claims: Claims, org_id: uuid.UUID, now: datetime
    ) -> SsoRequest:
        return SsoRequest(
            id=new_id(),
            provider=provider,
            subject=claims.subject,
            org_id=org_id,
            name="",
            teacher_no="",
            mobile="",
            id_hmac="",
            id_last4="",
            school_code="",
            doubt="",
            state="open",
            created_at=now,
            seen_at=now,
        )

    def _follow(self, provider: str, claims: Claims, person_id: str, *, login: bool) -> bool:
        """Bring school and roles up to date; say whether the person may (still) be here."""
        with self._store.read() as session:
            bound = bindings.binding(session, provider, claims.subject)
            who = people.active_person(session, person_id)
            if claims.left or who is None or bound is None or bound.person_id != person_id:
                return False
            moves = claims.school_code not in ("", bound.school_code)
            news = moves or bool(self._site.sso[provider].roles) or login
            school_id = who.school_id
        if not news:
            return True
        audit = Event(person_id, "login", "person", person_id, school_id)
        audit.details = {"provider": provider}
        if not login:
            audit.actor, audit.verb = SYSTEM, "sso.follow"
            if not moves and not self._roles_differ(provider, claims, person_id):
                return True

        def work(session: Session, now: datetime) -> None:
            row = bindings.binding(session, provider, claims.subject)
            person = people.active_person(session, person_id)
            if row is None or person is None or row.person_id != person_id:
                raise _Left  # and no event says that they logged in
            if moves:
                audit.details |= self._take_school(session, provider, claims, row, person)
            wanted = wanted_grants(session, person, claims)
            if bindings.set_grants(session, row, person_id, wanted):
                audit.details["roles"] = sorted(claims.roles)
            if login:
                settle_credential(session, person_id)

        try:
            self._store.transact(work, audit)
        except _Left:
            return False
        return True

    def _roles_differ(self, provider: str, claims: Claims, person_id: str) -> bool:
        with self._store.read() as session:
            bound = bindings.binding(session, provider, claims.subject)
            person = people.active_person(session, person_id)
            if bound is None or person is None:
                return True
            held = bindings.granted_by(session, bound)
            by_hand = {one for one in bindings.grants_of(session, person_id) if one not in held}
            return held != wanted_grants(session, person, claims) - by_hand

    def _take_school(
        self, session: Session, provider: str, claims: Claims, row: SsoBinding, person: Person
    ) -> dict[str, Any]:
        row.school_code = claims.school_code
        school = people.organization(session, claims.school_code)
        follows = self._site.sso[provider].follow_school and person.school.kind == "school"
        if not follows or school is None or school.kind != "school" or not school.active:
            return {"school": "not followed"}
        if school.id == person.school_id:
            return {}
        before = person.school.code
        ended = bindings.move(session, person, school)
        return {"from": before, "to": school.code, "roles_ended": ended}

    def _refuse(self, provider: str, person_id: str, why: str) -> Refused:
        self._store.note(
            Event(
                "anonymous",
                "login.refuse",
                "person",
                person_id,
                outcome=why,
                details={"provider": provider},
            )
        )
        return Refused(
            f"sso.{why}", N_("您的账号已停用，或已不在本县的学校。如果不对，请联系本校管理员。")
        )


def wanted_grants(session: Session, person: Person, claims: Claims) -> set[tuple[str, uuid.UUID]]:
    """Return the roles that the claims give, each in the organization that it is about."""
    above = organizations.county_above(session, person.school.path)
    county = above.id if above is not None else person.school_id
    return {
        (role, county if role == "county_organizer" else person.school_id) for role in claims.roles
    }


def settle_credential(session: Session, person_id: str) -> None:
    """Ask nobody for a first password who has proved themselves elsewhere.

    The one-time code ends with it: it would be a second way in that nobody looks after.
    """
    credential = people.credential(session, person_id, for_update=True)
    if credential is not None and credential.must_change:
        credential.must_change, credential.activation_sha256 = False, None
