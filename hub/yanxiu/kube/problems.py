"""What an API server's refusal means: a school that is full, a setting of ours, or its own trouble.

Pure: reads the status and the sentence of an answer and gives it a kind and the numbers in it.
What a teacher is told is ``spawn.kube_refusal``'s to say. Sentences are the API server's and
change between its versions: ``tests/k8s`` gets them from a real one.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is in the way."""

    #: The namespace's ResourceQuota has no room.
    FULL = "kube.full"
    #: The quota of a namespace that was just made is not counted yet: it is in seconds.
    NOT_COUNTED = "kube.not_counted"
    #: Our pod names no limit for what the quota counts.
    UNLIMITED = "kube.unlimited"
    #: The namespace of the school is not there, or is being removed.
    NO_NAMESPACE = "kube.no_namespace"
    #: Our account may not do that, or a policy of the cluster is against the pod.
    FORBIDDEN = "kube.forbidden"
    #: Something of that name is there already.
    CONFLICT = "kube.conflict"
    #: Not there (any more).
    GONE = "kube.gone"
    #: The API server is away or overloaded.
    AWAY = "kube.away"
    #: It does not take what we sent.
    REFUSED = "kube.refused"


@dataclass(frozen=True)
class Shortage:
    """One resource of which a quota has no more.

    :param resource: the quota's name for it: ``pods``, ``limits.memory``, ``requests.storage`` …
    """

    resource: str
    used: float
    limit: float


@dataclass(frozen=True)
class Problem:
    """An answer that was no success."""

    kind: Kind
    short: tuple[Shortage, ...] = ()


_EXCEEDED = re.compile(
    r"exceeded quota: [^,]+, requested: .*?, used: (?P<used>.*?), limited: (?P<limited>.*)$"
)
_SUFFIXES = {
    "": 1.0,
    **{"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12},
    **{"Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40},
}
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)([a-zA-Z]*)")


def problem_of(status: int, body: str | bytes | None) -> Problem:
    """Return what an answer means.

    :param body: of the answer: a ``Status`` object, or anything

    >>> problem_of(403, '{"message": "exceeded quota: school, requested: pods=1, used: pods=2, limited: pods=2"}')
    Problem(kind=<Kind.FULL: 'kube.full'>, short=(Shortage(resource='pods', used=2.0, limit=2.0),))
    >>> problem_of(503, "upstream").kind
    <Kind.AWAY: 'kube.away'>
    """
    message = _message(body)
    if status == 403:
        return _forbidden(message)
    if status == 404:
        missing = re.search(r'namespaces? "?[^"]*"? not found', message)
        return Problem(Kind.NO_NAMESPACE if missing else Kind.GONE)
    if status == 409:
        return Problem(Kind.CONFLICT)
    if status in {401, 408, 429} or status >= 500 or status == 0:
        return Problem(Kind.AWAY)
    return Problem(Kind.REFUSED)


def quantity(text: str) -> float | None:
    """Return a quantity of Kubernetes as a number; None: it is none.

    >>> quantity("30"), quantity("500m"), quantity("8Gi"), quantity("1.5"), quantity("x")
    (30.0, 0.5, 8589934592.0, 1.5, None)
    """
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match[2] not in _SUFFIXES:
        return None
    return float(match[1]) * _SUFFIXES[match[2]]


def _forbidden(message: str) -> Problem:
    if "status unknown for quota" in message:
        return Problem(Kind.NOT_COUNTED)
    if "must specify" in message:
        return Problem(Kind.UNLIMITED)
    if "exceeded quota" in message:
        return Problem(Kind.FULL, _short(message))
    # "… because it is being terminated", "… namespace x not found" (by an admission plug-in)
    if "being terminated" in message or re.search(r"namespaces? .* not found", message):
        return Problem(Kind.NO_NAMESPACE)
    return Problem(Kind.FORBIDDEN)


def _short(message: str) -> tuple[Shortage, ...]:
    match = _EXCEEDED.search(message)
    if match is None:
        return ()
    used, limited = _pairs(match["used"]), _pairs(match["limited"])
    found = (
        (name, quantity(used.get(name, "")), quantity(limit)) for name, limit in limited.items()
    )
    return tuple(
        Shortage(name, used_, limit)
        for name, used_, limit in found
        if used_ is not None and limit is not None
    )


def _pairs(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in text.split(","))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}


def _message(body: str | bytes | None) -> str:
    text = body.decode("utf-8", "replace") if isinstance(body, bytes) else (body or "")
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return str(found.get("message", "")) if isinstance(found, dict) else text
