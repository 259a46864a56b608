"""A home that moves: every state has one step, and whoever crashes anywhere goes on from there."""

from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yanxiu.kube.homes import COMES_FROM, Claim, Step, Volume, claim_here, next_step

OLD, NEW = "school-2133000001", "school-2133000002"
HOME = "home-uabcdefghij234567"
OF_OLD = Claim(OLD, HOME, bound=True, volume="v")
COMING = Claim(NEW, HOME, volume="v", comes_from=OLD)
KEPT_NOT_YET = Volume("v", OLD, "Delete")
KEPT = Volume("v", OLD, "Retain", policy_was="Delete")


@pytest.mark.parametrize(
    ("here", "others", "volume", "old_server", "step"),
    [
        (None, [], None, False, Step.DONE),  # a newcomer
        (replace(OF_OLD, namespace=NEW), [], Volume("v", NEW, "Delete"), False, Step.DONE),
        (Claim(NEW, HOME), [], None, False, Step.DONE),  # made, and no server started yet
        (None, [OF_OLD], Volume("v", OLD, "Delete"), True, Step.STOP_OLD),
        (None, [OF_OLD], Volume("v", OLD, "Delete"), False, Step.KEEP_VOLUME),
        (None, [OF_OLD], KEPT, False, Step.CLAIM_HERE),
        (COMING, [OF_OLD], KEPT, False, Step.DROP_OLD),
        (COMING, [OF_OLD], KEPT, True, Step.STOP_OLD),
        (COMING, [OF_OLD], replace(KEPT, policy="Delete"), False, Step.KEEP_VOLUME),
        (COMING, [replace(OF_OLD, leaving=True)], KEPT, False, Step.WAIT),
        (COMING, [], KEPT, False, Step.HAND_OVER),
        (COMING, [], replace(KEPT, holder=NEW), False, Step.WAIT),
        (replace(COMING, bound=True), [], replace(KEPT, holder=NEW), False, Step.RESTORE),
        (replace(COMING, bound=True), [], Volume("v", NEW, "Delete"), False, Step.DONE),
        (None, [replace(OF_OLD, bound=False)], None, False, Step.DROP_OLD),  # never written
        # Nothing that could be somebody else's is touched.
        (None, [OF_OLD], replace(KEPT, holder="postgres"), False, Step.ASK),
        (COMING, [], replace(KEPT, holder="postgres"), False, Step.ASK),
        (COMING, [], None, False, Step.ASK),
        (None, [OF_OLD, replace(OF_OLD, namespace="school-2133000003")], KEPT, False, Step.ASK),
    ],
)  # fmt: skip
def test_the_next_step(here, others, volume, old_server, step):
    assert next_step(here, others, volume, old_server) is step


@dataclass
class World:
    """A cluster in small: what the steps do to claims and to the volume."""

    here: Claim | None = None
    old: Claim | None = OF_OLD
    volume: Volume = KEPT_NOT_YET
    old_server: bool = True

    def step(self) -> Step:
        others = [self.old] if self.old else []
        return next_step(self.here, others, self.volume, self.old_server)

    def writers(self) -> int:
        """How many servers could write into the volume now."""
        bound = {one.namespace for one in (self.here, self.old) if one and one.bound}
        return len(bound & {self.volume.holder})

    def take(self, step: Step) -> None:
        if step is Step.STOP_OLD:
            self.old_server = False
        elif step is Step.KEEP_VOLUME:
            self.volume = replace(self.volume, policy="Retain", policy_was=self.volume.policy)
        elif step is Step.CLAIM_HERE:
            self.here = COMING
        elif step is Step.DROP_OLD:
            assert self.volume.policy == "Retain", "the files would be gone"
            assert not self.old_server
            self.old = replace(self.old, leaving=True)
        elif step is Step.HAND_OVER:
            assert self.old is None
            self.volume = replace(self.volume, holder=NEW)
        elif step is Step.RESTORE:
            self.volume = replace(self.volume, policy=self.volume.policy_was, policy_was="")
        elif step is Step.WAIT:  # the cluster's own work
            if self.old is not None:
                self.old = None
            else:
                self.here = replace(self.here, bound=True)


@given(st.lists(st.booleans(), max_size=60))
def test_a_move_arrives_however_often_it_crashes(happens):
    world, luck = World(), iter(happens)
    for _ in range(200):
        step = world.step()
        assert world.writers() <= 1
        if step is Step.DONE:
            break
        if next(luck, True):  # else: it crashed before it did anything, and looks again
            world.take(step)
    assert world.here.bound
    assert world.old is None
    assert world.volume == Volume("v", NEW, "Delete")


def test_the_claim_here_asks_for_the_very_volume():
    old = {
        "metadata": {"namespace": OLD, "labels": {"a": "b"}, "uid": "1", "finalizers": ["x"]},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "fast",
            "volumeName": "v",
            "dataSource": None,
        },
    }
    made = claim_here(old, NEW, HOME, "uabcdefghij234567")
    assert made["metadata"]["annotations"] == {COMES_FROM: OLD}
    assert set(made["metadata"]) == {"name", "namespace", "labels", "annotations"}
    assert set(made["spec"]) == {"accessModes", "resources", "storageClassName", "volumeName"}
