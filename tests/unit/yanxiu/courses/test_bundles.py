"""What a bundle may hold; hostile tars end before anything has a lasting name."""

import io
import json
import tarfile
from pathlib import Path

import pytest
from yanxiu.courses.bundles import check_notebook, read_bundle
from yanxiu.errors import Invalid
from yanxiu.i18n import translator
from yanxiu.settings.model import BundleLimits
from yanxiu.store.blobs import Blobs
from yanxiu_formats.bundle import pack
from yanxiu_formats.units import unit_of

from tests.support.ordering import ANSWERS, ARRANGED, LESSON, entry
from tests.support.units import UNIT

LIMITS = BundleLimits(max_mb=1, max_files=3)
GOOD = b'{"format": 1, "unit": "u1", "answers": {}}'


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info, data in members:
            info.size = len(data) if info.isreg() else info.size
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def read(data: bytes, tmp_path: Path, size: int = 1000):
    chunks = (data[i : i + size] for i in range(0, len(data), size))
    return read_bundle(chunks, unit_of(UNIT), LIMITS, Blobs(tmp_path))


@pytest.mark.parametrize(
    ("info", "code"),
    [
        (member("link", tarfile.SYMTYPE, "/etc/passwd"), "bundle.not_regular"),
        (member("link", tarfile.LNKTYPE, "answers.json"), "bundle.not_regular"),
        (member("pipe", tarfile.FIFOTYPE), "bundle.not_regular"),
        (member("null", tarfile.CHRTYPE), "bundle.not_regular"),
        (member("../up.txt"), "bundle.bad_name"),
        (member("/etc/cron.d/x"), "bundle.bad_name"),
        (member("a/../../b"), "bundle.bad_name"),
        (member("a\\b"), "bundle.bad_name"),
        (member("a\nb"), "bundle.bad_name"),
        (member("a/" * 12 + "b"), "bundle.bad_name"),
        (member("x" * 300), "bundle.bad_name"),
        (member("answers.json"), "bundle.twice"),
    ],
)
def test_a_hostile_member_is_refused(tmp_path, info, code):
    data = tar((member("answers.json"), GOOD), (info, b""))
    with pytest.raises(Invalid) as refused:
        read(data, tmp_path)
    assert refused.value.code == code
    assert list((tmp_path / "staging").iterdir()) == []


def test_without_its_check_a_link_would_lead_out(tmp_path):
    """The attack works on a plain extraction: what the check is for."""
    secret = tmp_path / "secret"
    secret.write_text("hidden tests")
    data = tar((member("answers.json", tarfile.SYMTYPE, str(secret)), b""))
    out = tmp_path / "out"
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        archive.extractall(out, filter="fully_trusted")
    assert (out / "answers.json").read_text() == "hidden tests"


@pytest.mark.parametrize("names", [2, 3, 4])
def test_the_number_of_files_is_bounded(tmp_path, names):
    data = pack({"answers.json": GOOD, **{f"f{n}": b"" for n in range(names - 1)}})
    if names <= 3:
        assert read(data, tmp_path).size == len(GOOD)
        return
    with pytest.raises(Invalid, match=r"bundle\.too_many"):
        read(data, tmp_path)


def test_two_hundred_megabytes_are_refused_after_one(tmp_path):
    sent = 0

    def endless():
        nonlocal sent
        head = tarfile.TarInfo("big.bin")
        head.size = 200_000_000
        yield head.tobuf()
        while sent < head.size:
            sent += 100_000
            yield b"\0" * 100_000

    with pytest.raises(Invalid, match=r"bundle\.too_large"):
        read_bundle(endless(), unit_of(UNIT), LIMITS, Blobs(tmp_path))
    assert sent < 2_000_000


def test_a_lying_header_cannot_make_us_remember_more_than_was_sent(tmp_path):
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, 2**31
    with pytest.raises(Invalid):
        read(head.tobuf(tarfile.USTAR_FORMAT) + b"0" * 5000, tmp_path)


