"""The hub's authenticator of a site with single sign-on: local accounts and providers at once.

Glue between JupyterHub, the providers (``oidc``, ``cas``, ``ticket``) and ``sso.Desk``.
Decides how a trip to a provider is tied to its browser, and when a provider is asked
again. A site without providers never imports this module.
"""

import asyncio
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from weakref import WeakValueDictionary

from jupyterhub._xsrf_utils import _set_xsrf_cookie
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.utils import url_path_join
from tornado import web
from tornado.httputil import url_concat
from traitlets import Bool, Integer
from traitlets import Callable as CallableTrait

from yanxiu.errors import N_, Refused, Sentence
from yanxiu.settings.model import Site
from yanxiu.settings.sso import CasSettings, OidcSettings, TicketSettings

from . import self_test
from .authenticator import AccountsAuthenticator, FormLoginHandler
from .cas import CasProvider
from .claims import Claims
from .fair_queue import FairQueue, Full
from .oidc import OidcProvider
from .sso import Answer, Desk, Gone, Provider, SignedIn, Visit, Waiting
from .ticket import TicketProvider

COOKIE = "yanxiu-sso"
TRIP_MINUTES = 10
#: What an OpenID Connect provider may answer with by a form.
ANSWERS = ("code", "state", "iss", "error", "error_description")
BUSY = N_("现在登录的人很多，请过一会儿再试。")
STATE = N_("这次登录不是从这个浏览器开始的，或用的时间太长。请重新点登录按钮。")


def make_providers(site: Site, secrets_of: Mapping[str, str]) -> dict[str, Provider]:
    """Return the providers of a site.

    :param secrets_of: each provider's secret, by its id
    """
    made: dict[str, Provider] = {}
    for name, one in site.sso.items():
        if one.kind == "oidc":
            made[name] = OidcProvider(one, secrets_of[name])
        elif one.kind == "cas":
            made[name] = CasProvider(one)
        else:
            made[name] = TicketProvider(one, secrets_of[name])
    return made


@dataclass(frozen=True)
class _Proved:
    """Who a callback has proved somebody to be. A form can send dicts of texts only."""

    person_id: str
    keep: dict[str, str]


