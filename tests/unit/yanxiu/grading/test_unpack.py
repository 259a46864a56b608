"""What may come out of a tar, and that the rest leaves nothing behind."""

import tarfile

import pytest
from yanxiu.grading.unpack import ArchiveLimits, BadArchive, unpack, without_folder, write


def member(name, kind=tarfile.REGTYPE, *, size=0, link=""):
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    return info


def test_plain_files_come_out_sorted(make):
    files = unpack(make.tar({"data/分数.csv": b"1", "a1.ipynb": b"{}"}))
    assert files == {"a1.ipynb": b"{}", "data/分数.csv": b"1"}
    assert list(files) == ["a1.ipynb", "data/分数.csv"]


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../escape",
        "a/../../escape",
        "a//b",
        "./a",
        ".",
        "",
        "a\\..\\b",
        "a\nb",
        "cafe\u0301.csv",  # NFD: looks like another name that may be there too
        "x" * 256,
        "字" * 86,  # 258 bytes
        "/".join("abcdefghijklm"),  # 13 deep
    ],
)
def test_a_name_that_is_not_a_plain_relative_path_is_refused(make, name):
    with pytest.raises(BadArchive, match="name"):
        unpack(make.tar({name: b""}))


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.DIRTYPE,
        tarfile.FIFOTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.CONTTYPE,
    ],
)
def test_only_regular_files_are_taken(make, kind):
    with pytest.raises(BadArchive, match="kind"):
        unpack(make.tar({}, odd=member("answers.json", kind, link="/etc/passwd")))


def test_a_sparse_file_that_claims_a_terabyte_is_refused(make):
    assert member("big", tarfile.GNUTYPE_SPARSE).isreg(), "tarfile itself would take it"
    with pytest.raises(BadArchive):
        unpack(make.tar({}, odd=member("big", tarfile.GNUTYPE_SPARSE)))


@pytest.mark.parametrize(
    "names", [("a", "a"), ("a", "a/b"), ("a/b", "a"), ("a/b/c", "a")], ids="-".join
)
def test_two_names_cannot_share_a_place(make, names):
    files = [member(name) for name in names]
    with pytest.raises(BadArchive, match="duplicate"):
        unpack(make.tar({}, first=files[0], second=files[1]))


@pytest.mark.parametrize(
    "count, size, code",
    [(3, 10, None), (4, 1, "too_many"), (3, 11, "too_large")],
)
def test_number_and_size_have_an_edge(make, count, size, code):
    archive = make.tar({f"f{number}": b"x" * size for number in range(count)})
    limits = ArchiveLimits(files=3, total_bytes=30)
    if code is None:
        assert len(unpack(archive, limits)) == count
    else:
        with pytest.raises(BadArchive, match=code):
            unpack(archive, limits)


def test_what_is_no_tar_is_refused(make):
    for archive in (
        b"PK\x03\x04 a zip",
        b"\x1f\x8b\x08 a gzip",
        make.tar({"a": b"x" * 2000})[:900],
    ):
        with pytest.raises(BadArchive, match="not_a_tar"):
            unpack(archive)


def test_written_files_replace_nothing_and_follow_no_link(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("safe")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link").symlink_to(outside)
    write({"data/x.csv": b"1"}, folder)
    assert (folder / "data" / "x.csv").read_bytes() == b"1"
    for name in ("link", "data/x.csv"):
        with pytest.raises(FileExistsError):
            write({name: b"2"}, folder)
    assert outside.read_text() == "safe"


def test_a_common_folder_is_taken_off_only_if_all_files_lie_in_it():
    assert without_folder({"a1/x": b"", "a1/y": b""}, "a1") == {"x": b"", "y": b""}
    assert without_folder({"a1/x": b"", "a2": b""}, "a1") == {"a1/x": b"", "a2": b""}
