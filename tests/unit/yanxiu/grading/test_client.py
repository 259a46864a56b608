"""What records' answers mean for the job, and how long a worker is patient."""

from datetime import timedelta

import httpx
import pytest
from yanxiu.clock import FrozenClock, utcnow
from yanxiu.grading.client import Lease, LeaseLost, Records, RecordsAway, RecordsRefused
from yanxiu_formats.units import unit_of

from tests.support.units import UNIT

LEASE = Lease(
    job="j1", lease="s3cret", unit=unit_of(UNIT), has_notebook=False, limits={}, seconds=60
)


class Answers:
    """A records service that gives these answers in turn; the last one for ever."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(answer)


@pytest.fixture
def patient():
    """Return a maker of clients whose waiting is noted and takes no time."""

    class Patient(Records):
        def __init__(self, answers, **options):
            self.waited = []
            self.now = 0.0
            transport = httpx.MockTransport(answers)
            http = httpx.Client(base_url="http://records/internal/v1/", transport=transport)
            super().__init__(http, wait=self.wait_and_note, monotonic=lambda: self.now, **options)

        def wait_and_note(self, seconds):
            self.waited.append(seconds)
            self.now += seconds

    return Patient


DOWN = httpx.ConnectError("refused")


@pytest.mark.parametrize("trouble", [DOWN, 500, 502, 503, 429, httpx.ReadTimeout("slow")])
def test_a_call_that_the_job_depends_on_is_tried_again(patient, trouble):
    records = patient(Answers(trouble, trouble, httpx.Response(200, content=b"tar")))
    with records.fetch(LEASE, "bundle") as tar:
        assert tar.read() == b"tar"
    assert records.waited == [0.25, 0.5]


def test_patience_ends(patient):
    records = patient(Answers(DOWN), patience_s=10)
    with pytest.raises(RecordsAway):
        records.fetch(LEASE, "bundle")
    assert 5 < sum(records.waited) <= 10


def test_a_worker_that_is_ending_has_no_patience():
    http = httpx.Client(base_url="http://records/", transport=httpx.MockTransport(Answers(DOWN)))
    with pytest.raises(RecordsAway):
        Records(http, wait=lambda _: True).fetch(LEASE, "bundle")


@pytest.mark.parametrize("status", [404, 409, 410])
def test_a_lost_lease_is_lost_at_once(patient, status):
    answers = Answers(status)
    with pytest.raises(LeaseLost):
        patient(answers).report(LEASE, {"scores": []}, None)
    assert len(answers.requests) == 1


@pytest.mark.parametrize("status", [301, 400, 401, 403, 413, 422])
def test_a_refusal_is_not_asked_again(patient, status):
    answers = Answers(status)
    with pytest.raises(RecordsRefused) as refusal:
        patient(answers).report(LEASE, {"scores": []}, None)
    assert refusal.value.status == status
    assert len(answers.requests) == 1


@pytest.mark.parametrize("call", ["lease", "heartbeat", "failed"])
def test_calls_that_come_again_anyway_are_asked_once(patient, call):
    answers = Answers(DOWN)
    records = patient(answers)
    with pytest.raises(RecordsAway):
        {
            "lease": lambda: records.lease("w", None),
            "heartbeat": lambda: records.heartbeat(LEASE),
            "failed": lambda: records.failed(LEASE, "x", retry=True),
        }[call]()
    assert len(answers.requests) == 1


@pytest.mark.parametrize("left, seconds", [(60, 60), (-30, 5), (99999, 3600)])
def test_a_lease_lasts_as_long_as_records_says_within_reason(patient, left, seconds):
    clock = FrozenClock(utcnow())
    until = (clock() + timedelta(seconds=left)).isoformat()
    body = {"job": "j", "lease": "s", "lease_until": until, "unit": UNIT, "has_notebook": True}
    records = patient(Answers(httpx.Response(200, json=body)), clock=clock)
    assert records.lease("w", None).seconds == seconds


def test_an_empty_queue_is_none(patient):
    assert patient(Answers(204)).lease("w", None) is None


def test_a_lease_never_prints_its_secret():
    assert "s3cret" not in repr(LEASE)
