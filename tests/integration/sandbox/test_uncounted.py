"""What takes room without showing in any size: each escapes first, and is then counted or refused.

Memory of files without a name and of System V, pipes, names without files. ``plain`` has
resource limits and the sampler, as every launcher without control groups had.
"""

import pytest

from tests.integration.sandbox.conftest import python
from tests.integration.sandbox.scene import Running

_MB = 300
_MEMFD = f"""
import os
fd = os.memfd_create("x")
for _ in range({2 * _MB}):
    os.write(fd, b"x" * (1 << 20))
import time; time.sleep(1)
"""
_SYSV = f"""
import ctypes, time
libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
libc.shmdt.argtypes = libc.shmat.argtypes = None
for _ in range({2 * _MB} // 50):
    segment = libc.shmget(0, ctypes.c_size_t(50 << 20), 0o1600)
    if segment < 0:
        raise OSError(ctypes.get_errno(), "shmget")
    at = libc.shmat(segment, None, 0)
    ctypes.memset(at, 1, 50 << 20)
    libc.shmctl(segment, 0, None)  # removed with its last user, should the test end here
    held = locals().setdefault("all", [])
    held.append(at)
time.sleep(1)
"""
_PIPES = """
import os, time
held = []
for _ in range(1900):
    read, write = os.pipe()
    os.set_blocking(write, False)
    held += read, write
    try:
        os.write(write, b"x" * 65536)
    except BlockingIOError:
        pass
time.sleep(4)
"""
_NAMES = """
import os
open("OUT/first", "w").close()
for number in range(100_000):
    os.link("OUT/first", f"OUT/name-{number}")
"""
_FILES = """
import os
for number in range(100_000):
    open(f"/tmp/{number}", "w").close()
"""


def test_memory_without_a_name_escapes_without_the_defence(plain: Running):
    if plain.launcher.ping().limits_by != "rlimit":
        pytest.skip("a control group counts it")
    done = python(plain, _MEMFD, memory_mb=_MB, file_mb=3 * _MB)
    assert done.run.outcome == "ok"
    assert done.run.peak_bytes < _MB << 20


@pytest.mark.parametrize("taking", [_MEMFD, _SYSV], ids=["memfd", "sysv"])
def test_memory_without_a_name_is_counted_or_refused(sandboxed: Running, taking: str):
    done = python(sandboxed, taking, memory_mb=_MB, file_mb=3 * _MB)
    if sandboxed.launcher.ping().limits_by == "rlimit":
        assert (done.run.outcome, "OSError" in done.files["error.json"]["where"]) == (
            "failed",
            True,
        )
    else:
        assert done.run.outcome == "memory"


def test_full_pipes_are_counted(sandboxed: Running):
    """1,900 of them hold 75 MB, in the kernel; a Python that does nothing takes 10."""
    done = python(sandboxed, _PIPES, memory_mb=60)
    assert done.run.outcome == "memory"


def test_names_without_files_fill_an_outbox(sandboxed: Running, plain: Running):
    with plain.launcher.job() as job:
        names = _NAMES.replace("OUT", str(job.outbox)).replace("100_000", "9000")
        statements = names.replace("\n", "\n    ")
        plain.write(
            job.inbox / "scoring" / "score.py",
            f"def score(a, d):\n    {statements}\n    return []\n",
        )
        assert job.run("score").outcome == "ok"  # 10 MB of names, by the sampler's count
    assert python(sandboxed, _NAMES.replace("OUT", "/out")).run.outcome == "disk"


def test_empty_files_fill_a_temporary_folder(sandboxed: Running):
    where = python(sandboxed, _FILES).files["error.json"]["where"]
    assert "OSError" in where
