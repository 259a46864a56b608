"""What is taken out of the service's tars: regular files of plain names, and no more than fits."""

import io
import tarfile

import pytest
from nbgrader_yanxiu import archive
from nbgrader_yanxiu.archive import BadArchive, unpack
from nbgrader_yanxiu.bundle import to_tar


def tar_of(name, kind=tarfile.REGTYPE, content=b"x"):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo(name)
        member.type, member.linkname = kind, "/etc/passwd"
        member.size = len(content) if kind == tarfile.REGTYPE else 0
        tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def test_files_come_back_as_they_were_packed():
    files = {"u1/a.txt": b"1", "u1/数据/b.txt": b"2"}
    assert unpack(to_tar(files)) == files
    assert unpack(to_tar(files), strip_top=True) == {"a.txt": b"1", "数据/b.txt": b"2"}


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../a", "a/../b", "a//b", "./a", "a\\b", "a\nb", "cafe\u0301"]
)
def test_strange_names_are_refused(name):
    with pytest.raises(BadArchive):
        unpack(tar_of(name))


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE]
)
def test_what_is_no_file_is_refused(kind):
    with pytest.raises(BadArchive):
        unpack(tar_of("a", kind))


@pytest.mark.parametrize("files", [{"a.txt": b"1"}, {"u1/a": b"1", "u2/b": b"2"}, {}])
def test_a_release_has_one_folder(files):
    with pytest.raises(BadArchive):
        unpack(to_tar(files), strip_top=True)


def test_half_an_archive_or_none_is_refused():
    whole = to_tar({"a.txt": b"x" * 5000})
    for content in (whole[:2000], b"<html>", b"x" * 2000):
        with pytest.raises(BadArchive):
            unpack(content)


def test_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(archive, "MAX_FILES", 2)
    monkeypatch.setattr(archive, "MAX_BYTES", 10)
    assert len(unpack(to_tar({"a": b"12345", "b": b"12345"}))) == 2
    for files in ({"a": b"1", "b": b"1", "c": b"1"}, {"a": b"123456", "b": b"12345"}):
        with pytest.raises(BadArchive):
            unpack(to_tar(files))
