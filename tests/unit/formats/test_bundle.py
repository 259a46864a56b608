"""What may come out of a tar, and that the rest leaves nothing behind."""

import io
import tarfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yanxiu_formats import bundle
from yanxiu_formats.bundle import (
    BadBundle,
    Limits,
    below,
    copy_file,
    digest_of,
    pack,
    read_file,
    unpack,
)


def tar_of(*entries):
    """A tar of ``(name, kind, content)``, whatever they are."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, kind, content in entries:
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.size = kind, "/etc/passwd", len(content)
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def regular(*names):
    return tar_of(*((name, tarfile.REGTYPE, b"x") for name in names))


def test_files_come_back_sorted_and_as_they_were_packed():
    files = {"u1/数据/b.txt": b"2", "u1/a.txt": b"1"}
    assert unpack(pack(files)) == files
    assert list(unpack(pack(files))) == sorted(files)
    assert pack(dict(reversed(files.items()))) == pack(files)
    assert unpack(pack(files), strip_top=True) == {"a.txt": b"1", "数据/b.txt": b"2"}
    out = io.BytesIO()
    below([pack({"a": b"1"})], "u1", out)
    assert unpack(out.getvalue()) == {"u1/a": b"1"}


@pytest.mark.parametrize("size", [1, 7, 511, 10_240, 1_000_000])
def test_a_tar_may_come_in_pieces_of_any_length(size):
    archive = pack({"a": b"x" * 3000, "b": b"y" * 5})
    pieces = [archive[start : start + size] for start in range(0, len(archive), size)]
    found = [(one.name, one.content.read()) for one in bundle.members(pieces)]
    assert found == [("a", b"x" * 3000), ("b", b"y" * 5)]


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a", "a/../b", "a//b", ".", "a\\b", "a\nb", "x" * 400, "字" * 120]
)
def test_a_name_that_is_not_a_plain_relative_path_is_refused(name):
    with pytest.raises(BadBundle, match=r"bundle\.bad_name"):
        unpack(regular(name))


def test_a_name_is_kept_in_one_form():
    assert list(unpack(regular("./cafe\u0301.csv"))) == ["caf\u00e9.csv"]


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.FIFOTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.CONTTYPE,
        tarfile.GNUTYPE_SPARSE,
    ],
)
def test_only_regular_files_are_taken(kind):
    with pytest.raises(BadBundle):
        unpack(tar_of(("answers.json", kind, b"")))


def test_a_sparse_file_that_claims_a_terabyte_would_pass_tarfile_itself():
    member = tarfile.TarInfo("big")
    member.type = tarfile.GNUTYPE_SPARSE
    assert member.isreg()


def test_folders_are_implied_by_names():
    archive = tar_of(("a", tarfile.DIRTYPE, b""), ("a/b", tarfile.REGTYPE, b"1"))
    assert unpack(archive) == {"a/b": b"1"}


@pytest.mark.parametrize(
    "names", [("a", "a"), ("a", "./a"), ("a", "a/b"), ("a/b", "a"), ("a/b/c", "a")], ids="-".join
)
def test_two_names_cannot_share_a_place(names):
    with pytest.raises(BadBundle, match=r"bundle\.twice"):
        unpack(regular(*names))


@pytest.mark.parametrize(
    "count, size, code",
    [(3, 10, None), (4, 1, "bundle.too_many"), (3, 11, "bundle.too_large")],
)
def test_number_and_size_have_an_edge(count, size, code):
    archive = pack({f"f{number}": b"x" * size for number in range(count)})
    limits = Limits(files=3, total_bytes=30)
    if code is None:
        assert len(unpack(archive, limits)) == count
    else:
        with pytest.raises(BadBundle, match=code):
            unpack(archive, limits)


def test_what_never_ends_is_refused_at_the_limit():
    limits, sent = Limits(files=1, total_bytes=1000), []

    def endless():
        while True:
            sent.append(1)
            yield b"\0" * 1000

    with pytest.raises(BadBundle, match=r"bundle\.too_large"):
        list(bundle.members(endless(), limits))
    assert len(sent) <= limits.tar_bytes // 1000 + 2


def test_what_is_no_whole_tar_is_refused():
    whole = pack({"a.txt": b"x" * 5000, "b": b""})
    broken = [b"PK\x03\x04 a zip", b"\x1f\x8b\x08 a gzip", b"<html>", b"x" * 2000, b""]
    for archive in (*broken, whole[:900], whole[:2000], whole[:6144]):
        with pytest.raises(BadBundle, match=r"bundle\.broken"):
            unpack(archive)


def test_headers_that_lead_to_headers_without_end_are_refused():
    long_name = tarfile.TarInfo("././@LongLink")
    long_name.type, long_name.size = tarfile.GNUTYPE_LONGNAME, 2
    one = long_name.tobuf(tarfile.GNU_FORMAT) + b"x\0".ljust(512, b"\0")
    with pytest.raises(BadBundle, match=r"bundle\.broken"):
        unpack(one * 3000)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_damaged_bytes_are_files_or_a_refusal(data):
    archive = bytearray(pack({"a/b.txt": b"x" * 600, "图.png": b"y"}))
    for _ in range(data.draw(st.integers(1, 6))):
        archive[data.draw(st.integers(0, len(archive) - 1))] = data.draw(st.integers(0, 255))
    try:
        files = unpack(bytes(archive))
    except BadBundle:
        return
    assert all(".." not in name.split("/") and not name.startswith("/") for name in files)


@pytest.mark.parametrize("files", [{"a.txt": b"1"}, {"u1/a": b"1", "u2/b": b"2"}, {}])
def test_a_release_has_one_folder(files):
    with pytest.raises(BadBundle):
        unpack(pack(files), strip_top=True)


def test_the_clients_timestamp_is_not_part_of_the_digest():
    assert digest_of({"a": "1", "timestamp.txt": "2"}) == digest_of({"a": "1"})
    assert digest_of({"a": "1"}) != digest_of({"b": "1"})


def test_one_file_is_copied_by_name_and_content():
    archive = pack({"files/plan/a.pdf": b"%PDF", "b": b"2"})
    digest = bundle.digests_of({"x": b"%PDF"})["x"]
    out = io.BytesIO()
    assert copy_file([archive], "files/plan/a.pdf", digest, out)
    assert out.getvalue() == b"%PDF"
    assert not copy_file([archive], "files/plan/a.pdf", "0" * 64, io.BytesIO())
    assert not copy_file([archive], "files/plan/b.pdf", digest, io.BytesIO())
    assert read_file([archive], "b") == b"2"
    assert read_file([archive], "c") is None


def test_files_are_read_when_they_are_asked_for_and_packed_in_order():
    contents = {"b": b"2" * 100_000, "a": b"1", "c": b""}
    with bundle.Files(io.BytesIO()) as files:
        for member in bundle.members([pack(contents)]):
            files.add(member)
        assert files["b"] == contents["b"]
        assert dict(files) == contents
        assert files.digests == bundle.digests_of(contents)
        assert files.total == 100_001
        out = io.BytesIO()
        files.pack(out)
    assert out.getvalue() == pack(contents)