class SsoAuthenticator(AccountsAuthenticator):
    """Local accounts out of the roster, and accounts of providers bound to it."""

    # Factories, because traitlets copies configured objects deeply.
    providers = CallableTrait(config=True, help="Returns the providers of this process by id")
    desk = CallableTrait(config=True, help="Returns the Desk of this process")
    most_trips = Integer(64, config=True, help="Answers of providers taken at once before 429")

    # Refresh tokens: encrypted, and shown to nobody (no role holds admin:auth_state).
    enable_auth_state = Bool(True, config=True)

    def __init__(self, **kwargs: Any):
        super().__init__(**kwargs)
        self.known: dict[str, Provider] = self.providers()
        self._desk: Desk = self.desk()
        self._answers = FairQueue(self.most_trips, self.max_waiting)
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._stopping: set[asyncio.Task[Any]] = set()

    def get_handlers(self, app: Any) -> list[tuple[str, type[BaseHandler]]]:
        """Serve each provider's addresses beside the login form."""
        return [
            *super().get_handlers(app),
            (r"/sso/([a-z0-9]+)/login", LeaveHandler),
            (r"/sso/([a-z0-9]+)/callback", ArriveHandler),
            (r"/sso/([a-z0-9]+)/test", TestHandler),
        ]

    async def arrive(
        self, provider_id: str, visit: Visit, arguments: Mapping[str, str], source: str
    ) -> _Proved | Waiting:
        """Return who came back from a provider.

        Sources take turns, as in front of passwords: whoever sends many holds up only himself.

        :raises Refused: nobody, and why
        """
        try:
            async with self._answers.turn(source):
                answer = await self.known[provider_id].arrive(visit, arguments)
                found = await asyncio.to_thread(self._desk.sign_in, provider_id, answer)
        except Full:
            raise Refused("login.busy", BUSY, status=429) from None
        if isinstance(found, SignedIn):
            return _Proved(found.person_id, _kept(provider_id, answer))
        return found

    async def look(
        self, provider_id: str, visit: Visit, arguments: Mapping[str, str], source: str
    ) -> tuple[Answer, Claims | None, str]:
        """Return what a provider says and what would come of it; nobody is logged in.

        :raises Refused: it says nothing that can be believed
        """
        try:
            async with self._answers.turn(source):
                answer = await self.known[provider_id].arrive(visit, arguments)
                claims, outlook = await asyncio.to_thread(self._desk.outlook, provider_id, answer)
        except Full:
            raise Refused("login.busy", BUSY, status=429) from None
        return answer, claims, outlook

    async def check_may_test(self, person_id: str) -> None:
        """Refuse everybody but operators."""
        await asyncio.to_thread(self._desk.check_may_test, person_id)

    def settings_of(self, provider_id: str) -> OidcSettings | CasSettings | TicketSettings:
        """Return how a provider is set up."""
        return self._desk.settings_of(provider_id)

    async def authenticate(self, handler: Any, data: Any) -> dict[str, Any]:
        """Return the model of somebody who was proved elsewhere, or who typed a password."""
        if not isinstance(data, _Proved):
            return await super().authenticate(handler, data)
        await self.end_old_logins(handler.db, data.person_id)
        return {**await self.model_of(data.person_id), "auth_state": data.keep}

    async def refresh_user(self, user: Any, handler: Any = None) -> dict[str, Any] | bool:
        """Read the roster, and ask the provider by which the person came in.

        One at a time for a person: a provider that rotates refresh tokens takes the second
        use of one for a theft. While the provider is away, the roster alone decides.
        """
        model = await super().refresh_user(user, handler)
        if not isinstance(model, dict):
            return model
        lock = self._asking.setdefault(user.name, asyncio.Lock())
        async with lock:
            keep = await user.get_auth_state()
            if not keep or "provider" not in keep:
                return model  # they typed their password
            followed = await self._follow(user, handler, keep)
        return {**model, **followed} if followed is not None else False

    async def _follow(self, user: Any, handler: Any, keep: dict[str, str]) -> dict[str, Any] | None:
        """Return what changed in the user's model; None throws the session out."""
        provider_id = keep["provider"]
        provider = self.known.get(provider_id)
        if provider is None:
            return None
        try:
            answer = await provider.again(keep)
        except Gone:
            return None
        except Refused:
            return {}
        if answer is None:
            return {}
        stays = await asyncio.to_thread(self._desk.follow, provider_id, answer, user.name)
        if not stays:
            if self._desk.says_left(provider_id, answer):
                self._stop_servers(user, handler)
            return None
        fresh = _kept(provider_id, answer)
        if fresh != keep:
            # At once and not with the model: the next one to ask must find the new token.
            await user.save_auth_state(fresh)
        return {**await self.model_of(user.name), "auth_state": fresh}

    def _stop_servers(self, user: Any, handler: Any) -> None:
        """End the Jupyter of somebody who has left; the files stay."""
        for name, spawner in user.spawners.items():
            if handler is not None and spawner.active and not spawner.pending:
                task = asyncio.ensure_future(handler.stop_single_user(user, name))
                self._stopping.add(task)
                task.add_done_callback(self._stopping.discard)


class _TripHandler(FormLoginHandler):
    """What leaving and arriving share: the provider, the cookie, the sentence on the form."""

    authenticator: SsoAuthenticator

    def provider(self, provider_id: str) -> Provider:
        """Return the provider of this address."""
        found = self.authenticator.known.get(provider_id)
        if found is None:
            raise web.HTTPError(404)
        return found

    def path(self, provider_id: str, name: str) -> str:
        """Return the path of one of the provider's two addresses."""
        return str(url_path_join(self.hub.base_url, "sso", provider_id, name))

    def append_query_parameters(self, url: str, exclude: Any = None) -> str:
        """Keep codes and states out of the page that is opened next."""
        return url

    async def refuse(self, refused: Refused) -> None:
        """Show the login form with the sentence: the other ways in are right there."""
        self.log.warning("login refused: %s", refused.code)
        self.set_status(refused.status)
        _set_xsrf_cookie(
            self,
            self._xsrf_token_id,
            cookie_path=self.hub.base_url,
            xsrf_token=self.xsrf_token,
        )
        self.finish(await self._render(login_error=Sentence(refused)))

    async def go(self, provider_id: str, **kept: str) -> None:
        """Tie a trip to this browser and send it to the provider.

        :param kept: what the trip is for, beside its secrets
        """
        provider = self.provider(provider_id)
        callback = self.path(provider_id, "callback")
        visit = Visit(
            callback=f"{self.authenticator.portal}{callback}",
            state=secrets.token_urlsafe(24),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
        )
        try:
            address = await provider.leave(visit)
        except Refused as refused:
            await self.refuse(refused)
            return
        trip = json.dumps({**asdict(visit), **kept})
        self._set_cookie(COOKIE, trip, path=callback, secure=self.authenticator.https)
        self.redirect(address)


