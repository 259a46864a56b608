"""The quota engine over a real Kueue: the properties of every engine, and what only a cluster does."""

import os
import threading

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Namespace
from lightkube.types import PatchType
from sqlalchemy import select
from yanxiu.kube import names
from yanxiu.kube.client import ApiError, ClusterQueue, Cohort, LocalQueue, Workload, connect
from yanxiu.people.model import Organization
from yanxiu.quota.engine import Admitted, Ask, Denied, Held, Running, Waiting
from yanxiu.quota.kueue import KueueSilent, Reservations
from yanxiu.quota.kueue_engine import KueueEngine
from yanxiu.quota.kueue_objects import OWNED, workload_name
from yanxiu.quota.kueue_reconcile import reconcile
from yanxiu.quota.rules import Code, Limit

from tests.k8s.testbed import until
from tests.support.writing import writing
from tests.unit.yanxiu.quota.engine_properties import CPUS, MB, EngineWalk
from tests.unit.yanxiu.quota.test_engine_properties import RecordsWorld

#: Schools of this file alone: other files make and remove the namespaces of the cast's.
CODES = {f"213300000{number}": f"213307700{number}" for number in (1, 2, 3)}
NAMESPACES = [names.school_namespace(code) for code in CODES.values()]


@pytest.fixture(scope="module")
def client(cluster):
    """A client of the cluster in which there are the schools' namespaces."""
    before = os.environ.get("KUBECONFIG")
    os.environ["KUBECONFIG"] = str(cluster.kubeconfig)
    made = connect("yanxiu-quota", 20)
    for name in NAMESPACES:
        try:
            made.create(Namespace(metadata=ObjectMeta(name=name)))
        except ApiError as error:
            assert error.status.code == 409
    yield made
    clear(made)
    for kind in (LocalQueue, ClusterQueue, Cohort):
        everywhere = {"namespace": "*"} if kind is LocalQueue else {}
        for one in made.list(kind, labels=dict(OWNED), **everywhere):
            about = one["metadata"]
            inside = {"namespace": about["namespace"]} if kind is LocalQueue else {}
            made.delete(kind, about["name"], **inside)
    if before is None:
        del os.environ["KUBECONFIG"]


def clear(client):
    """Remove every reservation, and wait until Kueue has heard of it."""
    for name in NAMESPACES:
        client.deletecollection(Workload, namespace=name)

    def left():
        return any(any(client.list(Workload, namespace=name)) for name in NAMESPACES)

    until(60, "no reservation is left", lambda: not left())


class KueueWorld(RecordsWorld):
    """The same county, and what Kueue knows of it."""

    def __init__(self, county, client):
        self.client = client
        super().__init__(county)
        with writing(county.store) as session:
            for one in session.scalars(select(Organization).where(Organization.kind == "school")):
                one.path = one.path.replace(one.code, CODES.get(one.code, one.code))
                one.code = CODES.get(one.code, one.code)

    def fresh(self):
        clear(self.client)
        super().fresh()
        self.bring()

    def restart(self):
        self.engine = KueueEngine(
            self.county.store,
            self.county.site,
            lambda: self.capacity,
            Reservations(self.client, 20),
            self.bring,
        )

    def bring(self):
        return reconcile(self.county.store, self.county.site, self.client, self.capacity.ceilings())

    def set_capacity(self, servers, memory_mb):
        super().set_capacity(servers, memory_mb)
        self.bring()

    def ask(self, who, server="", **more):
        return Ask(self.ids[who], server, MB, CPUS, **more)

    def reservations(self):
        return {(one.person_id, one.admitted) for one in Reservations(self.client).every()}


@pytest.fixture
def world(lite, client):
    made = KueueWorld(lite, client)
    made.fresh()
    return made


