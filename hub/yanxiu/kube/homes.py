"""Where a person's home is, and the next step of bringing it to the school she is in now.

Pure: looks at the claims and the volume as they are and says one step; ``spawn.kube_homes``
takes it and looks again. So every step may be the last before a crash, and the next start goes
on from there. The volume itself moves, nothing is copied: it is bound to one claim at a time,
so two servers never write into one home, and the old claim stays until the new one is made.
docs/decisions/homes-on-a-cluster.md
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from .names import LABELS, PERSON_LABEL

#: On a claim: the namespace that the home comes from, while it is on its way.
COMES_FROM = f"{LABELS}home-from"
#: On a volume: its reclaim policy before the move.
RECLAIM_WAS = f"{LABELS}reclaim-was"
RETAIN = "Retain"


@dataclass(frozen=True)
class Claim:
    """A claim of a home, as the cluster has it."""

    namespace: str
    name: str
    bound: bool = False
    volume: str = ""
    leaving: bool = False
    comes_from: str = ""


@dataclass(frozen=True)
class Volume:
    """What a claim is bound to. ``holder``: the namespace of the claim that it is kept for."""

    name: str
    holder: str
    policy: str
    policy_was: str = ""


class Step(StrEnum):
    """What is to be done next."""

    #: The home is here, or there is none yet and the spawner makes one.
    DONE = "done"
    #: The old server must be gone before its home is touched.
    STOP_OLD = "stop_old"
    #: The volume must outlive its old claim.
    KEEP_VOLUME = "keep_volume"
    #: A claim here for that very volume; refused when the school has no room, and nothing is lost.
    CLAIM_HERE = "claim_here"
    #: The old claim goes; the volume stays.
    DROP_OLD = "drop_old"
    #: The volume is kept for the claim here.
    HAND_OVER = "hand_over"
    #: The volume's policy as it was.
    RESTORE = "restore"
    #: The cluster is at it.
    WAIT = "wait"
    #: Homes in several schools, or a volume that is somebody else's: a person has to look.
    ASK = "ask"


def next_step(
    here: Claim | None, others: Sequence[Claim], volume: Volume | None, old_server: bool
) -> Step:
    """Return the next step.

    :param here: the claim in the namespace of her school
    :param others: her claims everywhere else
    :param volume: of the claim that is on its way, or of the one elsewhere; None: there is none
    :param old_server: whether a pod of hers is there where her home is now
    """
    if here is not None and (here.bound or not here.comes_from):
        return Step.RESTORE if here.bound and volume and volume.policy_was else Step.DONE
    if here is not None and volume is None:
        return Step.ASK
    if here is None and not others:
        return Step.DONE
    if len(others) > 1:
        return Step.ASK
    if here is None:
        return _leave(others[0], volume, old_server)
    assert volume is not None
    return _arrive(here, others, volume, old_server)


def _leave(old: Claim, volume: Volume | None, old_server: bool) -> Step:
    if old_server:
        return Step.STOP_OLD
    if not old.bound or volume is None:
        # Never written: it was made, and no server started on it.
        return Step.WAIT if old.leaving else Step.DROP_OLD
    if volume.holder != old.namespace:
        return Step.ASK
    return Step.CLAIM_HERE if volume.policy == RETAIN else Step.KEEP_VOLUME


def _arrive(here: Claim, others: Sequence[Claim], volume: Volume, old_server: bool) -> Step:
    if volume.holder == here.namespace:
        return Step.WAIT
    if volume.holder != here.comes_from:
        return Step.ASK
    if not others:
        return Step.HAND_OVER
    if old_server:
        return Step.STOP_OLD
    if volume.policy != RETAIN:
        return Step.KEEP_VOLUME
    return Step.WAIT if others[0].leaving else Step.DROP_OLD


def claim_here(old: dict[str, Any], namespace: str, name: str, person_id: str) -> dict[str, Any]:
    """Return the claim for the volume of ``old``, an API server's claim as JSON."""
    spec, metadata = old["spec"], old["metadata"]
    kept = ("accessModes", "resources", "storageClassName", "volumeMode", "volumeName")
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": {**metadata.get("labels", {}), PERSON_LABEL: person_id},
            "annotations": {COMES_FROM: metadata["namespace"]},
        },
        "spec": {key: spec[key] for key in kept if key in spec},
    }
