"""Whose work is graded next: the schools take turns, by their shares.

Pure. ``reads.jobs`` says who waits, ``verbs.grade`` lends a job of the school that is named here.
In one line for all, a school with a thousand jobs would shut out another's single one.

- While others wait, a school has no more of the busy workers than its share of them.
- Of those who may, it is the turn of whoever has waited longest since her last, a school with
  twice the share twice as fast. So nobody waits for ever, with one worker as with twenty.
"""

import math
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Turn:
    """A school with work in the queue.

    :param since: when its oldest job was queued
    :param served: when a worker last got a job of it, if ever
    """

    school_id: uuid.UUID
    since: datetime
    served: datetime | None = None


def in_turn(
    waiting: Collection[Turn],
    running: Mapping[uuid.UUID, int],
    shares: Mapping[uuid.UUID, float],
    now: datetime,
) -> list[uuid.UUID]:
    """Return the schools that wait, whose turn it is first.

    :param running: how many workers are busy with each school's work
    :param shares: of those that have another than 1
    """
    if not waiting:
        return []
    schools = {one.school_id for one in waiting} | running.keys()
    total = sum(shares.get(one, 1.0) for one in schools)
    workers = sum(running.values()) + 1

    def may(one: Turn) -> bool:
        fair = workers * shares.get(one.school_id, 1.0) / total
        return running.get(one.school_id, 0) < max(1, math.ceil(fair - 1e-9))

    def key(one: Turn) -> tuple[bool, float, datetime, uuid.UUID]:
        waited = (now - max(one.since, one.served or one.since)).total_seconds()
        return (not may(one), -waited * shares.get(one.school_id, 1.0), one.since, one.school_id)

    return [one.school_id for one in sorted(waiting, key=key)]