class LeaveHandler(_TripHandler):
    """``/sso/<id>/login``: send the browser to the provider."""

    async def get(self, provider_id: str) -> None:
        """Go, and remember where the browser wanted to be."""
        await self.go(provider_id, next=self.get_argument("next", "")[:2000])


class TestHandler(_TripHandler):
    """``/sso/<id>/test``: an operator's trip, of which only what was said is shown."""

    __test__ = False

    @web.authenticated
    async def get(self, provider_id: str) -> None:
        """Go, if it is an operator who asks."""
        self.provider(provider_id)
        try:
            await self.authenticator.check_may_test(self.current_user.name)
        except Refused as refused:
            raise web.HTTPError(403, refused.message) from None
        await self.go(provider_id, tester=self.current_user.name)


class ArriveHandler(_TripHandler):
    """``/sso/<id>/callback``: take the browser back."""

    def check_xsrf_cookie(self) -> None:
        """Ask for no form token: the trip's own state is what counts, and a POST does nothing."""

    async def post(self, provider_id: str) -> None:  # type: ignore[override]  # of this route
        """Ask the browser to come again by GET (``response_mode=form_post``).

        With a form from another site it brings none of our cookies; with this it does.
        """
        self.provider(provider_id)
        brought = {name: self.get_body_argument(name, "")[:4000] for name in ANSWERS}
        query = {name: value for name, value in brought.items() if value}
        self.redirect(url_concat(self.path(provider_id, "callback"), query), status=303)

    async def get(self, provider_id: str) -> None:
        """Take the browser back, unless it goes away meanwhile."""
        self.login_task = asyncio.ensure_future(self._arrive(provider_id))
        try:
            await self.login_task
        except asyncio.CancelledError:
            raise web.Finish from None

    async def _arrive(self, provider_id: str) -> None:
        """Check that this browser left from here, and log in whoever the provider names."""
        self.provider(provider_id)
        arguments = {name: self.get_argument(name) for name in self.request.query_arguments}
        try:
            visit, wanted, tester = self._visit(provider_id, arguments.get("state", ""))
            if tester:
                await self._show(provider_id, visit, arguments, tester)
                return
            source = self.authenticator.source_of(self)
            found = await self.authenticator.arrive(provider_id, visit, arguments, source)
        except Refused as refused:
            await self.refuse(refused)
            return
        if isinstance(found, Waiting):
            self.set_status(403)
            self.finish(
                await self.render_template("sso_waiting.html", org=found.org, refused=found.refused)
            )
            return
        user = await self.login_user(found)
        self._jupyterhub_user = user
        # The hub's own check of where to go next reads the query.
        self.request.arguments["next"] = [wanted.encode()]
        self.redirect(self.get_next_url(user))

    async def _show(
        self, provider_id: str, visit: Visit, arguments: Mapping[str, str], tester: str
    ) -> None:
        """Show an operator what came back; the login that they have stays theirs."""
        if self.current_user is None or self.current_user.name != tester:
            raise Refused("sso.state", STATE, status=400)
        await self.authenticator.check_may_test(tester)
        answer, claims, outlook = await self.authenticator.look(
            provider_id, visit, arguments, self.authenticator.source_of(self)
        )
        settings = self.authenticator.settings_of(provider_id)
        self.set_header("Cache-Control", "no-store")
        self.finish(
            await self.render_template(
                "sso_test.html",
                provider=settings.title.model_dump(),
                provider_id=provider_id,
                rows=self_test.explain(answer.raw, claims, settings),
                others=self_test.others(answer.raw, settings),
                outlook=outlook,
            )
        )

    def _visit(self, provider_id: str, state: str) -> tuple[Visit, str, str]:
        """Return the trip of this browser, once: its cookie goes with the first answer."""
        sealed = self.get_secure_cookie(COOKIE, max_age_days=TRIP_MINUTES / (24 * 60))
        self.clear_cookie(COOKIE, path=self.path(provider_id, "callback"))
        trip = json.loads(sealed) if sealed else {}
        if not state or not hmac.compare_digest(
            state.encode(), str(trip.get("state", "")).encode()
        ):
            raise Refused("sso.state", STATE, status=400)
        wanted, tester = trip.pop("next", ""), trip.pop("tester", "")
        return Visit(**trip), wanted, tester


def _kept(provider_id: str, answer: Answer) -> dict[str, str]:
    return {**answer.keep, "provider": provider_id}
