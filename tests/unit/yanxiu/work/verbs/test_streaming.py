"""Large files on their way in and out: no part of the way holds them in memory."""

import hashlib
import io
import json
import tracemalloc

import httpx
import pytest
from yanxiu.courses import bundles
from yanxiu.courses.reads import courses
from yanxiu.grading import result
from yanxiu.grading.client import Lease as WorkerLease
from yanxiu.grading.client import Records
from yanxiu.sandbox import boxes
from yanxiu.store.blobs import chunks_of
from yanxiu.work.reads import attempts
from yanxiu.work.reads.answers import handed_in_answers
from yanxiu.work.verbs import draft_files, grade
from yanxiu.work.verbs.save_draft import save_draft
from yanxiu.work.verbs.submit import submit, submit_form
from yanxiu.work.verbs.submit_uploads import submit_uploads
from yanxiu_formats.bundle import write

from tests.support.county import County, make_county
from tests.support.memory import Large, peak
from tests.support.ordering import ANSWERS, ARRANGED
from tests.support.units import notebook

#: Of one file; two of them are all that a bundle may hold.
SIZE = 9_500_000
MOST = 5_000_000


DIGESTS = {letter: hashlib.sha256(letter * SIZE).hexdigest() for letter in (b"x", b"y")}
ENTRIES = [
    {"name": f"教案{letter.decode()}.docx", "size": SIZE, "sha256": digest}
    for letter, digest in DIGESTS.items()
]
GIVEN = {**ANSWERS, "lesson": ENTRIES}


@pytest.fixture
def county(store) -> County:
    unit = json.loads(json.dumps(ARRANGED))
    (lesson,) = [task for task in unit["tasks"] if task["type"] == "file"]
    lesson["max_mb"] = 10
    made = make_county(store, unit)
    limits = made.site.bundle.model_copy(update={"max_mb": 20})
    made.site = made.site.model_copy(update={"bundle": limits})
    return made


def test_a_form_takes_a_large_file_from_draft_to_bundle_and_back_in_pieces(county):
    where = county.store, county.actor("alice"), county.assignment
    received = {digest: Large(letter, SIZE) for letter, digest in DIGESTS.items()}
    _, most = peak(lambda: save_draft(*where, GIVEN, received))
    assert most < MOST
    place = county.store, county.site, county.actor("alice"), county.assignment
    receipt, most = peak(lambda: submit_form(*place, GIVEN))
    assert most < MOST
    # Its answers are read without it; and the next draft takes the file over from there.
    with county.store.read() as session:
        attempt = attempts.attempt(session, receipt.submission_id)
        assignment = courses.assignment(session, county.assignment)
        unit = courses.unit_of(session, assignment).definition
    found, most = peak(lambda: handed_in_answers(county.store.blobs, attempt, unit))
    assert found["lesson"] == ENTRIES
    assert most < MOST
    _, most = peak(lambda: save_draft(*where, GIVEN))
    assert most < MOST
    kept = draft_files.folder(county.store, county.people["alice"], county.assignment)
    assert kept.digests() == set(DIGESTS.values())


def test_a_large_bundle_goes_in_and_to_the_grader_in_pieces(county):
    book = json.dumps(notebook()).encode()
    declared = json.dumps({"format": 1, "unit": "arranged", "answers": GIVEN}).encode()
    large = [(f"files/lesson/{one['name']}", SIZE) for one in ENTRIES]
    where = county.store, county.site, county.actor("alice"), county.assignment
    with county.store.blobs.unnamed() as tar:
        write(
            tar,
            [
                ("answers.json", len(declared), io.BytesIO(declared)),
                ("arranged.ipynb", len(book), io.BytesIO(book)),
                *((*one, Large(letter, SIZE)) for one, letter in zip(large, DIGESTS, strict=True)),
            ],
        )
        tar.seek(0)
        _, most = peak(lambda: submit(*where, chunks_of(tar), via="jupyter"))
    assert most < MOST
    lease = grade.lease(county.store, county.site, "w")
    assert lease is not None
    opened, most = peak(lambda: grade.open_input(county.store, lease.job_id, lease.lease, "bundle"))
    assert most < MOST

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=chunks_of(opened))

    http = httpx.Client(base_url="http://records/", transport=httpx.MockTransport(answer))
    job = WorkerLease("j", "s", lease.unit, True, {}, 60)
    files, most = peak(lambda: result.fetch_files(Records(http), job, "bundle"))
    assert most < MOST
    folder = county.store.blobs.staging / "inbox"
    with opened, files:
        _, most = peak(lambda: boxes.write(files, folder))
        # One file at a time.
        assert SIZE < most < SIZE + MOST
    assert [(name, (folder / name).stat().st_size) for name, _ in large] == large


def test_a_large_notebook_is_in_memory_only_while_it_is_judged(county, monkeypatch):
    book = notebook()
    book["cells"][0]["source"] += '\nworksheet.answer("why", "")'
    book["cells"][0]["metadata"]["nbgrader"] = {"grade_id": "why"}
    book["metadata"]["filling"] = "x" * SIZE
    where = county.store, county.site, county.actor("alice"), county.assignment
    at_work = []
    judge = bundles.check_notebook

    def judged(*asked, **how):
        at_work.append(bundles._one_large.locked())
        tracemalloc.reset_peak()
        judge(*asked, **how)
        found.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.reset_peak()

    found: list[int] = []
    before: list[int] = []
    read = bundles.read_bundle

    def noting(*asked):
        before.append(tracemalloc.get_traced_memory()[1])
        return read(*asked)

    monkeypatch.setattr(bundles, "check_notebook", judged)
    monkeypatch.setattr(bundles, "read_bundle", noting)
    with county.store.blobs.unnamed() as sent:
        sent.write(json.dumps(book).encode())
        _, after = peak(lambda: submit_uploads(*where, [("x.ipynb", sent)]))
    assert before[0] < MOST
    assert after < SIZE + MOST
    # Judged one after another, so this is all that large ones take, however many come.
    assert found[0] < 4 * SIZE
    assert at_work == [True]
