"""Bring the tree and its limits to the cluster, and take away there what is no more here.

Applies only what differs (server-side, as the owner of those fields), so that a look at a county of
300 schools is four lists; removes only what carries our label. How much differed is the drift that
a monitor watches. What the objects say is ``kueue_objects``'. Called when limits change, and by
housekeeping ever again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lightkube import Client
from sqlalchemy import select
from sqlalchemy.orm import Session

from yanxiu.kube import names
from yanxiu.kube.client import (
    ApiError,
    ClusterQueue,
    Cohort,
    LocalQueue,
    ResourceFlavor,
    Unreachable,
)
from yanxiu.people.model import Organization
from yanxiu.settings.model import Site
from yanxiu.store import facts
from yanxiu.store.engine import Store

from . import counters
from .kueue import KueueSilent
from .kueue_objects import FACT, OWNED, Node, local_queue, objects
from .rules import Resource
from .tree import sure_of

_KINDS: Mapping[str, Any] = {
    "ResourceFlavor": ResourceFlavor,
    "Cohort": Cohort,
    "ClusterQueue": ClusterQueue,
    "LocalQueue": LocalQueue,
}
_Key = tuple[str, str, str]


@dataclass(frozen=True)
class Brought:
    """How many objects were not as they should be."""

    applied: int
    removed: int


def reconcile(
    store: Store, site: Site, client: Client, capacity: Mapping[Resource, float]
) -> Brought:
    """Bring all of it to the cluster; doing it again changes nothing.

    :raises KueueSilent: the cluster did not answer; what was done stays, the rest is for next time
    """
    with store.read() as session:
        nodes = tree(session, site)
    wanted = objects(nodes, capacity)
    try:
        found = _found(client)
        there = {one for one in _namespaces(client) if names.school_of(one)}
        schools = [one.code for one in nodes if one.kind == "school"]
        wanted += [local_queue(code) for code in schools if names.school_namespace(code) in there]
        brought = _bring(client, wanted, found)
    except (ApiError, Unreachable) as error:
        raise KueueSilent(type(error).__name__) from None
    store.bookkeep(
        lambda session, now: facts.put(
            session,
            FACT,
            {"drift": brought.applied + brought.removed, "at": now.isoformat()},
        )
    )
    return brought


def tree(session: Session, site: Site) -> list[Node]:
    """Return every organization with what is set for it."""
    limits = counters.all_limits(session)
    sure = sure_of(site, counters.organizations(session), limits)
    rows = session.execute(
        select(Organization.id, Organization.kind, Organization.code, Organization.path).where(
            Organization.active
        )
    )
    return [
        Node(kind, code, path, limits.get(org_id, {}), sure.get(org_id, {}))
        for org_id, kind, code, path in rows
    ]


def _bring(
    client: Client, wanted: list[dict[str, Any]], found: dict[_Key, dict[str, Any]]
) -> Brought:
    applied = removed = 0
    for one in wanted:
        key = _key(one)
        if not (key in found and covers(found[key], one)):
            client.apply(_KINDS[one["kind"]](**one), force=True)
            applied += 1
        found.pop(key, None)
    # Queues before the Cohorts that they hang in.
    for kind, namespace, name in sorted(found, key=lambda key: list(_KINDS).index(key[0]))[::-1]:
        try:
            if namespace:
                client.delete(_KINDS[kind], name, namespace=namespace)
            else:
                client.delete(_KINDS[kind], name)
        except ApiError as error:
            if error.status.code != 404:
                raise
        removed += 1
    return Brought(applied, removed)


def _found(client: Client) -> dict[_Key, dict[str, Any]]:
    """Return what is ours in the cluster."""
    found: dict[_Key, dict[str, Any]] = {}
    for kind, resource in _KINDS.items():
        everywhere: dict[str, Any] = {"namespace": "*"} if kind == "LocalQueue" else {}
        for one in client.list(resource, labels=dict(OWNED), **everywhere):
            if "deletionTimestamp" not in one["metadata"]:
                found[_key({**one, "kind": kind})] = dict(one)
    return found


def _namespaces(client: Client) -> list[str]:
    from lightkube.resources.core_v1 import Namespace

    return [
        str(one.metadata.name)
        for one in client.list(Namespace)
        if one.metadata and one.metadata.deletionTimestamp is None
    ]


def _key(one: Mapping[str, Any]) -> _Key:
    about = one["metadata"]
    return one["kind"], about.get("namespace", ""), about["name"]


def covers(found: Any, wanted: Any) -> bool:
    """Say whether what is there has all that is wanted; Kueue adds fields of its own.

    >>> covers({"spec": {"a": 1, "b": 2}, "status": {}}, {"spec": {"a": 1}})
    True
    >>> covers({"spec": [{"a": 1}]}, {"spec": [{"a": 1}, {"a": 2}]})
    False
    """
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            key in found and covers(found[key], value)
            for key, value in wanted.items()
            if key not in ("kind", "apiVersion")
        )
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(covers(*pair) for pair in zip(found, wanted, strict=True))
        )
    return bool(found == wanted)
