"""Reservations in the cluster: make one and hear whether Kueue admits it, give one back, list all.

Decides how long an answer is waited for, and reads what Kueue says of a reservation that has to
wait. Whose reservation, and what follows from the answer, is ``kueue_engine``'s. Every method
blocks; silence is ``KueueSilent``, and nothing here ever touches a pod.
"""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lightkube import Client

from yanxiu.kube import names
from yanxiu.kube.client import ApiError, Unreachable, Workload

from . import kueue_objects
from .rules import Resource

#: Of everything that is asked of Kueue, from the request to its verdict.
VERDICT_S = 1.8
#: A refusal is taken for one when it is the same after this.
_SECOND_THOUGHT_S = 0.5
#: Admission takes 20 to 150 ms: asked again as soon as it may be there.
_PAUSES_S = (0.01, 0.02, 0.03, 0.05)
_SHORT = re.compile(r"insufficient (?:unused )?quota for (\S+) in flavor|request > maximum")
_OURS = {called: resource for resource, called in kueue_objects.RESOURCES.items()}


class KueueSilent(Exception):
    """The API server or Kueue did not answer in time: nobody knows whether there is a place."""


@dataclass(frozen=True)
class Verdict:
    """What Kueue says of a reservation.

    :param short_of: what there is too little of; None where it says something else
    """

    admitted: bool
    short_of: Resource | None = None
    said: str = ""


@dataclass(frozen=True)
class Reservation:
    """One that is in the cluster."""

    person_id: str
    server: str
    school: str
    name: str
    admitted: bool


class Reservations:
    """All reservations of a platform. Safe to use from several threads."""

    def __init__(self, client: Client, verdict_s: float = VERDICT_S):
        self._client = client
        self._verdict_s = verdict_s

    def make(self, wanted: dict[str, Any]) -> Verdict:
        """Make a reservation, or find it made, and wait for what Kueue says of it.

        :raises KueueSilent: it says nothing in time, or the cluster does not answer
        """
        until = time.monotonic() + self._verdict_s
        name, namespace = wanted["metadata"]["name"], wanted["metadata"]["namespace"]
        try:
            found = self._create(wanted)
            refused: Verdict | None = None
            for pause in _pauses(until):
                if found is None or "deletionTimestamp" in found["metadata"]:
                    # An earlier one of the same server is on its way out.
                    time.sleep(pause)
                    found = self._create(wanted)
                    continue
                verdict = _verdict(found)
                if verdict is not None and verdict.admitted:
                    return verdict
                if verdict is not None and refused is None:
                    # Kueue may not have heard yet of what was given back a moment ago.
                    refused, until = verdict, min(until, time.monotonic() + _SECOND_THOUGHT_S)
                if time.monotonic() >= until:
                    break
                time.sleep(pause)
                found = self._get(name, namespace)
            if refused is not None:
                return refused
        except (ApiError, Unreachable) as error:
            raise KueueSilent(_told(error)) from None
        raise KueueSilent("no verdict")

    def drop(self, school: str, person_id: str, server_name: str) -> None:
        """Give a reservation back, if there is one. :raises KueueSilent: the cluster is silent"""
        self.drop_named(school, kueue_objects.workload_name(person_id, server_name))

    def drop_named(self, school: str, name: str) -> None:
        """Give back by its name. :raises KueueSilent: the cluster is silent"""
        try:
            self._client.delete(Workload, name, namespace=names.school_namespace(school))
        except ApiError as error:
            if error.status.code != 404:
                raise KueueSilent(_told(error)) from None
        except Unreachable as error:
            raise KueueSilent(_told(error)) from None

    def every(self) -> Iterator[Reservation]:
        """Give all of them. :raises KueueSilent: the cluster is silent"""
        try:
            for one in self._client.list(Workload, namespace="*", labels=dict(kueue_objects.OWNED)):
                about = one["metadata"]
                school = names.school_of(about["namespace"])
                if school is None or "deletionTimestamp" in about:
                    continue
                verdict = _verdict(one)
                yield Reservation(
                    about["labels"].get(names.PERSON_LABEL, ""),
                    about["labels"].get(names.SERVER_LABEL, ""),
                    school,
                    about["name"],
                    verdict is not None and verdict.admitted,
                )
        except (ApiError, Unreachable) as error:
            raise KueueSilent(_told(error)) from None

    def _create(self, wanted: dict[str, Any]) -> dict[str, Any] | None:
        try:
            return dict(self._client.create(Workload(**wanted)))
        except ApiError as error:
            if error.status.code != 409:
                raise
        return self._get(wanted["metadata"]["name"], wanted["metadata"]["namespace"])

    def _get(self, name: str, namespace: str) -> dict[str, Any] | None:
        try:
            return dict(self._client.get(Workload, name, namespace=namespace))
        except ApiError as error:
            if error.status.code != 404:
                raise
        return None


def _pauses(until: float) -> Iterator[float]:
    """Give how long to wait before each look, until the time is over at the latest."""
    number = 0
    while time.monotonic() < until:
        yield _PAUSES_S[min(number, len(_PAUSES_S) - 1)]
        number += 1


def _verdict(found: dict[str, Any]) -> Verdict | None:
    """Return what Kueue has said by now.

    >>> _verdict({"status": {"conditions": [{"type": "Admitted", "status": "True"}]}})
    Verdict(admitted=True, short_of=None, said='')
    >>> said = "couldn't assign flavors to pod set main: insufficient unused quota for cpu in flavor"
    >>> waits = {"type": "QuotaReserved", "status": "False", "message": said}
    >>> _verdict({"status": {"conditions": [waits]}}).short_of
    <Resource.CPUS: 'cpus'>
    >>> _verdict({})
    """
    told = {one["type"]: one for one in found.get("status", {}).get("conditions", [])}
    if told.get("Admitted", {}).get("status") == "True":
        return Verdict(True)
    waits = told.get("QuotaReserved")
    if waits is None or waits.get("status") == "True":
        return None
    said = str(waits.get("message", ""))
    short = _SHORT.search(said)
    return Verdict(False, _OURS.get(short[1] or "") if short else None, said)


def _told(error: Exception) -> str:
    """Return what may be logged: no name of a person's reservation."""
    if isinstance(error, ApiError):
        return f"HTTP {error.status.code} {error.status.reason}"
    return type(error).__name__