@pytest.mark.parametrize("cut", [1, 511, 600, 1500])
def test_a_cut_upload_is_refused(tmp_path, cut):
    data = pack({"answers.json": GOOD, "more.txt": b"x" * 3000})
    with pytest.raises(Invalid):
        read(data[:cut], tmp_path)


def test_names_are_normalised_and_sorted(tmp_path):
    decomposed = "e\u0301.txt"
    bundle = read(pack({decomposed: b"1", "answers.json": GOOD}), tmp_path)
    with tarfile.open(fileobj=bundle.tar) as archive:
        assert archive.getnames() == ["answers.json", "\u00e9.txt"]


def test_the_digest_depends_on_names_and_content_only(tmp_path):
    one = read(pack({"answers.json": GOOD, "a": b"1"}), tmp_path)
    two = read(pack({"a": b"1", "answers.json": GOOD}), tmp_path, size=7)
    assert one.digest == two.digest


def handing_in(answers, files, tmp_path):
    content = {"format": 1, "unit": "arranged", "answers": answers}
    data = pack({"answers.json": json.dumps(content).encode(), **files})
    return read_bundle(
        iter([data]), unit_of(ARRANGED), BundleLimits(max_mb=2, max_files=9), Blobs(tmp_path)
    )


def test_a_file_that_the_answers_name_is_in_the_bundle(tmp_path):
    bundle = handing_in(ANSWERS, {"files/lesson/教案.docx": LESSON, "mine.csv": b"1"}, tmp_path)
    assert bundle.size > len(LESSON)


@pytest.mark.parametrize(
    ("named", "files", "code"),
    [
        (entry("教案.docx"), {}, "answers.file_missing"),
        (entry("教案.docx"), {"files/lesson/教案.docx": b"changed"}, "answers.file_missing"),
        (entry("教案.docx"), {"files/why/教案.docx": LESSON}, "answers.file_missing"),
        (entry("教案.docx"), {"教案.docx": LESSON}, "answers.file_missing"),
        (entry("run.exe"), {"files/lesson/run.exe": LESSON}, "answers.file_unfit"),
        (entry("0.pdf", b""), {"files/lesson/0.pdf": b""}, "answers.file_unfit"),
    ],
)
def test_answers_name_no_other_file(tmp_path, named, files, code):
    with pytest.raises(Invalid) as refusal:
        handing_in({**ANSWERS, "lesson": [named]}, files, tmp_path)
    assert refusal.value.code == code
    assert "第 3 题" in refusal.value.text()
    assert "教案" not in str(refusal.value.params), "refusals are audited, names are not"


@pytest.mark.parametrize("value", [None, "教案.docx", [1], [{"name": "x"}], {"name": "x"}])
def test_what_is_no_file_answer_is_nobodys_file(tmp_path, value):
    handing_in({"lesson": value}, {}, tmp_path)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"steps": ["a", "a"]}, "第 1 题的答案不能收：任务“steps”的答案格式不对"),
        ({"kinds": {"p": "nowhere"}}, "第 2 题的答案不能收：没有“nowhere”这个选项。"),
        ({"why": 10**400}, "第 4 题的答案不能收：任务“why”的答案格式不对"),
    ],
)
def test_a_value_that_no_task_keeps_is_refused_at_the_door(tmp_path, value, sentence):
    with pytest.raises(Invalid) as refusal:
        handing_in({**ANSWERS, "lesson": [], **value}, {}, tmp_path)
    assert refusal.value.text().startswith(sentence)
    assert "The answer to task" in refusal.value.text(translator("en").gettext)
    assert refusal.value.params.keys() == {"number"}, "what was typed is not audited"


@pytest.mark.parametrize("name", [["a"], {"a": 1}, None, 3])
def test_a_mark_whose_name_is_no_text_marks_nothing(name):
    mark = {"nbgrader": {"grade_id": name}}
    cell = {"cell_type": "code", "metadata": mark, "source": "", "outputs": []}
    book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    check_notebook(json.dumps(book).encode(), unit_of(UNIT), has_answers=True)
    with pytest.raises(Invalid) as refused:
        check_notebook(json.dumps(book).encode(), unit_of(UNIT), has_answers=False)
    assert refused.value.code == "notebook.foreign"
