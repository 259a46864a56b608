"""What processes hold that no name shows."""

import mmap
import os
import socket
from pathlib import Path

import pytest
from yanxiu.sandbox.held import Disk, Meter, look, mapped
from yanxiu.settings.limits import SERVER

MB = 1 << 20
OWN = [os.getpid()]


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    found = Disk.of(tmp_path, SERVER)
    assert found
    return found


def unnamed(folder: Path) -> int:
    """Return a file of 1 MB without a name."""
    fd = os.open(folder / "file", os.O_CREAT | os.O_RDWR)
    os.write(fd, b"x" * MB)
    (folder / "file").unlink()
    return fd


def test_a_deleted_file_that_is_open_counts_once_and_only_on_its_own_disk(tmp_path, disk):
    before = sum(look(OWN, disk).deleted.values())
    fd = unnamed(tmp_path)
    twice = os.dup(fd)
    try:
        assert sum(look(OWN, disk).deleted.values()) - before == MB
        assert look(OWN).deleted == {}
        assert look(OWN, Disk(disk.device + 1, MB)).deleted == {}
    finally:
        os.close(fd)
        os.close(twice)


def test_a_deleted_file_that_is_only_mapped_counts_whole(tmp_path, disk):
    fd = unnamed(tmp_path)
    inode = os.fstat(fd).st_ino
    with mmap.mmap(fd, 4096):
        os.close(fd)
        # Who may not look through the mapping counts as much as a file may be.
        assert mapped(OWN, disk)[inode] in (MB, SERVER.file_mb * MB)
    assert inode not in mapped(OWN, disk)


def test_a_descriptor_that_stays_on_its_way_counts_as_a_whole_file(tmp_path, disk):
    watch = Meter(disk, every_s=0)
    watch.look(lambda: OWN)
    before = watch.deleted
    here, there = socket.socketpair()
    with here, there:
        fd = unnamed(tmp_path)
        socket.send_fds(here, [b"x"], [fd])
        os.close(fd)
        watch.look(lambda: OWN)
        assert watch.deleted == before, "it may be on its way to somebody"
        watch.look(lambda: OWN)
        assert watch.deleted - before == SERVER.file_mb * MB
    watch.look(lambda: OWN)
    assert watch.deleted == before


def test_a_home_that_is_not_there_is_on_no_disk(tmp_path):
    assert Disk.of(tmp_path / "nobody", SERVER) is None