def test_the_properties_of_every_engine(lite, client):
    world = KueueWorld(lite, client)

    class Walk(EngineWalk):
        make = staticmethod(lambda: world)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=4,
            stateful_step_count=25,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_a_start_is_admitted_there_too_and_a_stop_gives_it_back(world):
    assert isinstance(world.engine.reserve(world.ask("alice")), Admitted)
    assert world.reservations() == {(world.ids["alice"], True)}
    assert isinstance(world.engine.reserve(world.ask("alice")), Admitted), "asked again, the same"
    world.engine.release(world.ids["alice"], "")
    until(30, "given back", lambda: not world.reservations())


def test_who_has_no_place_stands_in_line_and_is_served_when_one_falls_free(world):
    world.set_capacity(2, None)
    for who in ("alice", "charlie"):
        assert isinstance(world.engine.reserve(world.ask(who)), Admitted)
    waits = world.engine.reserve(world.ask("bob"))
    assert isinstance(waits, Waiting) and (waits.place, waits.reason.code) == (1, Code.CAPACITY)
    assert len(world.reservations()) == 2, "what waits here asks nothing of the cluster"
    world.engine.release(world.ids["charlie"], "")
    assert isinstance(world.engine.where(world.ids["bob"]), Held)
    assert (world.ids["bob"], True) in world.reservations(), "held there as well"
    assert isinstance(world.engine.reserve(world.ask("bob")), Admitted)


def test_a_guarantee_is_kept_there_for_a_school_that_does_not_use_it(world):
    world.set_limit("school2", Limit(guarantee=2))
    world.set_capacity(3, None)
    queue = world.client.get(ClusterQueue, names.node("school", CODES["2133000002"]))
    (pods, *_) = queue["spec"]["resourceGroups"][0]["flavors"][0]["resources"]
    assert (pods["name"], pods["nominalQuota"], pods["lendingLimit"]) == ("pods", "2", "0")
    assert queue["spec"]["preemption"]["reclaimWithinCohort"] == "Never"
    assert isinstance(world.engine.reserve(world.ask("alice")), Admitted)
    assert world.engine.reserve(world.ask("bob")).reason.code is Code.GUARANTEED
    for who in ("charlie", "erin"):
        assert isinstance(world.engine.reserve(world.ask(who)), Admitted)


@pytest.fixture
def stranger(world):
    """Something else of the cluster that has taken the only place: no row of ours knows it."""
    world.set_capacity(1, None)
    taken = {
        "metadata": {"name": "stranger", "namespace": NAMESPACES[1]},
        "spec": {
            "queueName": names.SCHOOL_QUEUE,
            "podSets": [
                {
                    "name": "main",
                    "count": 1,
                    "template": {
                        "spec": {
                            "restartPolicy": "Never",
                            "containers": [{"name": "c", "image": "x"}],
                        }
                    },
                }
            ],
        },
    }
    world.client.create(Workload(**taken))

    def admitted():
        found = world.client.get(Workload, "stranger", namespace=NAMESPACES[1])
        said = found.get("status", {}).get("conditions", [])
        return any(one["type"] == "Admitted" and one["status"] == "True" for one in said)

    until(30, "the stranger is admitted", admitted)


def test_what_only_kueue_knows_refuses_with_a_sentence_and_a_place_in_line(world, stranger):
    waits = world.engine.reserve(world.ask("alice"))
    assert isinstance(waits, Waiting) and waits.place == 1
    assert waits.reason.code is Code.CLUSTER
    assert world.taken() == [], "no place is kept for a start that Kueue refused"
    assert isinstance(world.engine.reserve(world.ask("bob", wait=False)), Denied)
    still = world.engine.where(world.ids["alice"])
    assert isinstance(still, Waiting) and still.reason.code is Code.CLUSTER
    world.client.delete(Workload, "stranger", namespace=NAMESPACES[1])
    until(30, "it is her turn", lambda: isinstance(world.engine.where(world.ids["alice"]), Held))
    assert isinstance(world.engine.reserve(world.ask("alice")), Admitted)


