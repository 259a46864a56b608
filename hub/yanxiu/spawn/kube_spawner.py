"""A hub spawner that starts a teacher's server as a pod in the namespace of her school.

KubeSpawner makes the pod; here is what many schools need of it: the namespace is the roster's to
say, at every start, and nobody else's; one watch of pods and one of events over all schools
(``kube_watch``); a home that follows its owner to another school (``kube_homes``); refusals in
words and below 500 (``kube_refusal``); a stop that asks the API server itself and needs no watch.
Who may start, how much and whether there is a place: ``hooks``, as for every spawner.

Private methods of KubeSpawner are overridden (marked): its minor version is pinned, and
``tests/k8s`` runs all of it against a real cluster.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, ClassVar

import aiohttp
from jupyterhub.spawner import SpawnException
from jupyterhub.traitlets import ByteSpecification, Callable
from kubernetes_asyncio.client import ApiException
from kubespawner import KubeSpawner
from traitlets import default

from yanxiu.kube import events, names
from yanxiu.kube.problems import Kind, problem_of
from yanxiu.quota.sizes import Size

from . import kube_refusal as refusal
from .kube_homes import Homes, Tangled
from .kube_watch import EventWatch, NotLoaded, PodWatch, Steady
from .schools import School

#: A namespace that no school has: where nothing was started yet.
NOWHERE = "yanxiu-nowhere"
#: How long a start or a poll waits for the first list of what there is.
LOADED_S = 10.0
#: The hub gives up at ``start_timeout``, and counts that as an error: ours is a little before.
BEFORE_HUB_S = 10
#: How long a stop is asked for again, and the pauses between two looks.
STOP_PATIENCE_S = 300.0
FIRST_LOOK_S, LONGEST_LOOK_S = 0.1, 2.0
ASK_S = 10.0
LOOK_S = 0.5
MB = 1 << 20
#: What an API server that is away looks like.
AWAY = (aiohttp.ClientError, OSError, TimeoutError)


class SchoolSpawner(KubeSpawner):
    """One teacher's server in one pod."""

    school_of = Callable(
        None, allow_none=True, config=True, help="The School of a person's id, or None; in a thread"
    )
    size_of = Callable(
        None, allow_none=True, config=True, help="What a server is counted with; in a thread"
    )
    organizers = Callable(
        None, allow_none=True, config=True, help="Whom a person asks about places; in a thread"
    )
    disk_limit = ByteSpecification(
        None, allow_none=True, config=True, help="Size of a home that is made"
    )

    #: Of this class, not KubeSpawner's: two kinds of watch must not meet.
    reflectors: ClassVar[dict[str, Steady]] = {}
    _school: School | None = None
    #: Whether there may be a pod: unknown after a restart of the hub, so yes.
    _asked_for = True

    @default("enable_user_namespaces")
    def _watch_every_namespace(self) -> bool:
        """KubeSpawner's word for: pods are in many namespaces, watch them all at once."""
        return True

    @default("user_namespace_template")
    def _no_namespace_yet(self) -> str:
        return NOWHERE

    async def _ensure_namespace(self) -> None:
        """(KubeSpawner's) Make none: the hub's account may not, the chart does."""

    async def load_user_options(self) -> None:
        """Take nothing of what a user sends: no profile, no override, no namespace."""

    async def _start(self) -> str:
        """(KubeSpawner's) Start the pod; every no is a refusal in words."""
        self._asked_for = False
        try:
            async with asyncio.timeout(max(1, self.start_timeout - BEFORE_HUB_S)):
                await self._settle()
                url: str = await super()._start()
                return url
        except ApiException as error:
            raise await self._refusal(error) from error
        except Tangled as error:
            raise refusal.refuse_plainly(refusal.TANGLED, "kube.two_homes") from error
        except NotLoaded as error:
            raise refusal.refuse_plainly(refusal.AWAY, Kind.AWAY) from error
        except AWAY as error:
            raise self._why_not() from error

    async def _settle(self) -> None:
        """Find out where this start belongs, and bring the home there."""
        person = self.user.name
        self._school = await asyncio.to_thread(self.school_of, person)
        if self._school is None:
            raise refusal.refuse_plainly(refusal.NO_SCHOOL, "kube.no_school")
        self.namespace = names.school_namespace(self._school.code)
        self.pod_name = names.server_pod(person)
        self.pvc_name = names.home_claim(person)
        self.dns_name = self.dns_name_template.format(namespace=self.namespace, name=self.pod_name)
        # What was known of a claim was of the namespace before.
        self._pvc_exists = False
        size: Size = await asyncio.to_thread(self.size_of, person)
        self.mem_guarantee = min(size.memory_mb * MB, self.mem_limit or size.memory_mb * MB)
        self.cpu_guarantee = min(size.cpus, self.cpu_limit or size.cpus)
        if self.disk_limit:
            self.storage_capacity = f"{self.disk_limit // MB}Mi"
        self._write_down()
        await Homes(self.api).bring(person, self.namespace)

    def _write_down(self) -> None:
        """Keep where the pod will be before there is one.

        The hub does so when a start is over: one that was killed before that would look for the
        pod in the school of the last start.
        """
        if self.orm_spawner is not None:
            self.orm_spawner.state = self.get_state()
            self.db.commit()

    async def _make_create_pod_request(self, pod: Any, request_timeout: float) -> bool:
        """(KubeSpawner's, which logs the pod with its token when that fails.) False: once more."""
        self._asked_for = True
        try:
            async with asyncio.timeout(request_timeout):
                await self.api.create_namespaced_pod(self.namespace, pod)
        except TimeoutError:
            return False
        except ApiException as error:
            kind = problem_of(error.status or 0, error.body).kind
            if kind is Kind.CONFLICT:
                # Of an earlier start, whose end nobody saw.
                await self.stop(now=True)
                return False
            if kind is Kind.NOT_COUNTED:
                return False
            raise
        self.pod_reflector.expect(self._key)
        return True

    async def stop(self, now: bool = False) -> None:
        """End the server; done when its pod is gone.

        Neither a watch nor anything but the API server's word for this one pod is needed: so it
        works while all else fails.

        :raises ApiException, OSError: not for ``STOP_PATIENCE_S``; the person's next start, or
            the pod's node, ends it
        """
        if not self._asked_for or not names.school_of(self.namespace):
            return
        grace = 0 if now else self.delete_grace_period
        clock = asyncio.get_running_loop().time
        until, pause = clock() + STOP_PATIENCE_S, FIRST_LOOK_S
        while True:
            try:
                async with asyncio.timeout(ASK_S):
                    await self.api.delete_namespaced_pod(
                        self.pod_name, self.namespace, grace_period_seconds=grace
                    )
            except (ApiException, *AWAY) as error:
                if isinstance(error, ApiException) and error.status == 404:
                    break
                said = error.status if isinstance(error, ApiException) else type(error).__name__
                self.log.warning("A server has not been stopped yet: %s", said)
                if clock() >= until:
                    raise
            else:
                if clock() >= until:
                    raise OSError("a pod that was deleted is still there")
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_LOOK_S)
        watch = self.reflectors.get(self._get_reflector_key("pods"))
        if watch is not None:
            watch.resources.pop(self._key, None)

    async def poll(self) -> int | None:
        """Return None while the server runs, or nobody can tell; else its exit code."""
        if not names.school_of(self.namespace):
            return 0
        try:
            await self._start_watching_pods()
            if self._key in self.pod_reflector.pods:
                code: int | None = await super().poll()
                return code
            # Not seen is not gone: the watch may be behind.
            async with asyncio.timeout(ASK_S):
                await self.api.read_namespaced_pod(self.pod_name, self.namespace)
        except ApiException as error:
            return 1 if error.status == 404 else None
        except (NotLoaded, *AWAY):
            return None
        self.pod_reflector.reopen()
        return None

    async def _start_reflector(
        self, kind: str, reflector_class: type, replace: bool = False, **kwargs: Any
    ) -> Steady:
        """(KubeSpawner's, which keeps one that failed, and ends the hub.) Return the one watch."""
        key = self._get_reflector_key(kind)
        found = self.reflectors.get(key)
        if found is None:
            steady = {"pods": PodWatch, "events": EventWatch}[kind]
            found = self.reflectors[key] = steady(parent=self, namespace=None, **kwargs)
            await found.start()
        elif replace:
            found.reopen()
        await found.loaded(LOADED_S)
        return found

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Say what is going on, for the waiting page."""
        yield {"progress": 10, "message": events.PREPARING}
        seen, furthest = 0, 10
        while not (self._start_future and self._start_future.done()):
            happened = self.events
            for event in happened[seen:]:
                told = events.said(event.get("reason", ""))
                if told is not None:
                    furthest = max(furthest, told[0])
                    yield {"progress": furthest, "message": told[1]}
            seen = len(happened)
            await asyncio.sleep(LOOK_S)

    @property
    def _key(self) -> str:
        return f"{self.namespace}/{self.pod_name}"

    async def _refusal(self, error: ApiException) -> SpawnException:
        """Return what the API server's no means to the person who wanted to start."""
        problem = problem_of(error.status or 0, error.body)
        # Never its sentence, which names the pod and what is in it.
        self.log.warning("A start was refused by the cluster: %s %s", error.status, problem.kind)
        school = self._school or School("", "")
        asked = await asyncio.to_thread(self.organizers, self.user.name)
        return refusal.refusal_for(problem, school.name, school.code, asked)

    def _why_not(self) -> SpawnException:
        """Return why a pod that was made did not come up in time."""
        watch = self.reflectors.get(self._get_reflector_key("pods"))
        pod = watch.resources.get(self._key) if watch is not None else None
        conditions = (pod or {}).get("status", {}).get("conditions") or []
        if any(one.get("reason") == "Unschedulable" for one in conditions):
            return refusal.refuse_plainly(refusal.BUSY, "kube.unschedulable", 429)
        if pod is None:
            return refusal.refuse_plainly(refusal.AWAY, Kind.AWAY)
        return refusal.refuse_plainly(refusal.FAILED, "kube.not_up")