def test_twenty_who_press_start_at_once_get_what_there_is_and_no_more(world):
    world.set_capacity(4, None)
    answers = {}

    def start(who, server):
        answers[who, server] = world.engine.reserve(world.ask(who, server, wait=False))

    crowd = [
        threading.Thread(target=start, args=(who, f"s{number}"))
        for who in world.ids
        for number in range(3)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(120)
    assert len(answers) == len(crowd)
    assert sum(isinstance(one, Admitted) for one in answers.values()) == 4
    assert len(world.taken()) == 4 == len(list(Reservations(world.client).every()))


def test_a_recount_makes_both_books_agree(world):
    assert isinstance(world.engine.reserve(world.ask("alice")), Admitted)
    world.engine.confirm(world.ids["alice"], "")
    assert isinstance(world.engine.reserve(world.ask("bob")), Admitted)
    # Somebody deletes a running server's reservation; a hub forgets bob's start.
    name = workload_name(world.ids["alice"], "")
    world.client.delete(Workload, name, namespace=NAMESPACES[0])
    until(30, "it is gone", lambda: len(world.reservations()) == 1)
    (life,) = [one for one in world.taken() if one.state == "running"]
    assert life.who == "alice"
    began = [Running(world.ids["alice"], "", world.now, MB, CPUS)]
    drift = world.engine.recount(began, starting=[])
    assert (drift.adopted, drift.dropped) == (1, 2), "hers made anew; his place and reservation"
    until(30, "agreed", lambda: world.reservations() == {(world.ids["alice"], True)})
    assert world.engine.recount(began, starting=[]).total == 0


@pytest.fixture
def silenced(cluster, world):
    """Kueue is down; the API server takes reservations, and nobody says anything of them."""
    deploy = ("-n", "kueue-system", "scale", "deploy/kueue-controller-manager")
    cluster.kubectl(*deploy, "--replicas=0")
    gone = ("-n", "kueue-system", "pods", "-l", "control-plane=controller-manager")
    until(60, "Kueue is down", lambda: not cluster.names(*gone))
    yield
    cluster.kubectl(*deploy, "--replicas=1")
    cluster.kubectl(
        "-n",
        "kueue-system",
        "rollout",
        "status",
        "deploy/kueue-controller-manager",
        "--timeout=110s",
    )


@pytest.mark.parametrize("said", ["allow", "refuse"])
def test_while_kueue_is_silent_the_setting_decides_and_stops_go_on(world, silenced, said):
    quota = world.county.site.quota.model_copy(update={"on_silence": said})
    site = world.county.site.model_copy(update={"quota": quota})
    engine = KueueEngine(
        world.county.store, site, lambda: world.capacity, Reservations(world.client, 1.8)
    )
    with pytest.raises(KueueSilent):
        engine.reserve(world.ask("alice"))
    assert len(world.taken()) == (said == "allow"), "counted where it may start, else given back"
    engine.release(world.ids["alice"], "")
    assert world.taken() == [], "a stop waits for nobody"


def test_the_tree_comes_to_the_cluster_once_and_goes_with_what_is_gone(world):
    assert (world.bring().applied, world.bring().removed) == (0, 0)
    # Somebody edits a queue by hand, and a school closes.
    patch = {"spec": {"queueingStrategy": "StrictFIFO"}}
    world.client.patch(
        ClusterQueue, names.node("school", CODES["2133000001"]), patch, patch_type=PatchType.MERGE
    )
    with writing(world.county.store) as session:
        session.get_one(Organization, world.county.schools["school3"]).active = False
    assert vars(world.bring()) == {"applied": 1, "removed": 2}
    assert vars(world.bring()) == {"applied": 0, "removed": 0}
    found = world.client.get(ClusterQueue, names.node("school", CODES["2133000001"]))
    assert found["spec"]["queueingStrategy"] == "BestEffortFIFO"
